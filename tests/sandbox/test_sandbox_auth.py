"""Keys, origins, scopes, credits and rate: who is let in, and what it costs."""

from typing import Any

import pytest
from sandbox_client import DETAILS, SILO, Api, Start

from catalogsync.sandbox.auth import RateLimit, check_origin
from catalogsync.sandbox.calls import Refusal, Unauthorized

NOWHERE = "00000000-0000-4000-8000-000000000000"
WRITES: list[tuple[str, str, dict[str, Any], str]] = [
    ("POST", DETAILS, {"data": {"prop_data_user_file_name": "a.glb"}}, "Product: Create"),
    (
        "PATCH",
        f"{DETAILS}{NOWHERE}/",
        {"json": {"action": "mark_upload_success"}},
        "Product: Create or Product: Update",
    ),
    ("PATCH", f"{DETAILS}{NOWHERE}/", {"data": {"name": "x"}}, "Product: Update"),
    ("DELETE", f"{DETAILS}{NOWHERE}/", {}, "Product: Delete"),
    ("POST", "/v1/product/job/", {"json": {}}, "Product: Generate Content"),
    ("POST", "/v1/product/create-images/", {"json": {}}, "Product: Generate Content"),
    ("PATCH", "/v1/product/render-content/archive/", {"json": {}}, "Content: Update"),
]
READS = [
    ("GET", DETAILS, "Product: Read"),
    ("GET", "/v1/product/status/", "Content: Read"),
    ("GET", "/v1/product/shared-content/", "Content: Read"),
    ("GET", "/v1/product/render-images/", "Content: Read"),
]


@pytest.mark.parametrize("key", ["", "sk_wrong", "pk_wrong"])
def test_an_unknown_key_is_unauthorized_and_costs_nothing(api: Api, key: str) -> None:
    before = api.account()["credits"]
    answer = api.call("GET", DETAILS, key=key)
    assert (answer.status_code, answer.json()) == (401, {"error": "Invalid API key."})
    assert api.account()["credits"] == before


def test_a_key_without_its_prefix_is_unauthorized(api: Api) -> None:
    answer = api.call("GET", DETAILS, headers={"Authorization": api.endpoints.secret_key})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("registered", "sent", "allowed"),
    [
        ("shop.example", "shop.example", True),
        ("shop.example", "https://shop.example", True),
        ("shop.example", "https://SHOP.example/", True),
        ("shop.example", "http://shop.example:3000", True),
        ("https://shop.example", "shop.example", True),
        ("localhost:3000", "localhost", True),
        ("localhost:3000", "http://localhost:3000", True),
        ("localhost:3000", "localhost:4000", False),
        ("shop.example", "evil.example", False),
        ("shop.example", "shop.example.evil", False),
        ("shop.example", "sub.shop.example", False),
        ("shop.example", "", False),
        ("shop.example", "http://[broken", False),
    ],
)
def test_the_origin_must_be_the_registered_domain(registered: str, sent: str, allowed: bool) -> None:
    if allowed:
        check_origin(registered, sent, 401)
    else:
        with pytest.raises(Unauthorized) as refusal:
            check_origin(registered, sent, 401)
        assert (sent or "missing Origin") in refusal.value.answer.body["error"]


def test_a_wrong_origin_is_unauthorized_by_name(api: Api) -> None:
    answer = api.call("GET", DETAILS, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 401
    assert answer.json() == {"error": "Origin 'https://evil.example' is not allowed for this API key."}


@pytest.mark.parametrize(("method", "path", "request_", "scope"), WRITES)
def test_a_public_key_cannot_write(api: Api, method: str, path: str, request_: dict[str, Any], scope: str) -> None:
    answer = api.call(method, path, key=api.endpoints.public_key, **request_)
    assert answer.status_code == 403
    assert answer.json()["message"] == "This operation requires a secret key. Public keys are read-only."


def test_a_missing_scope_is_named(start: Start) -> None:
    api = start()
    api.account(scopes={"secret": [], "public": []})
    calls = [*WRITES, *((method, path, {}, scope) for method, path, scope in READS)]
    for method, path, request, scope in calls:
        answer = api.call(method, path, **request)
        assert (answer.status_code, answer.json()["status"]) == (403, False)
        assert answer.json()["message"] == f"This API key lacks the required scope: {scope}."


@pytest.mark.parametrize("scope", ["Product: Create", "Product: Update"])
def test_marking_needs_only_one_of_two_scopes(start: Start, scope: str) -> None:
    api = start()
    api.account(scopes={"secret": [scope]})
    assert api.mark({"unicode": NOWHERE}).status_code == 404


def test_every_answered_call_costs_one_credit_whatever_its_status(start: Start) -> None:
    api = start(credits=100)
    answers = [
        api.call("GET", DETAILS),
        api.call("POST", DETAILS, data={}),
        api.mark({"unicode": NOWHERE}),
        api.call("DELETE", f"{DETAILS}x/", key=api.endpoints.public_key),
    ]
    assert [answer.json()["api_hits_available"] for answer in answers] == [99, 98, 97, 96]
    assert api.call("GET", DETAILS, headers={"Origin": "evil.example"}).status_code == 401
    assert api.account()["credits"] == 95


def test_uploads_media_pages_and_control_cost_nothing(start: Start) -> None:
    api = start(credits=100, job_seconds=0)
    data = api.finalized()
    api.generate(data, SILO)
    api.finish()
    shared = api.shared(data)
    before = api.account()["credits"]
    for url in (shared["thumbnail_url"], shared["product_silo_images"][0]["image_url"], "/", "/sandbox/log"):
        assert api.raw.get(url).status_code == 200
    api.send(data["presigned_url_prop_user_file"], b"glTF")
    assert api.account()["credits"] == before == 96


def test_without_credits_calls_are_refused(start: Start) -> None:
    api = start(credits=1)
    assert api.json("GET", DETAILS)["api_hits_available"] == 0
    answer = api.call("GET", DETAILS)
    assert answer.status_code == 402
    assert answer.json()["status"] is False
    assert answer.json()["api_hits_available"] == 0
    assert "credits" in answer.json()["message"]


def test_the_rate_limit_counts_each_second_anew() -> None:
    limit = RateLimit()
    limit.check(10.0, 2)
    limit.check(10.5, 2)
    with pytest.raises(Refusal) as refusal:
        limit.check(10.9, 2)
    assert (refusal.value.answer.status, refusal.value.headers) == (429, {"Retry-After": "1"})
    limit.check(11.0, 2)


def test_no_rate_limit_lets_everything_through() -> None:
    limit = RateLimit()
    for _ in range(100):
        limit.check(10.0, None)


def test_a_rate_limited_call_is_told_when_to_retry(start: Start) -> None:
    api = start(rate_limit=0)
    answer = api.call("GET", DETAILS)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    assert answer.json()["message"].startswith("Rate limit exceeded")


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_origin_may_be_answered_either_way(start: Start, status: int) -> None:
    answer = start(origin_status=status).call("GET", DETAILS, headers={"Origin": "evil.example"})
    assert answer.status_code == status
    assert "evil.example" in answer.json()["error"]


@pytest.mark.parametrize("status", [402, 403, 429])
def test_missing_credits_may_be_answered_in_several_ways(start: Start, status: int) -> None:
    answer = start(credits=0, no_credits_status=status).call("GET", DETAILS)
    assert (answer.status_code, answer.json()["api_hits_available"]) == (status, 0)
