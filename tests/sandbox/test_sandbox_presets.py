"""Faults by name, and variants that change while the sandbox runs."""

from typing import Any

import httpx2
import pytest
from sandbox_client import AR, DETAILS, MODEL, SILO, SPIN, VIEWER, Api, Start, unique

from catalogsync.sandbox import SandboxSettings
from catalogsync.sandbox.faults import Faults
from catalogsync.sandbox.presets import PRESETS
from catalogsync.sandbox.variants import CHANGEABLE, changed, shown


@pytest.fixture
def faulty(start: Start) -> Api:
    return start(page_size=2)


def listed(api: Api, page: int = 1) -> list[str]:
    return [row["unicode"] for row in api.json("GET", DETAILS, params={"page": page})["results"]]


@pytest.mark.parametrize(
    ("name", "status", "says", "retry_after"),
    [
        ("rate-limited", 429, "Rate limit exceeded \\u2014", None),
        ("rate-limited-wait", 429, "Rate limit exceeded", "1"),
        ("server-error", 500, "Internal server error", None),
        ("bad-gateway", 502, "<html>", None),
    ],
)
def test_the_api_refuses(faulty: Api, name: str, status: int, says: str, retry_after: str | None) -> None:
    faulty.faults({"name": name, "times": 2})
    answers = [faulty.call("GET", DETAILS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert says in answers[0].text
    assert answers[0].headers.get("Retry-After") == retry_after
    assert faulty.log()["requests"][0]["fault"] == name


@pytest.mark.parametrize("name", ["reset", "lost-answer"])
def test_a_connection_breaks_before_or_after_the_work(faulty: Api, name: str) -> None:
    faulty.faults({"name": name})
    with pytest.raises(httpx2.TransportError):
        faulty.create()
    assert len(listed(faulty)) == (name == "lost-answer")


def test_a_lost_answer_is_one_of_a_write(faulty: Api) -> None:
    faulty.faults({"name": "lost-answer"})
    assert faulty.call("GET", DETAILS).status_code == 200


def test_a_slow_call_can_be_slowed_to_taste(faulty: Api) -> None:
    faulty.faults({"name": "slow", "seconds": 0.05})
    assert faulty.call("GET", DETAILS).elapsed.total_seconds() >= 0.05


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("expired-form", 403, "Policy expired."),
        ("slow-down", 503, "SlowDown"),
        ("too-large", 400, "EntityTooLarge"),
        ("wrong-signature", 403, "SignatureDoesNotMatch"),
        ("access-denied", 403, "AccessDenied"),
    ],
)
def test_the_bucket_refuses(faulty: Api, name: str, status: int, code: str) -> None:
    form = faulty.create()["presigned_url_prop_user_file"]
    faulty.faults({"name": name})
    answer = faulty.send(form, MODEL)
    assert (answer.status_code, code in answer.text) == (status, True)
    assert faulty.send(form, MODEL).status_code == 204


def test_an_upload_is_cut_in_the_middle_of_the_file(faulty: Api) -> None:
    data = faulty.create()
    faulty.faults({"name": "upload-reset"})
    with pytest.raises(httpx2.TransportError):
        faulty.send(data["presigned_url_prop_user_file"], MODEL + bytes(8_000_000))
    assert faulty.mark(data).status_code == 400


def test_pages_shift_while_they_are_read(faulty: Api) -> None:
    newest_first = [faulty.create()["unicode"] for _ in range(5)][::-1]
    assert listed(faulty) + listed(faulty, 2) + listed(faulty, 3) == newest_first
    faulty.faults({"name": "page-lost"})
    assert listed(faulty, 2) == newest_first[3:5]
    faulty.faults({"name": "page-doubled"})
    assert listed(faulty, 2) == newest_first[1:3]


@pytest.mark.parametrize(
    ("name", "word", "image"),
    [
        ("content-failed", "Failed", "Failed"),
        ("content-infected", "Infected", "Failed"),
        ("content-disabled", "Disabled", "Disabled"),
        ("content-unknown", "Paused", "Paused"),
    ],
)
def test_content_ends_in_a_given_word(faulty: Api, name: str, word: str, image: str) -> None:
    sku = unique("SKU")
    data = faulty.finalized(sku_id=sku)
    faulty.faults({"name": name, "times": 2})
    faulty.generate(data, VIEWER, AR, SPIN, SILO)
    render_id = faulty.render(sku).json()["data"]["render_id"]
    faulty.finish()
    status = faulty.status(data)
    assert (status["product_3d_status"], status["product_ar_status"]) == (word, word)
    assert {one["status"] for one in status["product_silo_images_status"]} == {image}
    assert faulty.shared(data)["product_silo_images"] == []
    page = faulty.json("GET", "/v1/product/render-images/", params={"render_id": render_id})
    assert {one["status"] for one in page["results"]} == {image}


