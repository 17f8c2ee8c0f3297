"""Which remote product is which wanted product. One place for the rule, used to read the remote and to compare.

Order: the binding, then sku_id, then gtin, then salsify_id. Products that we deleted do not count, even where the
remote still shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalogsync.model.addresses import PRODUCT, REPLACEMENT, RETIRED, STRAY, kind_of
from catalogsync.model.catalog import UPDATABLE_FIELDS, Catalog, Product
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import ContentSeen, RemoteProduct
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import ProductBinding, State


@dataclass(frozen=True, slots=True)
class Match:
    """What belongs to a wanted product: its binding (and the address it is remembered under), and what is seen."""

    product: Product
    binding: ProductBinding | None
    bound: RemoteProduct | None
    by_sku: RemoteProduct | None
    by_gtin: RemoteProduct | None
    by_salsify: RemoteProduct | None = None

    @property
    def named(self) -> tuple[tuple[str, RemoteProduct], ...]:
        """The remote products that its identifiers name, each with the identifier's name, the strongest first."""
        pairs = (("sku_id", self.by_sku), ("gtin", self.by_gtin), ("salsify_id", self.by_salsify))
        return tuple((name, seen) for name, seen in pairs if seen is not None)

    @property
    def seen(self) -> RemoteProduct | None:
        """The remote product this is, None when there is none. Which one in doubt: see plan.products."""
        return self.bound or self.by_sku or self.by_gtin or self.by_salsify


@dataclass(frozen=True, slots=True)
class Identity:
    """All matches of a catalog, and the bindings that nothing wanted claims."""

    matches: tuple[Match, ...]
    unclaimed: tuple[ProductBinding, ...]
    leftovers: tuple[ProductBinding, ...]  # replacements under way or abandoned, retired products, strays


def bindings_of(catalog: Catalog, state: State) -> dict[str, ProductBinding]:
    """The binding of each wanted address that has one: under its own name, or the name it moved from."""
    found = {}
    for product in catalog.products:
        address = product.address
        binding = state.products.get(address) or state.products.get(catalog.moved.get(address, ""))
        if binding is not None:
            found[address] = binding
    return found


def identify(catalog: Catalog, snapshot: Snapshot, state: State) -> Identity:
    """Match every wanted product.

    A wanted product without a binding whose sku_id, gtin or salsify_id belongs to a binding that nothing else claims
    takes that binding over: its key was renamed, the product is the same.
    """
    claimed = bindings_of(catalog, state)
    held = {binding.address for binding in claimed.values()}
    named = [binding for binding in state.products.values() if kind_of(binding.address) == PRODUCT]
    free = {b.unicode: b for b in named if b.address not in held and b.address not in catalog.removed}
    matches = []
    for product in catalog.products:
        by_sku = snapshot.by_sku.get(product.sku_id)
        by_gtin = snapshot.by_gtin.get(product.gtin) if product.gtin else None
        by_salsify = snapshot.by_salsify.get(product.salsify_id) if product.salsify_id else None
        binding = claimed.get(product.address)
        if binding is None:
            binding = _take(free, by_sku) or _take(free, by_gtin) or _take(free, by_salsify)
        bound = snapshot.by_unicode.get(binding.unicode) if binding else None
        matches.append(Match(product, binding, bound, by_sku, by_gtin, by_salsify))
    taken = {match.binding.address for match in matches if match.binding}
    unclaimed = tuple(b for b in named if b.address not in taken)
    leftovers = tuple(b for b in state.products.values() if kind_of(b.address) in {REPLACEMENT, RETIRED, STRAY})
    return Identity(tuple(matches), unclaimed, leftovers)


def _take(free: dict[str, ProductBinding], seen: RemoteProduct | None) -> ProductBinding | None:
    return free.pop(seen.unicode, None) if seen else None


def made_by(request: Mapping[str, str], seen: RemoteProduct, content: ContentSeen | None) -> bool:
    """Whether a product is the one that an unanswered create with these fields made.

    It has exactly the fields that were sent, and no content: its upload was never finished. Anything else that
    answers to the sku_id was made by somebody else and is never deleted for it.
    """
    same = all(getattr(seen, name) == request[name] for name in UPDATABLE_FIELDS if name in request)
    bare = "gtin" in request or not seen.gtin
    empty = content is None or all(output.progress is Progress.NONE for output in content.outputs.values())
    return same and bare and empty


def open_creates(state: State) -> dict[str, Mapping[str, str]]:
    """What was sent, by address, in creates whose outcome is not known."""
    return {intent.address: intent.request for intent in state.intents if intent.step == "create"}
