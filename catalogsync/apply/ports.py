"""What applying needs of the outside, as small as it is used. The API client and the state store fit these."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from catalogsync.model.events import RunEvent
from catalogsync.model.remote import (
    ContentSeen,
    CreatedProduct,
    ImageId,
    RemoteProduct,
    RenderImage,
    RenderRequest,
    SharedContent,
    UploadForm,
)
from catalogsync.model.state import Write


class Remote(Protocol):
    """The remote's operations that change or check something. See catalogsync.api for what each raises."""

    async def create_product(
        self, fields: Mapping[str, str], *, model_name: str, thumbnail_name: str | None
    ) -> CreatedProduct: ...

    async def upload(
        self, form: UploadForm, path: str, *, sha256: str, progress: Callable[[int], None] | None = None
    ) -> None: ...

    async def finalize_product(self, unicode: str) -> RemoteProduct: ...

    async def update_product(self, unicode: str, fields: Mapping[str, str]) -> RemoteProduct: ...

    async def find_products(self, *, sku_id: str = "") -> tuple[RemoteProduct, ...]: ...

    async def delete_product(self, unicode: str) -> str: ...

    async def submit_content_job(self, unicode: str, outputs: Sequence[str]) -> None: ...

    async def content_status(self, *, unicode: str = "", sku_id: str = "") -> ContentSeen | None: ...

    async def shared_content(self, *, unicode: str = "") -> SharedContent | None: ...

    async def archive_images(self, unicode: str, ids: Sequence[ImageId], *, archive: bool) -> int: ...

    async def create_images(self, request: RenderRequest) -> str: ...

    async def render_images(self, *, render_id: str = "", sku_id: str = "") -> tuple[RenderImage, ...]: ...


class Journal(Protocol):
    """Where writes become durable."""

    async def commit(self, *writes: Write) -> None:
        """Return when the writes are durable, together or not at all.

        Raises StorageFullError and StateError.
        """


Reporter = Callable[[RunEvent], None]
