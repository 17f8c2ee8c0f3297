"""The diff: catalog, snapshot and state to changes. Row by row it is the table in docs/way-of-the-data.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalogsync.model.addresses import content_address, product_address
from catalogsync.model.catalog import Catalog, FileFacts
from catalogsync.model.identity import Identity, identify
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import State
from catalogsync.plan.begun import with_begun
from catalogsync.plan.changes import Adopt, Change, Create, Diff, Notice, Replace
from catalogsync.plan.contents import diff_content, settled_jobs
from catalogsync.plan.products import diff_products
from catalogsync.plan.renders import diff_renders


@dataclass(frozen=True, slots=True)
class DiffOptions:
    """What the user decides about the diff."""

    retry_failed: bool = False
    replace: frozenset[str] = frozenset()  # addresses of products to make anew
    distrust: bool | None = False  # whether products that exist already are replaced; None: whatever proof there is
    destroy: bool = False  # delete what is managed, whatever is wanted


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
    state, begun = with_begun(catalog, snapshot, state)
    identity = identify(catalog, snapshot, state)
    products = diff_products(
        catalog,
        identity,
        snapshot,
        state,
        files,
        replace_addresses=options.replace,
        retry_failed=options.retry_failed,
        distrust=options.distrust,
    )
    contents = _contents(identity, products.changes, snapshot, state, files, options)
    models = _models_after(identity, products.changes, files)
    renders = diff_renders(catalog, snapshot, state, models, retry_failed=options.retry_failed)
    keys = [match.product.key for match in identity.matches]
    unwanted = _of_the_unwanted(identity, products.changes)
    return Diff(
        changes=(*_in_order(keys, products.changes, contents), *renders.changes, *unwanted),
        notices=(*products.notices, *_all_notices(contents), *renders.notices),
        learned=(
            *begun,
            *products.learned,
            *(write for part in contents.values() for write in part.learned),
            *renders.learned,
            *settled_jobs(identity, state, snapshot),
        ),
    )


def _of_the_unwanted(identity: Identity, changes: Mapping[str, Change]) -> list[Change]:
    wanted = {match.product.address for match in identity.matches}
    return [change for address, change in changes.items() if address not in wanted]


def _contents(
    identity: Identity,
    changes: Mapping[str, Change],
    snapshot: Snapshot,
    state: State,
    files: Mapping[str, FileFacts],
    options: DiffOptions,
) -> dict[str, Diff]:
    return {
        match.product.content_address: diff_content(
            match, changes.get(match.product.address), snapshot, state, files, retry_failed=options.retry_failed
        )
        for match in identity.matches
        if match.product.outputs
    }


def _models_after(identity: Identity, changes: Mapping[str, Change], files: Mapping[str, FileFacts]) -> dict[str, str]:
    """The digest of each product's model once the plan is applied: a render shows what is live, not what is on disk."""
    models = {}
    for match in identity.matches:
        product, binding = match.product, match.binding
        made = isinstance(changes.get(product.address), (Adopt, Create, Replace))
        if binding is not None and binding.model_sha256 and not made:
            models[product.key] = binding.model_sha256
        elif product.model is not None:
            models[product.key] = files[product.model.path].sha256
    return models


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
