"""Every documented answer has the documented keys, types, status and words."""

import re

import pytest
from sandbox_client import AR, DETAILS, SILO, SPIN, VIEWER, Api, unique
from sandbox_shapes import FILES, FORM, LINK, MEDIA, PAGE, PRODUCT, TIMESTAMP, check, envelope


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


@pytest.mark.parametrize("name", [f"Model{suffix.upper()}" for suffix in EXTENSIONS.split(", ")])
def test_all_documented_model_formats_are_taken_in_any_letter_case(api: Api, name: str) -> None:
    assert api.create(prop_data_user_file_name=name)["upload_status"] == "1"


def test_reads_may_carry_the_documented_content_type_header(api: Api) -> None:
    assert api.call("GET", DETAILS, headers={"Content-Type": "application/json"}).status_code == 200


def test_unknown_addresses_are_json_too(api: Api) -> None:
    answer = api.call("GET", "/v1/product/nothing/")
    assert answer.status_code == 404
    check(answer.json(), {"error": str})
