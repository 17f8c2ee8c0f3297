"""What replacements left on the remote: told apart by proof, so that a stranger's product is never deleted. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from catalogsync.model.addresses import REPLACEMENT, RETIRED, STRAY, key_of, kind_of, product_address, stray_address
from catalogsync.model.catalog import Catalog, FileFacts, Product
from catalogsync.model.identity import bindings_of, made_by
from catalogsync.model.remote import RemoteProduct
from catalogsync.model.snapshot import Snapshot, snapshot_of
from catalogsync.model.state import Bind, Origin, ProductBinding, Stage, State
from catalogsync.plan.changes import Change, Create, Delete, Forget, Plan, Replace
from catalogsync.plan.identifiers import RELEASED, fields_of
from catalogsync.plan.replacements import DIGITS, MARK, temporary_sku
from catalogsync.plan.steps import Polls, price_of

_LEFT = frozenset({REPLACEMENT, RETIRED, STRAY})
_TEMPORARY = re.compile(rf"(.+){MARK}[0-9a-f]{{{DIGITS}}}\Z", re.DOTALL)


class Proof(StrEnum):
    """Why a product is held to be ours: the surest first. Those of NAMED_ONLY are deleted only when they are named."""

    STATE = "state"  # the state knows it
    JOURNAL = "journal"  # the journal has the create that was never answered
    MODEL = "model"  # its sku_id is one of ours with digits of the model that the manifest names
    NAME = "name"  # its sku_id is one of ours with digits of a model that is not known any more
    RELEASED = "released"  # its sku_id is what we give to a product whose identifiers are released


NAMED_ONLY = frozenset({Proof.NAME, Proof.RELEASED})


@dataclass(frozen=True, slots=True)
class Stray:
    """A product that looks like one of ours and is not in the state. `key` is of the product that it was to replace."""

    seen: RemoteProduct
    key: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something left over, and what a sweep does with it: `change`, or nothing and `reason` says why."""

    address: str
    unicode: str
    sku_id: str
    proof: Proof
    reason: str
    change: Delete | Forget | None


def replaced_sku(sku_id: str) -> str:
    """The sku_id that a temporary one was made from; "" for one that is not made so."""
    found = _TEMPORARY.match(sku_id)
    return found[1] if found else ""


def candidates(catalog: Catalog, state: State, seen: Iterable[RemoteProduct]) -> tuple[Stray, ...]:
    """Products that are in no state and have a name as only catalogsync gives them; never one that the manifest names.

    Ours have no gtin: it is taken in the call that takes the sku_id, and given up in the one that gives it up.
    """
    products = {product.sku_id: product for product in catalog.products}
    known = {binding.unicode for binding in state.products.values()} | state.buried
    found = []
    for one in seen:
        if one.unicode in known or one.sku_id in products or one.gtin not in {"", one.sku_id}:
            continue
        if one.sku_id == f"{RELEASED}{one.unicode}":
            found.append(Stray(one, "", Proof.RELEASED))
        elif not one.gtin and (product := products.get(replaced_sku(one.sku_id))):
            found.append(Stray(one, product.key, Proof.NAME))
    return tuple(found)


def proven(strays: Iterable[Stray], catalog: Catalog, files: Mapping[str, FileFacts]) -> tuple[Stray, ...]:
    """The strays, of which those with digits of the manifest's models are proven by them."""
    names = set(temporary_names(catalog, files))
    return tuple(replace(stray, proof=Proof.MODEL) if stray.seen.sku_id in names else stray for stray in strays)


def temporary_names(catalog: Catalog, files: Mapping[str, FileFacts]) -> Iterator[str]:
    """The temporary sku_id of every product whose model is among the files."""
    for product in catalog.products:
        if product.model is not None and product.model.path in files:
            yield temporary_sku(product.sku_id, files[product.model.path].sha256)


def concerned(catalog: Catalog, state: State, strays: Iterable[Stray]) -> tuple[Catalog, State]:
    """The part of both that tells which leftovers are still wanted: their products, without content and renders."""
    left = {a: b for a, b in state.products.items() if kind_of(a) in _LEFT}
    intents = tuple(one for one in state.intents if one.step == "create" and kind_of(one.address) == REPLACEMENT)
    keys = {key_of(address) for address in left} | {key_of(intent.address) for intent in intents}
    keys |= {stray.key for stray in strays}
    products = tuple(_bare(product) for product in catalog.products if product.key in keys)
    part = replace(catalog, products=products, renders=(), removed=frozenset())
    bound = {binding.address: binding for binding in bindings_of(part, state).values()}
    return part, replace(state, products={**bound, **left}, contents={}, renders={}, intents=intents)


