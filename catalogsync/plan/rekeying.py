"""Sku_ids that were passed on in the manifest: which binding goes on under which address. Pure.

An entry without a key of its own is called by its sku_id. When such entries pass their sku_ids on to each other, the
address says one product and everything else in the entry says another. Taken by the address, each would be replaced
by a model that the remote has already, under the name next door; taken by gtin and model, it is a rename in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from catalogsync.model.addresses import (
    PRODUCT,
    content_address,
    key_of,
    kind_of,
    replacement_address,
    retired_address,
)
from catalogsync.model.catalog import Catalog, FileFacts, Product
from catalogsync.model.state import Bind, Binding, ProductBinding, State, Unbind, Write
from catalogsync.plan.changes import Change, Notice, Plan, Update


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """The state with each binding under the address that now means it, and the writes that make it so."""

    state: State
    writes: tuple[Write, ...] = ()
    notices: tuple[Notice, ...] = ()
    former: Mapping[str, str] = field(default_factory=dict)  # address of now to the one it was remembered under


def rekeyed(catalog: Catalog, state: State, files: Mapping[str, FileFacts]) -> Rekeyed:
    """Follow the gtin where a whole ring or chain of entries agrees on it, and leave the state alone elsewhere.

    An entry agrees when another binding has its gtin and was made from its model, which its own binding was not.
    """
    passed = _whole(_candidates(catalog, state, files), catalog, state)
    if not passed:
        return Rekeyed(state)
    moved_products = {to: replace(state.products[since], address=to) for to, since in passed.items()}
    moved_contents = {
        content_address(key_of(to)): replace(content, address=content_address(key_of(to)))
        for to, since in passed.items()
        if (content := state.contents.get(content_address(key_of(since)))) is not None
    }
    touched = passed.keys() | set(passed.values())
    contents_touched = {content_address(key_of(address)) for address in touched}
    products = {a: b for a, b in state.products.items() if a not in touched} | moved_products
    contents = {a: b for a, b in state.contents.items() if a not in contents_touched} | moved_contents
    gone = [a for a in (*state.products, *state.contents) if a not in products and a not in contents]
    bound: list[Binding] = [*moved_products.values(), *moved_contents.values()]
    writes: list[Write] = [Unbind(address) for address in gone]
    writes += [Bind(binding) for binding in bound]
    notices = tuple(
        Notice(to, f"its gtin and model are those of {since}: it is renamed, not replaced")
        for to, since in passed.items()
    )
    return Rekeyed(replace(state, products=products, contents=contents), tuple(writes), notices, passed)


def following(made: Plan, known: Rekeyed) -> Plan:
    """The plan made with that state, which has to be written before anything of it is applied."""
    changes = tuple(_from_its_former(change, known.former) for change in made.changes)
    notices = (*known.notices, *made.notices)
    return replace(made, changes=changes, learned=(*known.writes, *made.learned), notices=notices)


def _from_its_former(change: Change, former: Mapping[str, str]) -> Change:
    if isinstance(change, Update) and change.address in former:
        return replace(change, moved_from=former[change.address])
    return change


def _candidates(catalog: Catalog, state: State, files: Mapping[str, FileFacts]) -> dict[str, str]:
    """Address to the address its entry's gtin was remembered under, where model and gtin do not contradict it."""
    holders = {
        binding.fields["gtin"]: binding
        for binding in state.products.values()
        if kind_of(binding.address) == PRODUCT and binding.fields.get("gtin")
    }
    busy = {key_of(intent.address) for intent in state.intents}
    found = {}
    for product in catalog.products:
        holder = holders.get(product.gtin or "")
        if holder is None or holder.address == product.address or product.key != product.sku_id:
            continue
        if {product.key, key_of(holder.address)} & busy or _in_replacement(product.key, holder, state):
            continue
        if _agrees(product, state.products.get(product.address), holder, files):
            found[product.address] = holder.address
    return found


def _agrees(
    product: Product, own: ProductBinding | None, holder: ProductBinding, files: Mapping[str, FileFacts]
) -> bool:
    if own is None:
        return True
    facts = files.get(product.model.path) if product.model else None
    return facts is not None and facts.sha256 == holder.model_sha256 != own.model_sha256


def _in_replacement(key: str, holder: ProductBinding, state: State) -> bool:
    """Whether a replacement under way names either address: it ends first."""
    return any(
        address(one) in state.products
        for one in (key, key_of(holder.address))
        for address in (replacement_address, retired_address)
    )


def _whole(found: dict[str, str], catalog: Catalog, state: State) -> dict[str, str]:
    """What is left when every link that would take a binding from an entry that keeps it, or drop one, is out."""
    wanted = {product.address for product in catalog.products}
    explicit = catalog.moved.keys() | set(catalog.moved.values()) | catalog.removed
    kept = {to: since for to, since in found.items() if not {to, since} & explicit}
    while True:
        sources = set(kept.values())
        broken = [
            to
            for to, since in kept.items()
            if (to in state.products and to not in sources) or (since in wanted and since not in kept)
        ]
        if not broken:
            break
        for to in broken:
            del kept[to]
    # A name that is only new is an ordinary rename, which the diff finds by itself.
    return kept if any(to in state.products for to in kept) else {}
