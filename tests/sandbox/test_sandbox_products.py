"""Products: uniqueness, deletion, listing, paging, and the variants of each."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sandbox_client import DETAILS, Api, Start, unique

MODEL_NAME = {"prop_data_user_file_name": "a.glb"}
TAKEN = {"sku_id": "Sku id already exists.", "gtin": "This gtin already exists."}


def patch(api: Api, data: dict[str, Any], **fields: str) -> Any:
    return api.call("PATCH", f"{DETAILS}{data['unicode']}/", data=fields)


@pytest.mark.parametrize("column", TAKEN)
def test_an_identifier_can_be_taken_once(api: Api, column: str) -> None:
    value = unique("V")
    first, second = api.create(**{column: value}), api.create()
    for answer in (api.call("POST", DETAILS, data=MODEL_NAME | {column: value}), patch(api, second, **{column: value})):
        assert (answer.status_code, answer.json()["message"]) == (400, TAKEN[column])
    assert patch(api, first, **{column: value}).status_code == 200


@pytest.mark.parametrize("column", TAKEN)
def test_a_released_identifier_is_free_at_once(api: Api, column: str) -> None:
    value = unique("V")
    first, second = api.create(**{column: value}), api.create()
    assert patch(api, first, **{column: ""}).status_code == 200
    assert patch(api, second, **{column: value}).json()["data"][column] == value


def test_identifiers_are_compared_exactly(api: Api) -> None:
    value = unique("sku")
    api.create(sku_id=value)
    assert api.create(sku_id=value.upper())["sku_id"] == value.upper()


def test_names_and_empty_identifiers_are_not_unique(api: Api) -> None:
    assert api.create(name="Same", sku_id="", gtin="")["sku_id"] is None
    assert api.create(name="Same", sku_id="", gtin="")["gtin"] is None


def test_only_one_of_many_concurrent_creates_takes_a_sku(api: Api) -> None:
    form = MODEL_NAME | {"sku_id": unique("RACE")}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.call("POST", DETAILS, data=form).status_code, range(24)))
    assert sorted(answers) == [201] + [400] * 23


@pytest.mark.parametrize("column", TAKEN)
def test_deleting_frees_the_identifiers(api: Api, column: str) -> None:
    value = unique("V")
    api.call("DELETE", f"{DETAILS}{api.create(**{column: value})['unicode']}/")
    assert api.create(**{column: value})[column] == value


@pytest.mark.parametrize("column", TAKEN)
def test_deleted_products_may_hold_their_identifiers_until_the_grace_period_ends(start: Start, column: str) -> None:
    api = start(hold_deleted=True, grace_days=2)
    api.call("DELETE", f"{DETAILS}{api.create(**{column: 'V'})['unicode']}/")
    answer = api.call("POST", DETAILS, data=MODEL_NAME | {column: "V"})
    assert (answer.status_code, answer.json()["message"]) == (400, TAKEN[column])
    assert api.json("GET", DETAILS)["count"] == 0
    api.advance(2 * 86_400 + 1)
    assert api.create(**{column: "V"})[column] == "V"


def test_unfinished_products_are_listed_unless_told_otherwise(start: Start) -> None:
    api = start()
    api.create()
    assert api.json("GET", DETAILS)["count"] == 1


def test_unfinished_products_may_be_hidden_from_the_list(start: Start) -> None:
    api = start(list_unfinished=False)
    data = api.create(sku_id="S")
    assert api.json("GET", DETAILS, params={"sku_id": "S"})["count"] == 0
    assert api.status(data)["sku_id"] == "S"
    api.upload(data)
    api.mark(data)
    assert api.json("GET", DETAILS)["count"] == 1


def test_pages_link_to_each_other(start: Start) -> None:
    api = start(page_size=2)
    made = [api.create(name="Lamp")["unicode"] for _ in range(5)]
    pages = [api.json("GET", DETAILS, params={"search": "lamp", "page": str(page)}) for page in (1, 2, 3)]
    assert [row["unicode"] for page in pages for row in page["results"]] == made[::-1]
    link = f"{api.endpoints.url}{DETAILS}?search=lamp&page="
    assert [(page["previous_link"], page["next_link"]) for page in pages] == [
        (None, f"{link}2"),
        (f"{link}1", f"{link}3"),
        (f"{link}2", None),
    ]
    for page in pages:
        assert (page["count"], page["total_pages"]) == (5, 3)
        assert (page["first_page_link"], page["last_page_link"]) == (f"{link}1", f"{link}3")


def test_an_empty_list_has_one_page(start: Start) -> None:
    page = start().json("GET", DETAILS)
    assert (page["count"], page["total_pages"], page["current_page_number"], page["results"]) == (0, 1, 1, [])


def test_page_links_may_name_another_host(start: Start) -> None:
    page = start(foreign_links=True).json("GET", DETAILS)
    assert page["current_page_link"].startswith("http://staging-api.imagine.io/")


def test_file_names_cannot_leave_their_folder(api: Api) -> None:
    data = api.create(prop_data_user_file_name="../../evil name.glb", thumbnail_name="")
    key = data["presigned_url_prop_user_file"]["fields"]["key"]
    assert key.endswith("/0/prop_data_evil_name.glb")


def test_lookups_follow_the_documented_precedence(api: Api) -> None:
    first, second = (api.create(sku_id=unique("S"), gtin=unique("G")) for _ in range(2))
    query = {"gtin": first["gtin"], "sku_id": second["sku_id"]}
    assert api.json("GET", "/v1/product/status/", params=query)["unicode"] == first["unicode"]
    query["unicode"] = second["unicode"]
    assert api.json("GET", "/v1/product/status/", params=query)["unicode"] == second["unicode"]


def test_deleted_products_may_stay_listed_for_the_grace_period(start: Start) -> None:
    api = start(list_deleted=True, grace_days=2)
    api.call("DELETE", f"{DETAILS}{api.create()['unicode']}/")
    assert api.json("GET", DETAILS)["count"] == 1
    api.advance(2 * 86_400 + 1)
    assert api.json("GET", DETAILS)["count"] == 0


@pytest.mark.parametrize("column", TAKEN)
def test_an_empty_identifier_may_be_unique_too(start: Start, column: str) -> None:
    api = start(unique_empty=True)
    first, second = (api.create(**{column: value}) for value in ("A", "B"))
    assert patch(api, first, **{column: ""}).json()["data"][column] == ""
    answer = patch(api, second, **{column: ""})
    assert (answer.status_code, answer.json()["message"]) == (400, TAKEN[column])


def test_a_salsify_id_is_set_from_outside_filters_the_list_and_is_shown_by_shared_content(api: Api) -> None:
    sku, salsify = unique("SKU"), unique("S")
    data = api.create(sku_id=sku)
    told = api.raw.patch("/sandbox/products", json={"sku_id": sku, "salsify_id": salsify}).json()
    assert told == {"sku_id": sku, "salsify_id": salsify}
    rows = api.json("GET", DETAILS, params={"salsify_id": salsify})["results"]
    assert [row["unicode"] for row in rows] == [data["unicode"]]
    assert "salsify_id" not in rows[0]
    assert api.shared(data)["salsify_id"] == salsify
    api.raw.patch("/sandbox/products", json={"sku_id": sku, "salsify_id": None})
    assert api.json("GET", DETAILS, params={"salsify_id": salsify})["results"] == []


@pytest.mark.parametrize(
    "body", [{}, {"sku_id": "NONE", "salsify_id": "S"}, {"sku_id": "A", "salsify_id": 1}, {"salsify_id": "S"}]
)
def test_a_salsify_id_of_nobody_or_of_another_type_is_refused(api: Api, body: dict[str, Any]) -> None:
    assert api.raw.patch("/sandbox/products", json=body).status_code == 400
