"""Each operation on the wire: method, path, identity and body, and what its answer becomes."""

import pytest
from stub_remote import PUBLIC, SECRET, TOKEN, told

from catalogsync.errors import InvalidRequestError, NotFoundError, UnexpectedAnswerError, UsageMistakeError
from catalogsync.model.remote import PlacementRequest, RenderRequest

PRODUCT = {"unicode": "u-1", "gtin": "", "name": "Lamp", "main_asset_name": "lamp", "sku_id": "L", "created_at": ""}
FORM = {"url": "https://bucket.example/", "fields": {"key": "k"}}
IMAGE = {"id": 5, "angle_name": "a", "status": "Done"}
STATUS = {
    **PRODUCT,
    "product_ar_status": None,
    "product_3d_status": "Done",
    "product_silo_images_status": None,
    "product_threesixty_status": None,
}


def page(*results, number=1, pages=1, count=None):
    place = {"current_page_number": number, "total_pages": pages, "count": len(results) if count is None else count}
    return told(200, {**place, "results": list(results), "api_hits_available": 900})


def wrapped(data, status=200):
    return told(status, {"status": True, "data": data, "message": "ok", "api_hits_available": "42"})


RENDER = RenderRequest(7550, (1, 2), "inches", (PlacementRequest("L", (0, 1, 2), (0.0, 0.5, 1.0), 500),))
CREATED = wrapped({**PRODUCT, "presigned_url_prop_user_file": FORM, "presigned_url_thumbnail": FORM}, 201)

