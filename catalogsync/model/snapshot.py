"""The snapshot: what was seen on the remote for one plan, and what seeing it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalogsync.model.remote import ContentSeen, RemoteProduct, RenderImage


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was seen. Only complete observations become a snapshot: what is not in it is absent.

    `by_sku` and `by_gtin` hold products that answer to these values; `by_unicode` all seen ones. `contents` is by
    unicode, `renders` by the render's address. Credits: `spent` for this reading, `available` after it (None when
    the remote did not say).
    """

    by_unicode: Mapping[str, RemoteProduct]
    by_sku: Mapping[str, RemoteProduct]
    by_gtin: Mapping[str, RemoteProduct]
    contents: Mapping[str, ContentSeen] = field(default_factory=dict)
    renders: Mapping[str, tuple[RenderImage, ...]] = field(default_factory=dict)
    spent: int = 0
    available: int | None = None


def snapshot_of(products: list[RemoteProduct], *, spent: int = 0, available: int | None = None) -> Snapshot:
    """A snapshot of products alone; empty identifiers are not indexed."""
    return Snapshot(
        by_unicode={product.unicode: product for product in products},
        by_sku={product.sku_id: product for product in products if product.sku_id},
        by_gtin={product.gtin: product for product in products if product.gtin},
        spent=spent,
        available=available,
    )