def test_content_stays_empty_for_ever(faulty: Api) -> None:
    data = faulty.finalized()
    faulty.faults({"name": "content-empty"})
    faulty.generate(data, VIEWER, SPIN, SILO)
    faulty.finish()
    status = faulty.status(data)
    assert status["product_3d_status"] == "Blender Processing"
    assert status["product_silo_images_status"] == status["product_threesixty_status"] == []


def test_identifiers_of_deleted_products_are_held_or_freed(faulty: Api) -> None:
    def is_taken() -> bool:
        sku = unique("SKU")
        faulty.call("DELETE", f"{DETAILS}{faulty.create(sku_id=sku)['unicode']}/")
        form = {"sku_id": sku, "prop_data_user_file_name": "a.glb"}
        return faulty.call("POST", DETAILS, data=form).status_code == 400

    taken = []
    for name in ("deleted-held", "deleted-freed"):
        faulty.faults({"name": name})
        taken.append(is_taken())
    assert taken == [True, False]


def test_unfinished_products_go_from_the_list_and_clearing_brings_them_back(faulty: Api) -> None:
    unicode = faulty.create()["unicode"]
    faulty.faults({"name": "unfinished-unlisted"})
    assert listed(faulty) == []
    assert faulty.raw.get("/sandbox/faults").json()["variants"] == {"list_unfinished": False}
    faulty.raw.delete("/sandbox/faults")
    assert listed(faulty) == [unicode]


def test_credits_end(faulty: Api) -> None:
    faulty.faults({"name": "no-credits"})
    assert faulty.call("GET", DETAILS).status_code == 402


def test_of_a_share_the_seed_draws_the_same_ones() -> None:
    def drawn(seed: int) -> list[bool]:
        faults = Faults()
        faults.add([{"do": "reset", "share": 0.1, "seed": seed}])
        return [faults.take("GET", "/") is not None for _ in range(1000)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert 50 < sum(drawn(1)) < 150


def test_a_share_ends_after_its_times() -> None:
    faults = Faults()
    faults.add([{"do": "reset", "share": 0.5, "seed": 1, "times": 3}])
    assert sum(faults.take("GET", "/") is not None for _ in range(100)) == 3
    assert faults.as_json() == []


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_set(faulty: Api, name: str) -> None:
    faulty.faults({"name": name})
    told = faulty.raw.get("/sandbox/faults").json()
    assert [rule["name"] for rule in told["rules"]] == ([name] if PRESETS[name].rule else [])
    assert {preset["name"] for preset in told["presets"]} == PRESETS.keys()


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"name": "nothing"}, "there is no fault 'nothing'"),
        ({"name": "deleted-held", "times": 2}, "it holds until faults are cleared"),
        ({"name": "reset", "status": 500}, "a fault with a name takes times"),
        ({"do": "reset", "times": "x"}, "times is a number"),
        ({"do": "reset", "share": 2}, "share is between 0 and 1"),
        ({"do": "status", "status": 99}, "status is between"),
        ({"do": "status", "headers": {"A": 1}}, "headers is an object of texts"),
        ({"do": "reset", "path": 1}, "path is a text"),
        ({"do": "reset", "seed": 0.5}, "seed is an integer"),
        ({"do": "reset", "drawn": 1}, "unknown drawn"),
    ],
)
def test_a_rule_with_a_wrong_value_is_refused_and_nothing_is_set(faulty: Api, rule: dict[str, Any], says: str) -> None:
    answer = faulty.raw.post("/sandbox/faults", json={"rules": [{"name": "deleted-held"}, rule]})
    assert answer.status_code == 400
    assert says in answer.json()["error"]
    told = faulty.raw.get("/sandbox/faults").json()
    assert (told["rules"], told["variants"]) == ([], {})


def test_variants_change_while_it_runs(faulty: Api) -> None:
    for _ in range(3):
        faulty.create()
    told = faulty.raw.patch("/sandbox/variants", json={"page_size": 1, "origin_status": 403}).json()
    assert (told["page_size"], told["origin_status"]) == (1, 403)
    assert len(listed(faulty)) == 1
    assert faulty.call("GET", DETAILS, headers={"Origin": "elsewhere"}).status_code == 403
    assert faulty.raw.get("/sandbox/variants").json() == told
    faulty.raw.patch("/sandbox/variants", json={"rate_limit": 1})
    assert 429 in [faulty.call("GET", DETAILS).status_code for _ in range(4)]


@pytest.mark.parametrize("name", CHANGEABLE)
@pytest.mark.parametrize("wrong", ["x", -1, float("nan"), [], {}])
def test_a_variant_takes_no_value_of_another_kind(tmp_path: Any, name: str, wrong: object) -> None:
    with pytest.raises(ValueError, match=name):
        changed(SandboxSettings(tmp_path), {name: wrong})


@pytest.mark.parametrize("name", ["data", "port", "credits", "image_size", "nothing"])
def test_other_settings_stay(tmp_path: Any, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be changed"):
        changed(SandboxSettings(tmp_path), {name: 1})


def test_the_defaults_are_values_of_their_variants(tmp_path: Any) -> None:
    settings = SandboxSettings(tmp_path)
    assert changed(settings, shown(settings)) == settings
