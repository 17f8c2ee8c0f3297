"""The client of the API: one method per operation, typed values in and out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from random import random as _uniform
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from catalogsync.api import operations as ops
from catalogsync.api.body import FileBody
from catalogsync.api.calls import Body, Calls, Chance, Sleep
from catalogsync.api.operations import Operation
from catalogsync.api.pages import all_pages
from catalogsync.api.parse import Reader, content_of, created_of, page_of, product_of, render_image_of, shared_of
from catalogsync.api.requests import job_body, render_body
from catalogsync.api.retry import Patience, persist
from catalogsync.api.settings import ApiSettings, CreditMeter, base_of, reader, writer
from catalogsync.api.upload import WAY_OUT, send_file
from catalogsync.api.watching import Watched
from catalogsync.errors import InvalidRequestError, NotFoundError, RemoteError, UnexpectedAnswerError, UsageMistakeError
from catalogsync.model.remote import (
    ContentSeen,
    CreatedProduct,
    ImageId,
    Page,
    RemoteProduct,
    RenderImage,
    RenderRequest,
    SharedContent,
    UploadForm,
)

if TYPE_CHECKING:
    from catalogsync.api.http import Door

_ALREADY_DELETED = "Marked for deletion by an earlier request whose answer was lost."


class ImagineClient:
    """The Imagine.io API. An async context manager; `credits` counts what all calls of it cost.

    Every method raises the RemoteError that its answer is. Idempotent operations (reads, update, finalize, archive,
    delete, upload) are repeated after passing failures. create_product, submit_content_job and create_images are
    repeated only when a try certainly did not arrive: after AnswerLostError, ServerFaultError, RateLimitedError and
    UnexpectedAnswerError of these three the outcome is unknown, and the caller finds it out by reading.
    A missing key or origin is a UsageMistakeError before anything is sent.
    """

    def __init__(self, settings: ApiSettings, *, sleep: Sleep = asyncio.sleep, random: Chance = _uniform) -> None:
        self.credits = CreditMeter(settings.max_credits)
        self._settings = settings
        self._sleep = sleep
        self._random = random
        variable = "CATALOGSYNC_API_URL"
        base = base_of(settings.url, variable)
        self._calls = Calls(settings, base, variable, sleep=sleep, random=random, meter=self.credits)
        self._bucket: Door | None = None
        self._uploading = asyncio.Semaphore(settings.upload_connections)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._calls.aclose()
        if self._bucket is not None:
            await self._bucket.aclose()
            self._bucket = None

    async def create_product(
        self, fields: Mapping[str, str], *, model_name: str, thumbnail_name: str | None
    ) -> CreatedProduct:
        """A new product with upload forms for its files. The forms cannot be had a second time."""
        form = {**fields, "prop_data_user_file_name": model_name}
        if thumbnail_name is not None:
            form["thumbnail_name"] = thumbnail_name
        return created_of(await self._data(ops.CREATE_PRODUCT, Body(form=form)))

    async def upload(
        self, form: UploadForm, path: str, *, sha256: str, progress: Callable[[int], None] | None = None
    ) -> None:
        """Send a file to the bucket; costs no credit.

        `progress` is told the bytes of the file sent so far, and starts over when a try failed. Raises
        UploadRefusedError: the bucket's refusal, or code "FileChanged" when the file is not the one of `sha256`.
        """
        body = FileBody(form, path, sha256=sha256, progress=progress)
        size = int(body.headers["Content-Length"])
        watched = Watched(self._settings.on_call, "upload the file", "POST", form.url, sent=size)
        await persist(
            lambda: self._sent(form.url, body, watched),
            patience=Patience(self._settings.attempts, self._settings.backoff, idempotent=True),
            sleep=self._sleep,
            random=self._random,
            pausing=watched.pausing,
        )

    async def finalize_product(self, unicode: str) -> RemoteProduct:
        """Mark the upload as successful: the product becomes listed. `product_id` is filled when the answer tells it.

        A product that is "already" marked is as wanted, and is read back (without its product_id).
        """
        body = Body(json={"action": "mark_upload_success"})
        try:
            return await self._changed(ops.FINALIZE_PRODUCT, unicode, body)
        except InvalidRequestError as error:
            if not any("already" in text.lower() and "exist" not in text.lower() for _, text in error.sentences):
                raise
            return await self._read_back(ops.FINALIZE_PRODUCT, unicode)

    async def update_product(self, unicode: str, fields: Mapping[str, str]) -> RemoteProduct:
        """Change the given fields only; "" clears one."""
        return await self._changed(ops.UPDATE_PRODUCT, unicode, Body(form=fields))

    async def products_page(
        self,
        number: int = 1,
        *,
        unicode: str = "",
        sku_id: str = "",
        gtin: str = "",
        salsify_id: str = "",
        search: str = "",
    ) -> Page[RemoteProduct]:
        """One page of the products that match all given filters; an empty one when the remote knows no match."""
        filters = {"unicode": unicode, "sku_id": sku_id, "gtin": gtin, "salsify_id": salsify_id, "search": search}
        try:
            return page_of(await self._list(ops.LIST_PRODUCTS, number, filters), number, product_of)
        except NotFoundError:
            if number > 1 or not any(filters.values()):
                raise
            return Page(number=1, total_pages=1, count=0, results=())

    async def find_products(self, **filters: str) -> tuple[RemoteProduct, ...]:
        """All products that match the filters of `products_page`. Raises ObservationError for a restless list."""
        return await all_pages(
            lambda number: self.products_page(number, **filters),
            lambda product: product.unicode,
            self._settings.connections,
        )

    async def delete_product(self, unicode: str) -> str:
        """Mark a product for deletion; returns the vendor's message, which alone tells the day.

        Raises NotFoundError, except where an earlier try, whose answer was lost, did the work.
        """

        def done(error: RemoteError) -> dict[str, str] | None:
            return {"message": _ALREADY_DELETED} if isinstance(error, NotFoundError) else None

        path = _path_of(ops.DELETE_PRODUCT, unicode)
        identity = writer(self._settings)
        answer = await self._calls.json(ops.DELETE_PRODUCT, identity, Body(), path=path, repeated=done)
        return Reader.of(ops.DELETE_PRODUCT, answer or {}).text("message")

    async def submit_content_job(self, unicode: str, outputs: Sequence[str]) -> None:
        """Ask for outputs, by their manifest names. Asking twice makes them twice."""
        await self._calls.json(ops.SUBMIT_JOB, writer(self._settings), Body(json=job_body(unicode, outputs)))

    async def content_status(
        self, *, unicode: str = "", gtin: str = "", sku_id: str = "", salsify_id: str = "", content_type: str = ""
    ) -> ContentSeen | None:
        """How far the outputs of a product are; also finds products that are not listed. None: no such product.

        `content_type` is a `status_field` of model.outputs; without it all outputs are told.
        """
        found = await self._lookup(ops.CONTENT_STATUS, unicode, gtin, sku_id, salsify_id, content_type)
        return None if found is None else content_of(found, content_type)

    async def shared_content(
        self, *, unicode: str = "", gtin: str = "", sku_id: str = "", salsify_id: str = "", content_type: str = ""
    ) -> SharedContent | None:
        """The URLs of finished content; image URLs expire. None: no such product."""
        found = await self._lookup(ops.SHARED_CONTENT, unicode, gtin, sku_id, salsify_id, content_type)
        return None if found is None else shared_of(found)

    async def archive_images(self, unicode: str, ids: Sequence[ImageId], *, archive: bool) -> int:
        """Hide images, or show them again; returns how many the remote says it changed. No ids, no call."""
        if not ids:
            return 0
        body = Body(json={"ids": [_as_number(image) for image in ids], "is_archive": archive, "unicode": unicode})
        answer = await self._calls.json(ops.ARCHIVE_IMAGES, writer(self._settings), body)
        data = answer.get("data") if isinstance(answer, dict) else None
        told = isinstance(data, dict) and data.get("updated_count") is not None
        return Reader.of(ops.ARCHIVE_IMAGES, data, "data").number("updated_count") if told else len(ids)

    async def create_images(self, request: RenderRequest) -> str:
        """Start a scene render; returns its render_id as text. Asking twice renders twice."""
        data = await self._data(ops.CREATE_IMAGES, Body(json=render_body(request)))
        return data.required_text("render_id")

    async def render_images_page(
        self, number: int = 1, *, render_id: str = "", product_id: str = "", sku_id: str = "", product_name: str = ""
    ) -> Page[RenderImage]:
        """One page of rendered images, empty for a product without any. NotFoundError for an unknown render_id."""
        filters = {"render_id": render_id, "product_id": product_id, "sku_id": sku_id, "product_name": product_name}
        try:
            return page_of(await self._list(ops.RENDER_IMAGES, number, filters), number, render_image_of)
        except NotFoundError:
            if number > 1 or render_id or not any(filters.values()):
                raise
            return Page(number=1, total_pages=1, count=0, results=())

    async def render_images(
        self, *, render_id: str = "", product_id: str = "", sku_id: str = "", product_name: str = ""
    ) -> tuple[RenderImage, ...]:
        """All images that match; one call where there is one page."""
        return await all_pages(
            lambda number: self.render_images_page(
                number, render_id=render_id, product_id=product_id, sku_id=sku_id, product_name=product_name
            ),
            lambda image: image.id,
            self._settings.connections,
        )

    async def _list(self, operation: Operation, number: int, filters: Mapping[str, str]) -> Reader:
        params = {**filters, "page": str(number) if number > 1 else ""}
        return await self._calls.reader(operation, reader(self._settings), Body(params=params))

    async def _lookup(
        self, operation: Operation, unicode: str, gtin: str, sku_id: str, salsify_id: str, content_type: str
    ) -> Reader | None:
        identifiers = {"unicode": unicode, "gtin": gtin, "sku_id": sku_id, "salsify_id": salsify_id}
        if not any(identifiers.values()):
            raise UsageMistakeError(f"Could not {operation.name}: it needs a unicode, gtin, sku_id or salsify_id.")
        params = {**identifiers, "content_type": content_type}
        try:
            return await self._calls.reader(operation, reader(self._settings), Body(params=params))
        except NotFoundError:
            return None

    async def _data(self, operation: Operation, body: Body) -> Reader:
        """The `data` of a write's answer."""
        return (await self._calls.reader(operation, writer(self._settings), body)).object("data")

    async def _changed(self, operation: Operation, unicode: str, body: Body) -> RemoteProduct:
        """The product that a PATCH answers with; read back when the answer is a bare success."""
        path = _path_of(operation, unicode)
        answer = await self._calls.json(operation, writer(self._settings), body, path=path)
        data = answer.get("data") if isinstance(answer, dict) else None
        if not data:
            return await self._read_back(operation, unicode)
        return product_of(Reader.of(operation, data, "data"), unicode=unicode)

    async def _read_back(self, operation: Operation, unicode: str) -> RemoteProduct:
        seen = await self.content_status(unicode=unicode)
        if seen is None:
            raise UnexpectedAnswerError(f"Could not {operation.name}: it succeeded, but the product cannot be read.")
        return seen.product

    async def _sent(self, url: str, body: FileBody, watched: Watched) -> None:
        await body.prepare()
        async with self._uploading:
            with watched.trying() as seen:
                seen.answered(await send_file(self._to_bucket(), url, body))

    def _to_bucket(self) -> Door:
        if self._bucket is None:
            from catalogsync.api.http import Door, Timeouts

            # Per chunk: 1 MiB over a slow line takes long; and a bucket answers only when all is stored.
            timeouts = Timeouts(connect=15, write=120, read=600, total=None)
            self._bucket = Door(connections=self._settings.upload_connections, timeouts=timeouts, way_out=WAY_OUT)
        return self._bucket


def _as_number(image: ImageId) -> ImageId:
    """The document wants numbers, also from a remote that told its ids as text."""
    return int(image) if isinstance(image, str) and image.isascii() and image.isdigit() else image


def _path_of(operation: Operation, unicode: str) -> str:
    if not unicode.strip("./ "):
        raise UsageMistakeError(f"Could not {operation.name}: it needs the product's unicode.")
    return operation.path.format(unicode=quote(unicode, safe=""))
