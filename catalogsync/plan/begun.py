"""Products that were begun, and of which the manifest says something else by now. Pure.

What a create that was never answered made is ours. While the manifest still wants the same sku_id under the same
address, the product's own diff makes it again. Where the entry is gone or has another sku_id, the product would be left
behind. And an unfinished product that holds what another entry wants by now has to go before that one can be served.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from catalogsync.model.addresses import PRODUCT, kind_of, stray_address
from catalogsync.model.catalog import Catalog
from catalogsync.model.identity import made_by
from catalogsync.model.remote import RemoteProduct
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import Bind, Intent, Origin, Phase, ProductBinding, Settle, Stage, State, Unbind, Write


def with_begun(catalog: Catalog, snapshot: Snapshot, state: State) -> tuple[State, tuple[Write, ...]]:
    """The state as it is to be compared, and the writes that make it so.

    What unanswered creates made is bound, as a product whose upload never began; what is in the way is bound as a
    stray, which is deleted and made anew.
    """
    known, bound = _with_unanswered(catalog, snapshot, state)
    cleared, freed = _with_strays(catalog, snapshot, known)
    return cleared, (*bound, *freed)


def _with_unanswered(catalog: Catalog, snapshot: Snapshot, state: State) -> tuple[State, tuple[Write, ...]]:
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


def _with_strays(catalog: Catalog, snapshot: Snapshot, state: State) -> tuple[State, tuple[Write, ...]]:
    unfinished = [
        binding
        for binding in state.products.values()
        if kind_of(binding.address) == PRODUCT
        and binding.stage is Stage.CREATED
        and binding.unicode in snapshot.by_unicode
    ]
    in_the_way = _in_the_way(unfinished, catalog) if unfinished else []
    if not in_the_way:
        return state, ()
    strays = {one.address: replace(one, address=stray_address(one.fields["sku_id"])) for one in in_the_way}
    kept = {address: binding for address, binding in state.products.items() if address not in strays}
    products = {**kept, **{stray.address: stray for stray in strays.values()}}
    writes = [write for address, stray in strays.items() for write in (Unbind(address), Bind(stray))]
    return replace(state, products=products), tuple(writes)


def _in_the_way(unfinished: list[ProductBinding], catalog: Catalog) -> list[ProductBinding]:
    """Those of which more than one address wants the product or one of its identifiers."""
    skus = {product.sku_id: product.address for product in catalog.products}
    gtins = {product.gtin: product.address for product in catalog.products if product.gtin}
    owners = {product.address: product.address for product in catalog.products}
    owners |= {old: new for new, old in catalog.moved.items()}

    def wanters(binding: ProductBinding) -> set[str | None]:
        found = {skus.get(binding.fields.get("sku_id", "")), gtins.get(binding.fields.get("gtin", ""))}
        return (found | {owners.get(binding.address)}) - {None}

    return [binding for binding in unfinished if len(wanters(binding)) > 1]
