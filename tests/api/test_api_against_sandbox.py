"""Every operation against the sandbox: client and sandbox were written apart, from the same document."""

import asyncio
import hashlib
import io
import json
import urllib.request

import pytest
from stub_remote import Pauses

from catalogsync.api import ApiSettings, ImagineClient
from catalogsync.api.zapier import ZapierClient
from catalogsync.errors import (
    AnswerLostError,
    CredentialsError,
    CreditsExhaustedError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    UploadRefusedError,
)
from catalogsync.model.outputs import OUTPUTS, Progress
from catalogsync.model.remote import PlacementRequest, RenderRequest
from catalogsync.sandbox import SandboxSettings, running

MODEL = b"glTF\x02\x00\x00\x00" + bytes(120)
CAMERAS = (8152584, 8152586)


def thumbnail():
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (96, 64), (200, 80, 40)).save(file, "PNG")
    return file.getvalue()


class World:
    """A running sandbox, files to upload, and a client for it."""

    def __init__(self, endpoints, folder):
        self.endpoints = endpoints
        self.files = {"arc.glb": MODEL, "arc.png": thumbnail()}
        self.folder = folder
        for name, content in self.files.items():
            (folder / name).write_bytes(content)

    def settings(self, **changes):
        known = {name: getattr(self.endpoints, name) for name in ApiSettings.__slots__ if hasattr(self.endpoints, name)}
        return ApiSettings(**{**known, **changes})

    def run(self, act, **changes):
        """Give `act` a client, and the client's value back."""

        async def go():
            async with ImagineClient(self.settings(**changes), sleep=Pauses()) as client:
                return await act(client)

        return asyncio.run(go())

    def control(self, path, body=None, method="POST"):
        data, headers = json.dumps(body or {}).encode(), {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.endpoints.url}/sandbox/{path}", data, headers, method=method)
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).close()

    async def upload(self, client, form, name):
        await client.upload(form, str(self.folder / name), sha256=hashlib.sha256(self.files[name]).hexdigest())

    async def create(self, client, sku_id, gtin=""):
        fields = {"sku_id": sku_id, "gtin": gtin, "name": "Arc lamp", "main_asset_name": "arc"}
        return await client.create_product(fields, model_name="arc.glb", thumbnail_name="arc.png")

    async def finished(self, client, sku_id):
        created = await self.create(client, sku_id)
        await self.upload(client, created.model_form, "arc.glb")
        await self.upload(client, created.thumbnail_form, "arc.png")
        return await client.finalize_product(created.product.unicode)


@pytest.fixture
def world(tmp_path):
    (tmp_path / "files").mkdir()
    with running(SandboxSettings(tmp_path / "data", port=0, job_seconds=0, image_size=32, page_size=2)) as endpoints:
        yield World(endpoints, tmp_path / "files")


def test_the_whole_life_of_a_product(world):
    async def life(client):
        made = await world.finished(client, "LAMP")
        assert made.product_id
        updated = await client.update_product(made.unicode, {"name": "Größe L", "gtin": "4006381333931"})
        assert (updated.name, updated.gtin, updated.sku_id) == ("Größe L", "4006381333931", "LAMP")
        assert [product.unicode for product in await client.find_products(sku_id="LAMP")] == [made.unicode]
        assert await client.find_products(gtin="none") == ()
        assert await client.delete_product(made.unicode)
        return client.credits

    meter = world.run(life)
    assert meter.spent == 6
    assert meter.available == 10_000 - 6


def test_content_from_job_to_archive(world):
    async def start(client):
        made = await world.finished(client, "LAMP")
        before = await client.content_status(unicode=made.unicode)
        assert {seen.progress for seen in before.outputs.values()} == {Progress.NONE}
        await client.submit_content_job(made.unicode, list(OUTPUTS))
        return made.unicode

    unicode = world.run(start)
    world.control("settle")

    async def collect(client):
        seen = await client.content_status(unicode=unicode)
        assert {name: output.progress for name, output in seen.outputs.items()} == dict.fromkeys(OUTPUTS, Progress.DONE)
        one = await client.content_status(unicode=unicode, content_type="product_ar_status")
        assert one.outputs["ar"].progress is Progress.DONE
        shared = await client.shared_content(unicode=unicode)
        assert all(shared.urls.values())
        ids = [image.id for image in shared.images]
        assert await client.archive_images(unicode, ids[:2], archive=True) == 2
        assert len((await client.shared_content(unicode=unicode)).images) == len(ids) - 2
        assert await client.archive_images(unicode, ids[:2], archive=False) == 2

    world.run(collect)


