"""The client's calls, the description and the sandbox's routes are the same operations, seen from each side."""

import asyncio
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from sandbox_client import MODEL, Api, picture
from sandbox_description import BUCKET, DOCUMENT, OPERATIONS, Described, properties, resolved

from catalogsync.api import ApiSettings, ImagineClient, operations
from catalogsync.api.http import Answer, Door, Request
from catalogsync.api.zapier import ZapierClient
from catalogsync.model.outputs import OUTPUTS
from catalogsync.model.remote import PlacementRequest, RenderRequest
from catalogsync.sandbox import SandboxSettings, running
from catalogsync.sandbox.app import ENDPOINTS, FORM, JSON, OTHERS, ZAPIER

KINDS = {FORM: {"multipart/form-data", "application/x-www-form-urlencoded"}, JSON: {"application/json"}}
CALLED = [one for one in vars(operations).values() if isinstance(one, operations.Operation)]


def route_of(method: str, path: str) -> tuple[str, str]:
    """A call's operation: its path with one slash in front, and a UUID in it by its name."""
    parts = ["{unicode}" if part.count("-") == 4 and len(part) == 36 else part for part in path.split("/")]
    route = "/" + "/".join(parts).lstrip("/")
    return BUCKET if route == "/bucket/" else (method, route)


def test_the_client_has_an_operation_for_all_that_is_described_and_no_other() -> None:
    assert {route_of(one.method, one.path) for one in CALLED} == OPERATIONS.keys() - {BUCKET}


def test_the_sandbox_has_a_route_for_all_that_is_described_and_no_other() -> None:
    routes = {(one.method, one.path) for one in ENDPOINTS} | {("GET", path) for path in ZAPIER}
    assert routes == OPERATIONS.keys() - {BUCKET}
    assert ("POST", "/bucket/") in {(method, path) for method, path, _ in OTHERS}


def test_scopes_are_the_same_for_the_client_the_description_and_the_sandbox() -> None:
    for route, described in OPERATIONS.items():
        asked = {scope for one in ENDPOINTS if (one.method, one.path) == route for scope in one.scopes}
        named = {
            scope for one in CALLED if route_of(one.method, one.path) == route for scope in one.scope.split(" or ")
        }
        assert described.scopes == asked == named - {""}, route


def test_bodies_are_of_the_kinds_that_the_sandbox_takes() -> None:
    for route, described in OPERATIONS.items():
        own = [one for one in ENDPOINTS if (one.method, one.path) == route]
        kinds = set().union(*(KINDS.get(one.body, set()) for one in own))
        if route != BUCKET:
            assert described.body.keys() == kinds, route


def test_only_what_a_public_key_may_do_is_described_for_one() -> None:
    for route, described in OPERATIONS.items():
        public = any("publicKey" in way for way in described.security)
        assert public == (route[0] == "GET" and route[1].startswith("/v1/")), route


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[Request]]:
    """Every request that the client can make, made, by operation."""
    seen: dict[tuple[str, str], list[Request]] = {}
    genuine = Door.send

    async def send(self: Door, request: Request) -> Answer:
        path = "/" + request.url.split("/", 3)[3]
        seen.setdefault(route_of(request.method, path), []).append(request)
        return await genuine(self, request)

    folder = tmp_path_factory.mktemp("agreement")
    settings = SandboxSettings(folder / "data", port=0, job_seconds=0.0, image_size=32, page_size=1)
    with pytest.MonkeyPatch.context() as patch, running(settings) as endpoints:
        patch.setattr(Door, "send", send)
        asyncio.run(call_everything(ApiSettings(**endpoints.as_json()), folder))
    return seen


async def call_everything(settings: ApiSettings, folder: Path) -> None:
    from hashlib import sha256

    model, thumbnail = folder / "arc.glb", folder / "arc.png"
    model.write_bytes(MODEL)
    thumbnail.write_bytes(picture())
    fields = {"name": "Arc", "main_asset_name": "arc", "sku_id": "ARC-1", "gtin": "4006381333931"}
    async with ImagineClient(settings) as client, ZapierClient(settings) as zapier:
        created = await client.create_product(fields, model_name="arc.glb", thumbnail_name="arc.png")
        await client.create_product({}, model_name="other.glb", thumbnail_name=None)
        unicode = created.product.unicode
        for form, file in ((created.model_form, model), (created.thumbnail_form, thumbnail)):
            await client.upload(form, str(file), sha256=sha256(file.read_bytes()).hexdigest())
        product = await client.finalize_product(unicode)
        await client.update_product(unicode, fields)
        await client.find_products()
        named = {"unicode": unicode, "gtin": fields["gtin"], "sku_id": "ARC-1", "salsify_id": "S"}
        await client.products_page(**named, search="arc")
        await client.submit_content_job(unicode, list(OUTPUTS))
        await client.content_status(**named, content_type="product_ar_status")
        await client.shared_content(**named, content_type="product_3d_status")
        placement = PlacementRequest("ARC-1", (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 500)
        render_id = await client.create_images(RenderRequest(7550, (8152584, 8152586), "inches", (placement,)))
        images = await client.render_images(render_id=render_id)
        await client.render_images(product_id=str(product.product_id), sku_id="ARC-1", product_name="arc")
        await client.archive_images(unicode, [images[0].id], archive=True)
        await zapier.fetch_token()
        await zapier.verify()
        await zapier.images_page()
        await client.delete_product(unicode)


def test_the_client_can_make_every_described_call(sent: dict[tuple[str, str], list[Request]]) -> None:
    assert sent.keys() == OPERATIONS.keys()


@pytest.mark.parametrize("route", sorted(OPERATIONS.keys() - {BUCKET}), ids=" ".join)
def test_what_the_client_sends_is_what_is_described(sent: dict[tuple[str, str], list[Request]], route: Any) -> None:
    described, requests = OPERATIONS[route], sent[route]
    parameters = {name for request in requests for name in request.params or {}}
    assert parameters <= described.parameters
    assert described.parameters - parameters <= {"page"}, "the client never sends these"
    for request in requests:
        check_body(described, request)
    assert fields_of(requests) == described_fields(described)


def check_body(described: Described, request: Request) -> None:
    """A JSON body or a form is valid under the schema of its kind."""
    kind = "application/json" if request.json is not None else "multipart/form-data" if request.form else ""
    if kind:
        content = json.loads(json.dumps(request.json if request.json is not None else request.form))
        jsonschema.validate(content, {"components": DOCUMENT["components"], **described.body[kind]["schema"]})


def fields_of(requests: list[Request]) -> set[str]:
    """Names of the fields that these requests send, of forms and of JSON objects."""
    return {name for request in requests for name in [*(request.form or {}), *(request.json or {})]}


def described_fields(described: Described) -> set[str]:
    kinds = [resolved(content["schema"]) for content in described.body.values()]
    return {name for schema in kinds for name in properties(schema)}


def test_the_bucket_is_described_to_take_what_a_form_has_and_the_file(api: Api) -> None:
    form = api.create()["presigned_url_prop_user_file"]["fields"]
    described = described_fields(OPERATIONS[BUCKET])
    assert described == form.keys() | {"file"}
    assert set(DOCUMENT["components"]["schemas"]["UploadForm"]["properties"]["fields"]["required"]) == form.keys()
