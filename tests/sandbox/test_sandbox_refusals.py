"""What is refused, and in which words."""

import re
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from sandbox_client import DETAILS, SILO, Api, unique
from sandbox_shapes import check, refused

EXTENSIONS = (
    ".glb, .gltf, .obj, .fbx, .blend, .usdz, .stl, .dae, .ply, .abc, .bvh, .x3d, .wrl, .3ds, .max, .off, .step, "
    ".stp, .iges, .igs, .brep, .ifc, .3mf, .fcstd, .fcstd1, .zip"
)
WRONG_EXTENSION = f"File must have a valid extension. Supported formats: {EXTENSIONS}"
NOWHERE = "00000000-0000-4000-8000-000000000000"
Act = Callable[[Api], httpx2.Response]
BROKEN_JSON: dict[str, Any] = {"content": b"{", "headers": {"Content-Type": "application/json"}}
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
        "a job as a form",
        lambda api: api.call("POST", "/v1/product/job/", data={"product": NOWHERE}),
        415,
        "Unsupported media type: this endpoint takes json, not form.",
    ),
    (
        "a body of an unknown kind",
        lambda api: api.call("POST", DETAILS, content=b"x", headers={"Content-Type": "text/plain"}),
        415,
        'Unsupported media type "text/plain" in request.',
    ),
    (
        "JSON that is no object",
        lambda api: api.call("POST", "/v1/product/job/", json=[1]),
        400,
        "Invalid data. Expected a JSON object.",
    ),
    (
        "a form that is none",
        lambda api: api.call(
            "POST", DETAILS, content=b"--C", headers={"Content-Type": "multipart/form-data; boundary=B"}
        ),
        400,
        re.compile("^Multipart form parse error"),
    ),
    (
        "a job for no output",
        lambda api: api.call("POST", "/v1/product/job/", json={"product": NOWHERE, "job_detail_list": []}),
        400,
        {"job_detail_list": ["This list may not be empty."]},
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
        "a render of products that are no list",
        lambda api: api.render(products="S", cameras_to_render=[]),
        400,
        {
            "products": ["A non-empty list of objects is required."],
            "cameras_to_render": ["A non-empty list of integers is required."],
        },
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


@pytest.mark.parametrize(("act", "status", "message"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_refusals_say_what_is_wrong_in_the_usual_envelope(api: Api, act: Act, status: int, message: Any) -> None:
    answer = act(api)
    assert answer.status_code == status
    check(answer.json(), refused(message))


@pytest.mark.parametrize("digits", ["9" * 19, "9" * 5000])
@pytest.mark.parametrize(
    ("path", "name", "status"), [("/v1/product/render-images/", "render_id", 400), (DETAILS, "page", 404)]
)
def test_numbers_that_fit_nowhere_are_refused(api: Api, path: str, name: str, status: int, digits: str) -> None:
    assert api.call("GET", path, params={name: digits}).status_code == status


@pytest.mark.parametrize("raw", ['{"a": NaN}', '{"a": 1e999}', '{"a": "\\ud800"}', '{"a": ' + "[" * 20_000])
def test_what_only_python_takes_for_json_is_refused(api: Api, raw: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = api.call("POST", "/v1/product/create-images/", content=raw.encode(), headers=headers)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("JSON parse error")


@pytest.mark.parametrize("camera", [8152584.0, True, "8152584", None, [8152584]])
def test_a_camera_is_named_by_an_integer_alone(api: Api, camera: object) -> None:
    answer = api.render(unique("SKU"), cameras_to_render=[camera])
    assert answer.json()["message"]["cameras_to_render"] == [f"Invalid camera ID(s) for scene 7550: {[camera]}"]


def test_an_unknown_method_names_the_allowed_ones(api: Api) -> None:
    answer = api.call("PUT", DETAILS)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}
