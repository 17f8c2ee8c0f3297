"""Scripted faults, the request log and the other controls."""

import httpx2
import pytest
from sandbox_client import DETAILS, MODEL, Api, unique

from catalogsync.sandbox.faults import Faults

LIST = {"method": "GET", "path": DETAILS}
CREATE = {"method": "POST", "path": DETAILS}


@pytest.fixture
def faulty(api: Api) -> Api:
    api.raw.delete("/sandbox/faults")
    return api


def test_a_status_fault_answers_without_doing_the_work(faulty: Api) -> None:
    sku = unique("SKU")
    form = {"sku_id": sku, "prop_data_user_file_name": "a.glb"}
    faulty.faults({"match": CREATE, "do": "status", "status": 503, "body": "<html>..", "headers": {"Retry-After": "1"}})
    answer = faulty.call("POST", DETAILS, data=form)
    assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (503, "<html>..", "1")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert faulty.json("GET", DETAILS, params={"sku_id": sku})["count"] == 0
    assert faulty.call("POST", DETAILS, data=form).status_code == 201


def test_a_refused_call_costs_a_credit_like_any_answer(faulty: Api) -> None:
    before = faulty.account()["credits"]
    faulty.faults({"match": LIST, "do": "status", "status": 429, "times": 2})
    assert faulty.call("GET", DETAILS).status_code == 429
    assert faulty.call("GET", DETAILS, key="sk_unknown").status_code == 429
    assert faulty.account()["credits"] == before - 1


def test_a_lost_answer_was_worked_for(faulty: Api) -> None:
    sku = unique("SKU")
    faulty.faults({"match": CREATE, "do": "lose"})
    with pytest.raises(httpx2.RemoteProtocolError):
        faulty.call("POST", DETAILS, data={"sku_id": sku, "prop_data_user_file_name": "a.glb"})
    assert faulty.json("GET", DETAILS, params={"sku_id": sku})["count"] == 1
    entry = next(row for row in reversed(faulty.log()["requests"]) if row["fault"] == "lose")
    assert (entry["method"], entry["status"], entry["key"]) == ("POST", 201, "secret")


def test_a_reset_connection_was_not_worked_for(faulty: Api) -> None:
    sku = unique("SKU")
    faulty.faults({"match": CREATE, "do": "reset"})
    with pytest.raises(httpx2.TransportError):
        faulty.call("POST", DETAILS, data={"sku_id": sku, "prop_data_user_file_name": "a.glb"})
    assert faulty.json("GET", DETAILS, params={"sku_id": sku})["count"] == 0


def test_a_delayed_call_goes_on(faulty: Api) -> None:
    faulty.faults({"match": LIST, "do": "delay", "seconds": 0.05})
    answer = faulty.call("GET", DETAILS)
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() >= 0.05


@pytest.mark.parametrize(
    ("status", "code", "shown"),
    [(503, "", "SlowDown"), (500, "", "InternalError"), (403, "ExpiredToken", "ExpiredToken")],
)
def test_an_s3_fault_stores_nothing(faulty: Api, status: int, code: str, shown: str) -> None:
    data = faulty.create(thumbnail_name="")
    faulty.faults({"match": {"path": "/bucket/"}, "do": "s3", "status": status, "code": code})
    answer = faulty.send(data["presigned_url_prop_user_file"], MODEL)
    assert answer.status_code == status
    assert f"<Code>{shown}</Code>" in answer.text
    assert faulty.mark(data).status_code == 400
    faulty.upload(data)
    assert faulty.mark(data).status_code == 200


def test_rules_match_patterns_skip_and_count_down() -> None:
    faults = Faults()
    faults.add([{"match": {"method": "P*", "path": "/v1/*/details/*"}, "do": "reset", "times": 2, "after": 1}])
    paths = ["/v1/product/details/", "/v1/product/details/x/", "/v1/product/job/"]
    assert faults.take("GET", paths[0]) is None
    taken = [faults.take("PATCH", path) is not None for path in (*paths, *paths)]
    assert taken == [False, True, False, True, False, False]
    assert faults.as_json() == []


def test_the_first_matching_rule_is_used() -> None:
    faults = Faults()
    faults.add([{"do": "status", "status": 500}, {"do": "status", "status": 503}])
    taken = [faults.take("GET", "/") for _ in range(3)]
    assert [rule and rule.status for rule in taken] == [500, 503, None]


@pytest.mark.parametrize(
    "body", [{}, {"rules": ["x"]}, {"rules": [{"do": "explode"}]}, {"rules": [{"do": "lose", "x": 1}]}]
)
def test_a_rule_that_is_none_is_refused(faulty: Api, body: object) -> None:
    answer = faulty.raw.post("/sandbox/faults", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("rules: ")


def test_clearing_ends_all_faults(faulty: Api) -> None:
    faulty.faults({"do": "reset", "times": 9})
    assert faulty.raw.get("/sandbox/faults").json()["rules"][0]["times"] == 9
    assert faulty.raw.delete("/sandbox/faults").status_code == 204
    assert faulty.call("GET", DETAILS).status_code == 200


def test_the_log_tells_method_path_status_key_and_credits(api: Api) -> None:
    after = api.log()["requests"][-1:]
    last = after[0]["id"] if after else 0
    left = api.json("GET", DETAILS, params={"search": "x"}, key=api.endpoints.public_key)["api_hits_available"]
    api.call("GET", DETAILS, key="sk_unknown")
    rows = api.raw.get("/sandbox/log", params={"after": last}).json()["requests"]
    names = ("method", "path", "query", "status", "key", "credits", "fault")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("GET", DETAILS, "search=x", 200, "public", left, None),
        ("GET", DETAILS, "", 401, None, None, None),
    ]


@pytest.mark.parametrize("host", ["evil.example", "192.168.1.1:80"])
def test_controls_are_for_this_machine_only(api: Api, host: str) -> None:
    assert api.raw.get("/sandbox/log", headers={"Host": host}).status_code == 403


def test_controls_take_json_only(api: Api) -> None:
    assert api.raw.post("/sandbox/clock", data={"advance": "5"}).status_code == 400
    assert api.raw.post("/sandbox/clock", json={"advance": -1}).status_code == 400
    assert api.raw.post("/sandbox/clock", json=[]).status_code == 400