def _bare(product: Product) -> Product:
    return replace(product, outputs=(), archive=())


def with_strays(snapshot: Snapshot, strays: Iterable[Stray]) -> Snapshot:
    """The snapshot with the strays in it, so that a plan takes up those that it can."""
    known = snapshot_of([*snapshot.by_unicode.values(), *(stray.seen for stray in strays)])
    return replace(snapshot, by_unicode=known.by_unicode, by_sku=known.by_sku, by_gtin=known.by_gtin)


def leftovers(
    made: Plan, snapshot: Snapshot, state: State, strays: Iterable[Stray], named: frozenset[str]
) -> tuple[Leftover, ...]:
    """All that is left over, by a plan of what is concerned: a running replacement's product is not among it.

    Of the strays those are kept that the next apply may need, and those whose proof is weak and that are not `named`.
    """
    found = list(_known(made.changes))
    found += _journalled(made.changes, snapshot, state)
    told = {one.unicode for one in found}
    wanted = {part.unicode for change in made.changes if (part := create_of(change)) is not None}
    found += [_judged(stray, wanted, state, named) for stray in strays if stray.seen.unicode not in told]
    return tuple(found)


def _known(changes: Iterable[Change]) -> Iterator[Leftover]:
    for change in changes:
        if kind_of(change.address) in _LEFT and isinstance(change, (Delete, Forget)):
            unicode, fields = (change.unicode, change.fields) if isinstance(change, Delete) else ("", {})
            yield Leftover(change.address, unicode, fields.get("sku_id", ""), Proof.STATE, change.reason, change)


def _journalled(changes: tuple[Change, ...], snapshot: Snapshot, state: State) -> Iterator[Leftover]:
    """Products of creates that were never answered, for replacements that nothing wants any more."""
    wanting = {key_of(change.address) for change in changes if isinstance(change, Replace)}
    for intent in state.intents:
        seen = snapshot.by_sku.get(intent.request.get("sku_id", ""))
        if seen is None or key_of(intent.address) in wanting or intent.address in state.products:
            continue
        if made_by(intent.request, seen, snapshot.contents.get(seen.unicode)):
            yield _deleted(intent.address, seen, Proof.JOURNAL, "its create was not answered, and nothing wants it")


def create_of(change: Change) -> Create | None:
    """The create of a change or within it."""
    return change.create if isinstance(change, Replace) else change if isinstance(change, Create) else None


def _judged(stray: Stray, wanted: set[str], state: State, named: frozenset[str]) -> Leftover:
    address, seen = stray_address(stray.seen.sku_id), stray.seen
    product = state.products.get(product_address(stray.key))
    kept = ""
    if seen.unicode in wanted:
        kept = "it is wanted: the next apply sees to it"
    elif stray.key and product is None:
        kept = "its product is not in the state: apply first"
    elif stray.proof in NAMED_ONLY and seen.sku_id not in named:
        kept = "it may be another's: name it to delete it"
    if kept:
        return Leftover(address, seen.unicode, seen.sku_id, stray.proof, kept, None)
    reason = "it is in no state, and nothing wants it"
    if stray.proof is Proof.MODEL and product is not None and product.origin is Origin.ADOPTED:
        reason += f"; was the model of {product.address} ever changed? `apply --replace {product.address}` does it"
    return _deleted(address, seen, stray.proof, reason)


def _deleted(address: str, seen: RemoteProduct, proof: Proof, reason: str) -> Leftover:
    change = Delete(address, seen.unicode, fields_of(seen), protected=False, reason=reason, release=True)
    return Leftover(address, seen.unicode, seen.sku_id, proof, reason, change)


def sweep_plan(made: Plan, found: Sequence[Leftover], managed: int) -> Plan:
    """The deletes alone. What no state knows is bound first: cut off in between, it is deleted by the next run.

    Nothing of what the partial reading taught is kept: it says nothing of the rest.
    """
    binds = tuple(Bind(_doomed(one)) for one in found if one.change is not None and one.proof is not Proof.STATE)
    changes = tuple(one.change for one in found if one.change is not None)
    prices = tuple(price_of(change, Polls()) for change in changes)
    return replace(made, changes=changes, prices=prices, edges=(), notices=(), learned=binds, managed=managed)


def _doomed(one: Leftover) -> ProductBinding:
    """A binding as of a product that was never finished, so that it is looked for where no list shows it."""
    return ProductBinding(one.address, one.unicode, Origin.ADOPTED, Stage.CREATED, {"sku_id": one.sku_id})
