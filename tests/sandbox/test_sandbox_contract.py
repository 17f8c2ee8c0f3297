"""Every documented answer has the documented keys, types, status and words."""

import re
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from sandbox_client import AR, DETAILS, SILO, SPIN, VIEWER, Api, unique

UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
TIMESTAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+05:30$")
PRODUCT = {
    "unicode": UUID,
    "gtin": (str, None),
    "name": str,
    "main_asset_name": str,
    "sku_id": (str, None),
    "created_at": TIMESTAMP,
}
FORM = {
    "url": str,
    "fields": {
        "key": re.compile(r"^media/private/product/(prop_data_user_file|thumbnail)/\d+/0/.+"),
        "x-amz-algorithm": "AWS4-HMAC-SHA256",
        "x-amz-credential": re.compile(r"/us-east-1/s3/aws4_request$"),
        "x-amz-date": re.compile(r"^\d{8}T\d{6}Z$"),
        "policy": str,
        "x-amz-signature": re.compile(r"^[0-9a-f]{64}$"),
    },
}
PAGE = {
    "next_link": (str, None),
    "previous_link": (str, None),
    "last_page_link": str,
    "first_page_link": str,
    "current_page_link": str,
    "current_page_number": int,
    "count": int,
    "total_pages": int,
}
LINK = re.compile(r"^/media/private/product/.+\?X-Amz-Algorithm=AWS4-HMAC-SHA256&.*X-Amz-Signature=[0-9a-f]{64}$")
MEDIA = re.compile(r"^http://127\.0\.0\.1:\d+/media/private/.+\?Expires=\d+&Signature=[^&]+&Key-Pair-Id=\w+$")
FILES = ("file", "filmic_file", "color_pass_file", "thumbnail", "filmic_thumbnail")


def envelope(data: Any, message: Any, *, status: bool = True) -> dict[str, Any]:
    return {"status": status, "data": data, "message": message, "api_hits_available": int}


def refused(message: Any) -> dict[str, Any]:
    return envelope({}, message, status=False)


