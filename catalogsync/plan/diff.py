"""The diff: catalog, snapshot and state to changes. Row by row it is the table in docs/way-of-the-data.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalogsync.model.addresses import content_address, product_address
from catalogsync.model.catalog import Catalog, FileFacts
from catalogsync.model.identity import identify
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import State
from catalogsync.plan.changes import Change, Diff, Notice
from catalogsync.plan.contents import diff_content
from catalogsync.plan.products import diff_products
from catalogsync.plan.renders import diff_renders


@dataclass(frozen=True, slots=True)
class DiffOptions:
    """What the user decides about the diff."""

    retry_failed: bool = False


def diff(
    catalog: Catalog,
    snapshot: Snapshot,
    state: State,
    files: Mapping[str, FileFacts],
    options: DiffOptions = DiffOptions(),
) -> Diff:
    """Compare what is wanted with what is seen and what is remembered.

    `files` holds the facts of every file the catalog names, by its path. Changes come in the manifest's order: each
    product, its content behind it, then the renders, then what is no longer wanted.
    """
    identity = identify(catalog, snapshot, state)
    products = diff_products(catalog, identity, snapshot, state, files)
    contents = {
        match.product.content_address: diff_content(
            match,
            products.changes.get(match.product.address),
            snapshot,
            state,
            files,
            retry_failed=options.retry_failed,
        )
        for match in identity.matches
        if match.product.outputs
    }
    renders = diff_renders(catalog, snapshot, state, files, retry_failed=options.retry_failed)
    wanted = {match.product.address for match in identity.matches}
    return Diff(
        changes=(
            *_in_order([match.product.key for match in identity.matches], products.changes, contents),
            *renders.changes,
            *(change for address, change in products.changes.items() if address not in wanted),
        ),
        notices=(*products.notices, *_all_notices(contents), *renders.notices),
        learned=(
            *products.learned,
            *(write for part in contents.values() for write in part.learned),
            *renders.learned,
        ),
    )


def _in_order(keys: list[str], products: Mapping[str, Change], contents: Mapping[str, Diff]) -> list[Change]:
    ordered: list[Change] = []
    for key in keys:
        change = products.get(product_address(key))
        if change is not None:
            ordered.append(change)
        part = contents.get(content_address(key))
        if part is not None:
            ordered.extend(part.changes)
    return ordered


def _all_notices(contents: Mapping[str, Diff]) -> list[Notice]:
    return [notice for part in contents.values() for notice in part.notices]
