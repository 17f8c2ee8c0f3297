"""The snapshot: what was seen on the remote for one plan, and what seeing it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from catalogsync.model.remote import ContentSeen, RemoteProduct, RenderImage
from catalogsync.model.state import State


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was seen. Only complete observations become a snapshot: what is not in it is absent.

    `by_sku`, `by_gtin` and `by_salsify` hold products that answer to these values; `by_unicode` all seen ones.
    `contents` is by unicode, `renders` by the render's address. Credits: `spent` for this reading, `available` after
    it (None when the remote did not say). `read_at` is when the reading began (ISO 8601, UTC; "" when nothing was
    read); `recalled` are the unicodes of products that were not read: the state's word is taken for them. `unasked` are
    wanted gtins of which nobody asked who has them.
    """

    by_unicode: Mapping[str, RemoteProduct]
    by_sku: Mapping[str, RemoteProduct]
    by_gtin: Mapping[str, RemoteProduct]
    by_salsify: Mapping[str, RemoteProduct] = field(default_factory=dict)
    contents: Mapping[str, ContentSeen] = field(default_factory=dict)
    renders: Mapping[str, tuple[RenderImage, ...]] = field(default_factory=dict)
    spent: int = 0
    available: int | None = None
    read_at: str = ""
    recalled: frozenset[str] = frozenset()
    unasked: frozenset[str] = frozenset()


def snapshot_of(products: list[RemoteProduct], *, spent: int = 0, available: int | None = None) -> Snapshot:
    """A snapshot of products alone; empty identifiers are not indexed. Of two with one identifier the last counts."""
    return Snapshot(
        by_unicode={product.unicode: product for product in products},
        by_sku={product.sku_id: product for product in products if product.sku_id},
        by_gtin={product.gtin: product for product in products if product.gtin},
        by_salsify={product.salsify_id: product for product in products if product.salsify_id},
        spent=spent,
        available=available,
    )


def recalled(state: State) -> Snapshot:
    """The remote as the state remembers it, for nothing. A field that was never seen is taken for empty."""
    products = [
        RemoteProduct(
            unicode=binding.unicode,
            sku_id=binding.fields.get("sku_id", ""),
            gtin=binding.fields.get("gtin", ""),
            name=binding.fields.get("name", ""),
            main_asset_name=binding.fields.get("main_asset_name", ""),
            product_id=binding.product_id,
        )
        for binding in state.products.values()
        if binding.unicode not in state.buried
    ]
    return replace(snapshot_of(products), recalled=frozenset(product.unicode for product in products))


def updated(known: Snapshot, seen: Snapshot, asked: frozenset[str]) -> Snapshot:
    """What is known with a later reading put over it. `asked` are unicodes that the reading would have shown.

    A salsify_id once seen is kept: few readings show any.
    """
    former = known.by_unicode
    kept = [p for unicode, p in former.items() if unicode not in asked and unicode not in seen.by_unicode]
    later = [
        replace(product, salsify_id=former[unicode].salsify_id)
        if unicode in former and not product.salsify_id
        else product
        for unicode, product in seen.by_unicode.items()
    ]
    return replace(
        snapshot_of([*kept, *later]),
        contents={**known.contents, **seen.contents},
        renders={**known.renders, **seen.renders},
        spent=known.spent + seen.spent,
        available=seen.available,
        read_at=known.read_at or seen.read_at,
        recalled=known.recalled - asked - seen.by_unicode.keys(),
    )
