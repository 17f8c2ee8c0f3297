"""What observing needs of the remote: reads only. The API client fits this."""

from __future__ import annotations

from typing import Protocol

from catalogsync.model.remote import ContentSeen, Page, RemoteProduct, RenderImage, SharedContent


class Credits(Protocol):
    spent: int
    available: int | None


class Reader(Protocol):
    """Reads; each page and each look-up costs one credit."""

    @property
    def credits(self) -> Credits: ...

    async def products_page(self, number: int = 1) -> Page[RemoteProduct]: ...

    async def find_products(
        self, *, unicode: str = "", sku_id: str = "", gtin: str = "", salsify_id: str = ""
    ) -> tuple[RemoteProduct, ...]: ...

    async def content_status(self, *, unicode: str = "", sku_id: str = "") -> ContentSeen | None: ...

    async def shared_content(self, *, salsify_id: str = "") -> SharedContent | None: ...

    async def render_images(self, *, render_id: str = "", sku_id: str = "") -> tuple[RenderImage, ...]: ...