def check(value: Any, shape: Any, where: str = "answer") -> None:
    """`shape`: a type, a pattern, alternatives in a tuple, `[shape of each]`, a dictionary, or the value itself."""
    if isinstance(shape, dict):
        assert sorted(value) == sorted(shape), where
        for name, inner in shape.items():
            check(value[name], inner, f"{where}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), where
        assert bool(value) == bool(shape), where
        for item in value:
            check(item, shape[0], f"{where}[]")
    elif isinstance(shape, tuple):
        assert any(value is None if kind is None else type(value) is kind for kind in shape), (where, value)
    elif isinstance(shape, re.Pattern):
        assert shape.search(value), (where, value)
    elif isinstance(shape, type):
        assert type(value) is shape, (where, value)
    else:
        assert value == shape, where


def test_create_gives_both_forms(api: Api) -> None:
    sku, gtin = unique("SKU"), unique("4006")
    answer = api.call(
        "POST",
        DETAILS,
        data={
            "name": "Astronaut Space Suit Model",
            "main_asset_name": "astronaut_suit",
            "sku_id": sku,
            "gtin": gtin,
            "prop_data_user_file_name": "astronaut.glb",
            "thumbnail_name": "astronaut_suit_thumb.png",
        },
    )
    assert answer.status_code == 201
    forms = {"presigned_url_prop_user_file": FORM, "presigned_url_thumbnail": FORM}
    links = {"presigned_data_prop_user_file": LINK, "presigned_data_thumbnail": LINK}
    product = PRODUCT | {"sku_id": sku, "gtin": gtin, "name": "Astronaut Space Suit Model"}
    check(answer.json(), envelope(product | {"upload_status": "1"} | forms | links, "Product created successfully"))
    assert answer.json()["data"]["presigned_url_prop_user_file"]["fields"]["key"].endswith("prop_data_astronaut.glb")


def test_create_takes_multipart_as_well(api: Api) -> None:
    sku = unique("SKU")
    fields = {"sku_id": (None, sku), "prop_data_user_file_name": (None, "a.glb")}
    assert api.json("POST", DETAILS, files=fields)["data"]["sku_id"] == sku


def test_without_a_thumbnail_name_there_is_nothing_to_upload_for_it(api: Api) -> None:
    data = api.create(thumbnail_name="")
    assert data["presigned_url_thumbnail"] is None
    assert data["presigned_data_thumbnail"] is None


def test_mark_upload_success_answers_the_numeric_id(api: Api) -> None:
    data = api.create()
    api.upload(data)
    answer = api.mark(data)
    assert answer.status_code == 200
    check(answer.json(), envelope(PRODUCT | {"id": int, "upload_status": "2"}, "Product marked as upload successful"))


def test_update_changes_only_what_is_sent(api: Api) -> None:
    sku = unique("SKU")
    data = api.create(sku_id=sku, main_asset_name="arc")
    answer = api.call("PATCH", f"{DETAILS}{data['unicode']}/", files={"name": (None, "Arc lamp V1")})
    assert answer.status_code == 200
    product = PRODUCT | {"name": "Arc lamp V1", "main_asset_name": "arc", "sku_id": sku, "upload_status": "1"}
    check(answer.json(), envelope(product, "Product updated successfully"))


@pytest.mark.parametrize(("field", "cleared"), [("sku_id", None), ("gtin", None), ("name", "")])
def test_the_empty_string_clears_a_value(api: Api, field: str, cleared: str | None) -> None:
    data = api.create(sku_id=unique("SKU"), gtin=unique("400"))
    assert api.json("PATCH", f"{DETAILS}{data['unicode']}/", data={field: ""})["data"][field] == cleared


@pytest.mark.parametrize("column", ["unicode", "sku_id", "gtin"])
def test_list_finds_one_product_by_identifier(api: Api, column: str) -> None:
    data = api.create(sku_id=unique("SKU"), gtin=unique("400"))
    query = {"unicode": "", "gtin": "", "sku_id": "", "salsify_id": "", "search": ""} | {column: data[column]}
    page = api.json("GET", DETAILS, params=query, key=api.endpoints.public_key)
    check(page, PAGE | {"results": [PRODUCT], "api_hits_available": int})
    assert page["count"] == 1
    assert page["results"][0]["unicode"] == data["unicode"]
    assert page["current_page_link"] == f"{api.endpoints.url}{DETAILS}?{column}={data[column]}&page=1"


def test_list_searches_names_whatever_their_case(api: Api) -> None:
    word = unique("word")
    found = {api.create(name=f"The {word} lamp")["unicode"], api.create(main_asset_name=word.upper())["unicode"]}
    page = api.json("GET", DETAILS, params={"search": word.title()})
    assert {row["unicode"] for row in page["results"]} == found


def test_delete_tells_the_date(api: Api) -> None:
    data = api.create()
    answer = api.call("DELETE", f"{DETAILS}{data['unicode']}/")
    assert answer.status_code == 200
    date = re.compile(r"^Successfully marked for deletion\. Will be deleted on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$")
    check(answer.json(), envelope({"unicode": data["unicode"]}, date))
    assert api.json("GET", DETAILS, params={"unicode": data["unicode"]})["results"] == []
    assert api.mark(data).status_code == 404


def test_job_is_accepted(api: Api) -> None:
    data = api.finalized()
    body = {"product": data["unicode"], "job_detail_list": [VIEWER, AR, SPIN, SILO]}
    answer = api.call("POST", "/v1/product/job/", json=body)
    assert answer.status_code == 202
    check(answer.json(), envelope({"unicode": data["unicode"]}, "Product automated processing has been scheduled."))


def test_finished_content_has_statuses_and_urls(api: Api) -> None:
    data = api.finalized(sku_id=unique("SKU"), name="Arc lamp")
    api.generate(data, VIEWER, AR, SPIN, SILO)
    api.finish()
    status = api.status(data)
    statuses = {
        "product_ar_status": "Done",
        "product_3d_status": "Done",
        "product_silo_images_status": [{"id": int, "name": re.compile("^Arc lamp - .+ - .+"), "status": "Done"}],
        "product_threesixty_status": [{"id": int, "status": "Done"}],
    }
    check(status, PRODUCT | statuses | {"api_hits_available": int})
    shared = {
        **{name: PRODUCT[name] for name in ("unicode", "gtin", "sku_id", "name", "main_asset_name")},
        "salsify_id": None,
        "thumbnail_url": MEDIA,
        "product_3d": re.compile("/product/public/3d-viewer/v2/"),
        "product_ar": re.compile("/product/public/ar-viewer/v2/"),
        "product_threesixty": re.compile("/product/public/360-viewer/v2/"),
        "product_silo_images": [{"id": int, "name": str, "image_url": MEDIA, "thumbnail_url": MEDIA}],
        "api_hits_available": int,
    }
    check(api.shared(data), shared)
    names = {image["name"].removeprefix("Arc lamp - ") for image in status["product_silo_images_status"]}
    assert names >= {"Silo Leaf - Silo Cam", "Black bg - Camera1", "White bg - Camera1", "Transparent bg - Camera1"}


def test_archive_counts_what_it_changed(api: Api) -> None:
    data = api.finalized()
    api.generate(data, SILO)
    api.finish()
    first, *_ = api.status(data)["product_silo_images_status"]
    body = {"ids": [first["id"]], "is_archive": True, "unicode": data["unicode"]}
    answer = api.call("PATCH", "/v1/product/render-content/archive/", json=body)
    assert answer.status_code == 200
    message = "Product render content archive status updated successfully"
    check(answer.json(), envelope({"updated_count": 1, "ids": [first["id"]]}, message))


def test_create_images_is_accepted(api: Api) -> None:
    sku = unique("SKU")
    api.finalized(sku_id=sku)
    answer = api.render(sku)
    assert answer.status_code == 202
    message = "Render job has been created and processing has been scheduled."
    check(answer.json(), envelope({"render_id": int, "sku_ids": [sku]}, message))


def test_render_images_have_files_once_done(api: Api) -> None:
    sku = unique("SKU")
    api.finalized(sku_id=sku)
    query = {"render_id": api.render(sku).json()["data"]["render_id"]}
    waiting = {"id": int, "angle_name": str, "status": "Not Done"} | dict.fromkeys(FILES)
    page = api.json("GET", "/v1/product/render-images/", params=query, key=api.endpoints.public_key)
    check(page, PAGE | {"count": 2, "results": [waiting], "api_hits_available": int})
    api.finish()
    done = {"id": int, "angle_name": str, "status": "Done"} | dict.fromkeys(FILES, MEDIA)
    page = api.json("GET", "/v1/product/render-images/", params=query)
    check(page, PAGE | {"count": 2, "results": [done], "api_hits_available": int})


@pytest.mark.parametrize("slashes", ["/", "//"])
def test_zapier_paths_begin_with_one_slash_or_two(api: Api, slashes: str) -> None:
    url = api.endpoints.zapier_url + slashes
    token = api.raw.get(f"{url}users/api/v3/zapier/token/")
    check(token.json(), {"status": True, "data": {"api_key": str}, "message": "API key fetched successfully."})
    headers = {"Authorization": f"Zapier {token.json()['data']['api_key']}"}
    verified = api.raw.get(f"{url}users/api/v3/token/verify/", headers=headers)
    check(verified.json(), {"id": int, "name": str})
    assert api.raw.get(f"{url}users/api/v3/token/verify/").status_code == 401


def test_zapier_feed_is_newest_first_and_free(api: Api) -> None:
    sku = unique("SKU")
    api.finalized(sku_id=sku)
    api.render(sku)
    api.finish()
    before = api.account()["credits"]
    headers = {"Authorization": f"Zapier {api.endpoints.zapier_token}"}
    url = f"{api.endpoints.zapier_url}//rendering-system/api/v3/images-render-detail-zapier/"
    page = api.raw.get(url, headers=headers).json()
    entry = {
        "id": int,
        "angle_name": str,
        "image_name": str,
        **dict.fromkeys(("file", "filmic_file", "color_pass_file"), MEDIA),
        "tags": [],
        "updated_at": TIMESTAMP,
        "created_at": TIMESTAMP,
    }
    check(page, PAGE | {"results": [entry]})
    ids = [result["id"] for result in page["results"]]
    assert ids == sorted(ids, reverse=True)
    assert api.account()["credits"] == before


EXTENSIONS = (
    ".glb, .gltf, .obj, .fbx, .blend, .usdz, .stl, .dae, .ply, .abc, .bvh, .x3d, .wrl, .3ds, .max, .off, .step, "
    ".stp, .iges, .igs, .brep, .ifc, .3mf, .fcstd, .fcstd1, .zip"
)
WRONG_EXTENSION = f"File must have a valid extension. Supported formats: {EXTENSIONS}"
NOWHERE = "00000000-0000-4000-8000-000000000000"
Act = Callable[[Api], httpx2.Response]
REFUSALS: list[tuple[str, Act, int, Any]] = [
    (
        "no model file name",
        lambda api: api.call("POST", DETAILS, data={"name": "x"}),
        400,
        {"prop_data_user_file_name": ["This field is required."]},
    ),
    (
        "a model extension that is not supported",
        lambda api: api.call("POST", DETAILS, data={"prop_data_user_file_name": "suit.pdf"}),
        400,
        WRONG_EXTENSION,
    ),
    (
        "no extension at all",
        lambda api: api.call("POST", DETAILS, data={"prop_data_user_file_name": "suit"}),
        400,
        WRONG_EXTENSION,
    ),
    (
        "a thumbnail extension that is not supported",
        lambda api: api.call("POST", DETAILS, data={"prop_data_user_file_name": "a.glb", "thumbnail_name": "a.gif"}),
        400,
        "Thumbnail must have a valid extension. Supported formats: .png, .jpg, .jpeg",
    ),
    (
        "a name that is too long",
        lambda api: api.call("POST", DETAILS, data={"prop_data_user_file_name": "a.glb", "sku_id": "x" * 256}),
        400,
        {"sku_id": ["Ensure this field has no more than 255 characters."]},
    ),
    (
        "marking before the files are uploaded",
        lambda api: api.mark(api.create()),
        400,
        "Not uploaded yet: prop_data_arc.glb, thumbnail_arc.png.",
    ),
    (
        "an unknown action",
        lambda api: api.call("PATCH", f"{DETAILS}{api.create()['unicode']}/", json={"action": "explode"}),
        400,
        {"action": ['"explode" is not a valid choice.']},
    ),
    (
        "marking something that has no UUID",
        lambda api: api.mark({"unicode": "XXX"}),
        400,
        {"unicode": ["Must be a valid UUID."]},
    ),
    ("marking an unknown product", lambda api: api.mark({"unicode": NOWHERE}), 404, "Product not found."),
    (
        "updating an unknown product",
        lambda api: api.call("PATCH", f"{DETAILS}{NOWHERE}/", data={"name": "x"}),
        404,
        "Product not found.",
    ),
    ("deleting an unknown product", lambda api: api.call("DELETE", f"{DETAILS}{NOWHERE}/"), 404, "Product not found."),
    (
        "a job for something that has no UUID",
        lambda api: api.call("POST", "/v1/product/job/", json={"product": "XXX", "job_detail_list": [SILO]}),
        400,
        {"product": ["Must be a valid UUID."]},
    ),
    (
        "a job for an unknown product",
        lambda api: api.call("POST", "/v1/product/job/", json={"product": NOWHERE, "job_detail_list": [SILO]}),
        404,
        "Product not found.",
    ),
    (
        "a job for a product that is not finalized",
        lambda api: api.call(
            "POST", "/v1/product/job/", json={"product": api.create()["unicode"], "job_detail_list": [SILO]}
        ),
        400,
        "Product upload is not complete. Mark the upload as successful first.",
    ),
    (
        "a job without anything",
        lambda api: api.call("POST", "/v1/product/job/", json={}),
        400,
        {"product": ["This field is required."], "job_detail_list": ["This field is required."]},
    ),
    (
        "a job of an unknown type",
        lambda api: api.call(
            "POST", "/v1/product/job/", json={"product": NOWHERE, "job_detail_list": [{"req_type": "hologram"}]}
        ),
        400,
        {"job_detail_list": ["\"{'req_type': 'hologram'}\" is not a valid choice."]},
    ),
    (
        "JSON that is none",
        lambda api: api.call("POST", "/v1/product/job/", **BROKEN_JSON),
        400,
        re.compile("^JSON parse"),
    ),
    (
        "a status of nothing in particular",
        lambda api: api.call("GET", "/v1/product/status/"),
        400,
        "Provide at least one of unicode, gtin, sku_id or salsify_id.",
    ),
    (
        "a status of an unknown SKU",
        lambda api: api.call("GET", "/v1/product/status/", params={"sku_id": "nobody"}),
        404,
        "Product not found.",
    ),
    (
        "a status of something that has no UUID",
        lambda api: api.call("GET", "/v1/product/status/", params={"unicode": "XXX"}),
        400,
        {"unicode": ["Must be a valid UUID."]},
    ),
    (
        "an unknown content type",
        lambda api: api.call("GET", "/v1/product/shared-content/", params={"sku_id": "x", "content_type": "smell"}),
        400,
        {"content_type": ['"smell" is not a valid choice.']},
    ),
    (
        "a page that does not exist",
        lambda api: api.call("GET", DETAILS, params={"page": "99999"}),
        404,
        "Invalid page.",
    ),
    (
        "an archive call without its fields",
        lambda api: api.call("PATCH", "/v1/product/render-content/archive/", json={"ids": ["1"], "is_archive": 1}),
        400,
        {
            "unicode": ["This field is required."],
            "ids": ["A list of integers is required."],
            "is_archive": ["Must be a valid boolean."],
        },
    ),
    (
        "a render in an unknown scene of an unknown product",
        lambda api: api.render("ASTRONAUT-X", scene_id=755440),
        400,
        {
            "scene_id": ["Room/Scene with id 755440 not found or not accessible."],
            "products": {"sku_id": "Invalid or inaccessible sku_id(s): ['ASTRONAUT-X']"},
        },
    ),
    (
        "cameras of another scene",
        lambda api: api.render(api.finalized(sku_id=unique("SKU"))["sku_id"], scene_id=7551),
        400,
        {"cameras_to_render": ["Invalid camera ID(s) for scene 7551: [8152584, 8152586]"]},
    ),
    (
        "a render without anything",
        lambda api: api.call("POST", "/v1/product/create-images/", json={}),
        400,
        {name: ["This field is required."] for name in ("scene_id", "cameras_to_render", "products")},
    ),
    (
        "an unknown material, position and unit",
        lambda api: api.render(
            units="parsecs",
            products=[{"sku_id": api.finalized(sku_id=unique("S"))["sku_id"], "material_id": 9, "position": [0]}],
        ),
        400,
        {
            "units": ['"parsecs" is not a valid choice.'],
            "products": {
                "material_id": "Invalid or inaccessible material_id(s): [9]",
                "position": "Must be a list of three numbers.",
            },
        },
    ),
    (
        "images of nothing in particular",
        lambda api: api.call("GET", "/v1/product/render-images/"),
        400,
        "Provide at least one of render_id, product_id, sku_id or product_name.",
    ),
    (
        "images of an unknown render",
        lambda api: api.call("GET", "/v1/product/render-images/", params={"render_id": "1"}),
        404,
        "Render not found.",
    ),
    (
        "images of a render that has no number",
        lambda api: api.call("GET", "/v1/product/render-images/", params={"render_id": "XXX"}),
        400,
        {"render_id": ["A valid integer is required."]},
    ),
]
BROKEN_JSON = {"content": b"{", "headers": {"Content-Type": "application/json"}}


@pytest.mark.parametrize(("act", "status", "message"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_refusals_say_what_is_wrong_in_the_usual_envelope(api: Api, act: Act, status: int, message: Any) -> None:
    answer = act(api)
    assert answer.status_code == status
    check(answer.json(), refused(message))


@pytest.mark.parametrize("name", [f"Model{suffix.upper()}" for suffix in EXTENSIONS.split(", ")])
def test_all_documented_model_formats_are_taken_in_any_letter_case(api: Api, name: str) -> None:
    assert api.create(prop_data_user_file_name=name)["upload_status"] == "1"


def test_reads_may_carry_the_documented_content_type_header(api: Api) -> None:
    assert api.call("GET", DETAILS, headers={"Content-Type": "application/json"}).status_code == 200


def test_unknown_addresses_are_json_too(api: Api) -> None:
    answer = api.call("GET", "/v1/product/nothing/")
    assert answer.status_code == 404
    check(answer.json(), {"error": str})
