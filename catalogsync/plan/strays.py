"""What looks left over, as every plan meets it on the way: it is never taken for a product, and said. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from catalogsync.model.addresses import product_address
from catalogsync.model.catalog import Catalog
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import State
from catalogsync.plan.changes import Change, Notice
from catalogsync.plan.replacements import MARK


def unnamed(snapshot: Snapshot, catalog: Catalog) -> Snapshot:
    """The snapshot without the sku_ids that look temporary and are named by the manifest: those are products."""
    named = {product.sku_id for product in catalog.products if MARK in product.sku_id}
    if not named:
        return snapshot
    return replace(snapshot, by_sku={sku: seen for sku, seen in snapshot.by_sku.items() if sku not in named})


def stray_notices(
    catalog: Catalog, snapshot: Snapshot, state: State, changes: Mapping[str, Change]
) -> Iterator[Notice]:
    """Of products that were seen on the way and look left over, so that they are not forgotten about."""
    odd = [seen for seen in snapshot.by_unicode.values() if MARK in seen.sku_id]
    if not odd:
        return
    from catalogsync.plan.sweep import candidates, create_of  # most plans meet none of them

    taken_up = {part.unicode for change in changes.values() if (part := create_of(change)) is not None}
    for stray in candidates(catalog, state, odd):
        if stray.seen.unicode not in taken_up:
            yield Notice(
                product_address(stray.key),
                f"a replacement of it looks left over under sku_id {stray.seen.sku_id}: "
                "`catalogsync state sweep --unmanaged` tells more",
            )
