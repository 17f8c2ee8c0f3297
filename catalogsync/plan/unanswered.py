"""Creates that were never answered, and of which the manifest says something else by now: what they made is ours. Pure.

While the manifest still wants the same sku_id under the same address, the product's own diff makes it again. Where the
entry is gone or has another sku_id, the product would be left behind, with identifiers that others may want.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from catalogsync.model.addresses import PRODUCT, kind_of
from catalogsync.model.catalog import Catalog
from catalogsync.model.identity import made_by
from catalogsync.model.remote import RemoteProduct
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import Bind, Intent, Origin, Phase, ProductBinding, Settle, Stage, State, Write


def with_unanswered(catalog: Catalog, snapshot: Snapshot, state: State) -> tuple[State, tuple[Write, ...]]:
    """The state with a binding for each such product, as of one whose upload never began, and the writes for it."""
    found = list(_made(catalog, snapshot, state))
    if not found:
        return state, ()
    bindings = {intent.address: _binding(intent, seen) for intent, seen in found}
    settled = {intent.id for intent, _ in found}
    intents = tuple(intent for intent in state.intents if intent.id not in settled)
    writes: list[Write] = [Bind(binding) for binding in bindings.values()]
    writes += [Settle(intent.id, Phase.DONE, seen.unicode) for intent, seen in found]
    return replace(state, products={**state.products, **bindings}, intents=intents), tuple(writes)


def _made(catalog: Catalog, snapshot: Snapshot, state: State) -> Iterator[tuple[Intent, RemoteProduct]]:
    wanted = {product.address: product.sku_id for product in catalog.products}
    known = {binding.unicode for binding in state.products.values()}
    for intent in state.intents:
        sku_id = intent.request.get("sku_id", "")
        seen = snapshot.by_sku.get(sku_id)
        if intent.step != "create" or kind_of(intent.address) != PRODUCT or seen is None or seen.unicode in known:
            continue
        if wanted.get(intent.address) == sku_id or _stands(intent.address, snapshot, state.products):
            continue
        if made_by(intent.request, seen, snapshot.contents.get(seen.unicode)):
            yield intent, seen


def _stands(address: str, snapshot: Snapshot, products: Mapping[str, ProductBinding]) -> bool:
    """Whether the address has a product that is there: it is not given up for another."""
    binding = products.get(address)
    return binding is not None and binding.unicode in snapshot.by_unicode


def _binding(intent: Intent, seen: RemoteProduct) -> ProductBinding:
    return ProductBinding(intent.address, seen.unicode, Origin.CREATED, Stage.CREATED, dict(intent.request))
