"""The diff of products: each wanted one by `wanted.py`, then every binding that nothing wants any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from catalogsync.model.catalog import Catalog, FileFacts
from catalogsync.model.identity import Identity, Match, made_by, open_creates
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import Bind, Phase, ProductBinding, Settle, State, Unbind, Write
from catalogsync.plan.changes import Change, Conflict, Delete, Forget, Notice, Replace
from catalogsync.plan.identifiers import fields_of, with_releases
from catalogsync.plan.replacements import learned_of_replacement, swept
from catalogsync.plan.strays import stray_notices, unnamed
from catalogsync.plan.wanted import Context, change_of


@dataclass(frozen=True, slots=True)
class ProductDiff:
    """Product changes by address, and what goes with them."""

    changes: Mapping[str, Change]
    notices: tuple[Notice, ...]
    learned: tuple[Write, ...]


def diff_products(
    catalog: Catalog,
    identity: Identity,
    snapshot: Snapshot,
    state: State,
    files: Mapping[str, FileFacts],
    *,
    replace_addresses: frozenset[str] = frozenset(),
    retry_failed: bool = False,
    distrust: bool | None = False,
) -> ProductDiff:
    """Compare every wanted product, then every binding that nothing wants any more."""
    notices: list[Notice] = []
    context = Context(
        snapshot=unnamed(snapshot, catalog),
        state=state,
        replace=replace_addresses,
        retry_failed=retry_failed,
        distrust=distrust,
        notices=notices,
        wanting=set(),
        files=files,
        claims={match.binding.unicode: match.product for match in identity.matches if match.binding},
        leaving=_leaving(identity, catalog),
        open_creates=open_creates(state),
    )
    changes: dict[str, Change] = {}
    learned: list[Write] = list(_settled_creates(snapshot, state))
    for match in identity.matches:
        change = change_of(match, context)
        if change is not None:
            changes[match.product.address] = change
        if isinstance(change, Replace):
            learned += learned_of_replacement(match.product, snapshot, state)
        _follow_address(match, change, notices, learned)
    changes |= {binding.address: _unwanted(binding, catalog, snapshot) for binding in identity.unclaimed}
    changes |= swept(identity, changes, snapshot, context.wanting)
    notices += stray_notices(catalog, snapshot, state, changes)
    learned += _settled_deletes(snapshot, state, changes)
    return ProductDiff(with_releases(changes), tuple(notices), tuple(learned))


def _leaving(identity: Identity, catalog: Catalog) -> frozenset[str]:
    """Unicodes of what is to be deleted, and of replacements and what they replaced."""
    deleted = (binding for binding in identity.unclaimed if binding.address not in catalog.removed)
    return frozenset(binding.unicode for binding in (*deleted, *identity.leftovers))


def _unwanted(binding: ProductBinding, catalog: Catalog, snapshot: Snapshot) -> Change:
    if binding.address in catalog.removed:
        return Forget(binding.address, "it is listed under removed:")
    seen = snapshot.by_unicode.get(binding.unicode)
    if seen is None:
        return Forget(binding.address, "it is gone from the remote")
    return Delete(binding.address, seen.unicode, fields_of(seen), binding.protect, "it is no longer in the manifest")


def _follow_address(match: Match, change: Change | None, notices: list[Notice], learned: list[Write]) -> None:
    """A binding remembered under another address, or with other protection, is only rewritten in the state."""
    binding = match.binding
    if binding is None or isinstance(change, Conflict):
        return
    address = match.product.address
    if binding.address != address:
        notices.append(Notice(address, f"{binding.address} has moved to {address}"))
        learned.append(Unbind(binding.address))
    if binding.address != address or binding.protect != match.product.protect:
        learned.append(Bind(replace(binding, address=address, protect=match.product.protect)))


def _settled_creates(snapshot: Snapshot, state: State) -> list[Write]:
    """Creates whose outcome was unknown and of which the remote shows nothing: they never happened."""
    settled: list[Write] = []
    for intent in state.intents:
        seen = snapshot.by_sku.get(intent.request.get("sku_id", ""))
        if intent.step == "create" and seen is None:
            settled.append(Settle(intent.id, Phase.FAILED, "nothing of it is on the remote"))
        elif (
            intent.step == "create"
            and seen is not None
            and not made_by(intent.request, seen, snapshot.contents.get(seen.unicode))
        ):
            settled.append(Settle(intent.id, Phase.FAILED, f"its sku_id is another product's, {seen.unicode}"))
    return settled


def _settled_deletes(snapshot: Snapshot, state: State, changes: Mapping[str, Change]) -> list[Write]:
    """Deletes whose outcome was unknown, of products that are gone, where nothing else is to settle them."""
    return [
        Settle(intent.id, Phase.DONE, "gone from the remote")
        for intent in state.intents
        if intent.step == "delete"
        and intent.request.get("unicode", "") not in snapshot.by_unicode
        and not isinstance(changes.get(intent.address), (Delete, Forget))
    ]