def test_scene_renders_and_the_feed(world):
    async def start(client):
        await world.finished(client, "LAMP")
        placement = PlacementRequest("LAMP", (0, 0, 0), (0, 0, 0), None)
        render_id = await client.create_images(RenderRequest(7550, CAMERAS, "inches", (placement,)))
        more = await client.create_images(RenderRequest(7550, CAMERAS, None, (placement,)))
        assert more != render_id
        return render_id

    render_id = world.run(start)
    world.control("settle")

    async def collect(client):
        images = await client.render_images(render_id=render_id)
        assert [image.progress for image in images] == [Progress.DONE] * 2
        assert all(image.file for image in images)
        assert len(await client.render_images(sku_id="LAMP")) == 4

    async def feed():
        async with ZapierClient(world.settings()) as zapier:
            assert await zapier.fetch_token() == world.endpoints.zapier_token
            assert (await zapier.verify()).name
            page = await zapier.images_page(2)
            assert page.number == 2
            assert page.results

    world.run(collect)
    asyncio.run(feed())


def test_a_list_of_many_pages(world):
    async def act(client):
        made = [await world.create(client, f"SKU-{number}") for number in range(7)]
        page = await client.products_page(3)
        assert (page.number, page.total_pages, page.count) == (3, 4, 7)
        found = await client.find_products()
        assert {product.unicode for product in found} == {created.product.unicode for created in made}

    world.run(act)


def test_an_unknown_product_is_none_where_it_is_looked_up_and_an_error_where_it_is_changed(world):
    unknown = "ddd233ee-c968-43bc-9e51-4758d946223a"

    async def act(client):
        assert await client.content_status(unicode=unknown) is None
        assert await client.shared_content(sku_id="none") is None
        for call in (client.delete_product(unknown), client.update_product(unknown, {"name": "x"})):
            with pytest.raises(NotFoundError):
                await call

    world.run(act)


def test_refusals_say_what_is_wrong(world):
    async def taken(client):
        await world.create(client, "LAMP", "4006381333931")
        with pytest.raises(InvalidRequestError) as caught:
            await world.create(client, "LAMP")
        assert caught.value.says_taken("sku_id")
        with pytest.raises(InvalidRequestError) as caught:
            await world.create(client, "OTHER", "4006381333931")
        assert caught.value.says_taken("gtin")
        with pytest.raises(InvalidRequestError, match="scene_id"):
            await client.create_images(RenderRequest(1, (2,), None, (PlacementRequest("x", None, None, None),)))

    world.run(taken)
    with pytest.raises(CredentialsError, match="the secret key"):
        world.run(lambda client: client.delete_product("x"), secret_key="sk_wrong")
    with pytest.raises((CredentialsError, ForbiddenError), match="elsewhere"):
        world.run(lambda client: client.products_page(), origin="elsewhere.example")


def test_a_missing_scope_and_no_credits(world):
    world.control("account", {"scopes": {"public": []}}, "PATCH")
    with pytest.raises(ForbiddenError, match="Product: Read"):
        world.run(lambda client: client.products_page())
    world.control("account", {"credits": 0}, "PATCH")
    with pytest.raises(CreditsExhaustedError):
        world.run(lambda client: client.find_products(), public_key="")


def test_a_lost_answer_of_a_create_is_told_and_found_by_reading(world):
    world.control("faults", {"rules": [{"do": "lose", "method": "POST", "path": "/v1/product/details/"}]})

    async def act(client):
        with pytest.raises(AnswerLostError):
            await world.create(client, "LAMP")
        assert (await client.content_status(sku_id="LAMP")).product.sku_id == "LAMP"

    world.run(act)


def test_lost_answers_of_what_may_be_repeated_are_repeated(world):
    patch = {"do": "lose", "method": "PATCH", "path": "/v1/product/details/*"}
    delete = {"do": "lose", "method": "DELETE", "path": "/v1/product/details/*"}
    world.control("faults", {"rules": [patch, delete]})

    async def act(client):
        made = await world.finished(client, "LAMP")
        assert made.sku_id == "LAMP"
        assert await client.delete_product(made.unicode)

    world.run(act)


def test_the_bucket_checks_the_form_and_is_patient(world):
    async def act(client):
        created = await world.create(client, "LAMP")
        world.control("faults", {"rules": [{"do": "s3", "status": 503, "path": "*"}]})
        await world.upload(client, created.model_form, "arc.glb")
        world.control("clock", {"advance": 7200})
        with pytest.raises(UploadRefusedError, match="expired") as caught:
            await world.upload(client, created.model_form, "arc.glb")
        assert caught.value.form_unusable

    world.run(act)