WRITES = {
    "create": (
        lambda c: c.create_product({"sku_id": "L", "gtin": ""}, model_name="a.glb", thumbnail_name="a.png"),
        CREATED,
        ("POST", "/v1/product/details/"),
        [("sku_id", None, b"L"), ("gtin", None, b""), ("prop_data_user_file_name", None, b"a.glb"),
         ("thumbnail_name", None, b"a.png")],
    ),
    "create without a thumbnail": (
        lambda c: c.create_product({}, model_name="a.glb", thumbnail_name=None),
        CREATED,
        ("POST", "/v1/product/details/"),
        [("prop_data_user_file_name", None, b"a.glb")],
    ),
    "finalize": (
        lambda c: c.finalize_product("u-1"),
        wrapped({**PRODUCT, "id": 73891}),
        ("PATCH", "/v1/product/details/u-1/"),
        {"action": "mark_upload_success"},
    ),
    "update": (
        lambda c: c.update_product("u-1", {"name": "Größe", "gtin": ""}),
        wrapped(PRODUCT),
        ("PATCH", "/v1/product/details/u-1/"),
        [("name", None, "Größe".encode()), ("gtin", None, b"")],
    ),
    "delete": (lambda c: c.delete_product("u-1"), wrapped({}), ("DELETE", "/v1/product/details/u-1/"), None),
    "job": (
        lambda c: c.submit_content_job("u-1", ["3d_model_viewer", "silo"]),
        wrapped({"unicode": "u-1"}, 202),
        ("POST", "/v1/product/job/"),
        {"product": "u-1",
         "job_detail_list": [{"req_type": "3d_model_viewer"}, {"req_type": "Product Image", "image_type": "silo"}]},
    ),
    "archive": (
        lambda c: c.archive_images("u-1", [117076, "117077", "x"], archive=True),
        wrapped({"updated_count": 2, "ids": [117076]}),
        ("PATCH", "/v1/product/render-content/archive/"),
        {"ids": [117076, 117077, "x"], "is_archive": True, "unicode": "u-1"},
    ),
    "render": (
        lambda c: c.create_images(RENDER),
        wrapped({"render_id": 2281539}, 202),
        ("POST", "/v1/product/create-images/"),
        {"scene_id": 7550, "cameras_to_render": [1, 2], "units": "inches",
         "products": [{"sku_id": "L", "position": [0, 1, 2], "rotation": [0.0, 0.5, 1.0], "material_id": 500}]},
    ),
}  # fmt: skip
READS = {
    "list": (lambda c: c.products_page(), page(PRODUCT), "/v1/product/details/", {}),
    "list, page 3": (lambda c: c.products_page(3), page(number=3, pages=3), "/v1/product/details/", {"page": "3"}),
    "filtered": (
        lambda c: c.products_page(sku_id="A & B+C", search="ß"), page(),
        "/v1/product/details/", {"sku_id": "A & B+C", "search": "ß"},
    ),
    "status": (
        lambda c: c.content_status(sku_id="L"), told(200, STATUS), "/v1/product/status/", {"sku_id": "L"},
    ),
    "status of one type": (
        lambda c: c.content_status(unicode="u", content_type="product_3d_status"), told(200, STATUS),
        "/v1/product/status/", {"unicode": "u", "content_type": "product_3d_status"},
    ),
    "shared content": (
        lambda c: c.shared_content(gtin="4"), told(200, PRODUCT), "/v1/product/shared-content/", {"gtin": "4"},
    ),
    "render images": (
        lambda c: c.render_images_page(render_id="9"), page(IMAGE), "/v1/product/render-images/", {"render_id": "9"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("act", "answer", "line", "body"), WRITES.values(), ids=WRITES)
def test_writes_are_sent_as_documented_with_the_secret_key(talk, act, answer, line, body):
    done = talk(act, [answer])
    assert done.error is None
    (asked,) = done.asked
    assert (asked.method, asked.target) == line
    assert asked.headers["authorization"] == f"Imagine-key {SECRET}"
    assert asked.headers["origin"] == "shop.example"
    if isinstance(body, list):
        assert asked.headers["content-type"].startswith("multipart/form-data; ")
        assert asked.parts() == body
    elif body is None:
        assert asked.body == b""
    else:
        assert asked.headers["content-type"] == "application/json"
        assert asked.json() == body
    assert (done.spent, done.available) == (1, 42)


@pytest.mark.parametrize(("act", "answer", "path", "query"), READS.values(), ids=READS)
def test_reads_send_the_public_key_and_only_filters_that_are_given(talk, act, answer, path, query):
    done = talk(act, [answer])
    assert done.error is None
    (asked,) = done.asked
    assert (asked.method, asked.path, asked.query) == ("GET", path, query)
    assert asked.headers["authorization"] == f"Imagine-key {PUBLIC}"
    assert asked.headers["origin"] == "shop.example"
    assert "content-type" not in asked.headers


def test_reads_fall_back_on_the_secret_key(talk):
    done = talk(lambda c: c.products_page(), [page()], public_key="")
    assert done.asked[0].headers["authorization"] == f"Imagine-key {SECRET}"


def test_values_of_the_writes(talk):
    assert talk(WRITES["create"][0], [CREATED]).value.product.sku_id == "L"
    assert talk(WRITES["finalize"][0], [WRITES["finalize"][1]]).value.product_id == "73891"
    assert talk(WRITES["delete"][0], [WRITES["delete"][1]]).value == "ok"
    assert talk(WRITES["archive"][0], [WRITES["archive"][1]]).value == 2
    assert talk(WRITES["render"][0], [WRITES["render"][1]]).value == "2281539"


def test_bare_successes_are_enough_where_no_value_is_needed(talk):
    assert talk(WRITES["delete"][0], [told(204)]).value == ""
    assert talk(WRITES["job"][0], [told(202)]).error is None
    assert talk(WRITES["archive"][0], [told(204)]).value == 3


@pytest.mark.parametrize("kind", ["finalize", "update"])
@pytest.mark.parametrize("bare", [told(204), wrapped({}), told(200, {})])
def test_a_product_that_a_bare_success_does_not_tell_is_read_back(talk, kind, bare):
    done = talk(WRITES[kind][0], [bare, told(200, STATUS)])
    assert done.value.sku_id == "L"
    assert done.asked[1].target == "/v1/product/status/?unicode=u-1"


def test_a_product_that_cannot_be_read_back_is_an_unexpected_answer(talk):
    done = talk(WRITES["update"][0], [told(204), told(404, {"message": "Not found."})])
    assert type(done.error) is UnexpectedAnswerError


def test_a_product_already_finalized_is_as_wanted(talk):
    already = told(400, {"message": "Product already marked as uploaded."})
    assert talk(WRITES["finalize"][0], [already, told(200, STATUS)]).value.unicode == "u-1"
    refused = talk(WRITES["finalize"][0], [told(400, {"message": "Sku id already exists."})])
    assert type(refused.error) is InvalidRequestError


@pytest.mark.parametrize("kind", ["create", "render"])
@pytest.mark.parametrize("bare", [told(201), wrapped({}), told(200, b"<html>")])
def test_a_create_without_its_value_is_an_unexpected_answer(talk, kind, bare):
    assert type(talk(WRITES[kind][0], [bare]).error) is UnexpectedAnswerError


UNKNOWN = told(404, {"message": "Not found.", "api_hits_available": 3})


@pytest.mark.parametrize("act", [
    lambda c: c.content_status(unicode="u"), lambda c: c.shared_content(unicode="u"),
])  # fmt: skip
def test_an_unknown_product_has_no_status_and_no_content(talk, act):
    done = talk(act, [UNKNOWN])
    assert (done.value, done.error, done.spent, done.available) == (None, None, 1, 3)
    assert type(talk(act, [told(404, b"<html>")]).error) is UnexpectedAnswerError


def test_a_filter_without_a_match_is_an_empty_list_but_an_unknown_page_is_not(talk):
    assert talk(lambda c: c.find_products(sku_id="x"), [UNKNOWN]).value == ()
    assert talk(lambda c: c.render_images(sku_id="x"), [UNKNOWN]).value == ()
    for act in (
        lambda c: c.products_page(),
        lambda c: c.products_page(2, sku_id="x"),
        lambda c: c.render_images(render_id="9"),
        lambda c: c.delete_product("u"),
    ):
        assert type(talk(act, [UNKNOWN]).error) is NotFoundError


def test_a_list_of_many_pages_is_read_by_page_number_alone(talk):
    def answer(asked):
        number = int(asked.query.get("page", 1))
        found = [{**IMAGE, "id": number * 100 + at} for at in range(2)]
        return page(*found, number=number, pages=5, count=10)

    done = talk(lambda c: c.render_images(render_id="9"), answer)
    assert [image.id for image in done.value] == [100, 101, 200, 201, 300, 301, 400, 401, 500, 501]
    assert [asked.query["render_id"] for asked in done.asked] == ["9"] * 5
    assert done.spent == 5


def test_an_identifier_in_a_path_cannot_leave_it(talk):
    done = talk(lambda c: c.delete_product("../a?b#c"), [told(204)])
    assert done.asked[0].target == "/v1/product/details/..%2Fa%3Fb%23c/"


MISTAKES = {
    "no secret key": (lambda c: c.delete_product("u"), {"secret_key": ""}, "CATALOGSYNC_SECRET_KEY"),
    "no key at all": (
        lambda c: c.products_page(), {"secret_key": "", "public_key": " "}, "CATALOGSYNC_PUBLIC_KEY",
    ),
    "no origin": (lambda c: c.products_page(), {"origin": ""}, "CATALOGSYNC_ORIGIN"),
    "a key that no header can carry": (lambda c: c.delete_product("u"), {"secret_key": "sk_a\nb"}, "SECRET_KEY"),
    "no unicode": (lambda c: c.delete_product(".."), {}, "unicode"),
    "no identifier": (lambda c: c.content_status(), {}, "unicode, gtin, sku_id or salsify_id"),
}  # fmt: skip


@pytest.mark.parametrize(("act", "changes", "named"), MISTAKES.values(), ids=MISTAKES)
def test_a_missing_setting_is_named_before_anything_is_sent(talk, act, changes, named):
    done = talk(act, [], **changes)
    assert type(done.error) is UsageMistakeError
    assert named in str(done.error)
    assert done.asked == []


def test_no_ids_are_no_call(talk):
    assert talk(lambda c: c.archive_images("u", [], archive=True), []).value == 0


def test_the_feed_speaks_with_its_token_and_without_an_origin_on_doubled_slashes(talk):
    feed = page({"id": 1, "tags": []}, number=2, pages=11659, count=233170)
    done = talk(lambda z: z.images_page(2), [feed], zapier=True)
    assert (done.value.total_pages, done.value.results[0].id) == (11659, 1)
    (asked,) = done.asked
    assert asked.target == "//rendering-system/api/v3/images-render-detail-zapier/?page=2"
    assert asked.headers["authorization"] == f"Zapier {TOKEN}"
    assert "origin" not in asked.headers


def test_the_feeds_account_and_token(talk):
    done = talk(lambda z: z.verify(), [told(200, {"id": 17625, "name": "team"})], zapier=True)
    assert (done.value.id, done.asked[0].target) == (17625, "//users/api/v3/token/verify/")
    token = told(200, {"status": True, "data": {"api_key": "abc"}})
    done = talk(lambda z: z.fetch_token(), [token], zapier=True, zapier_token="")
    assert (done.value, done.asked[0].target) == ("abc", "//users/api/v3/zapier/token/")
    assert "authorization" not in done.asked[0].headers
    assert "CATALOGSYNC_ZAPIER_TOKEN" in str(talk(lambda z: z.verify(), [], zapier=True, zapier_token="").error)
