"""Which remote product is which wanted product."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plan_shapes import catalog_of

from catalogsync.model.catalog import Catalog
from catalogsync.model.identity import Identity, identify, open_creates
from catalogsync.model.remote import RemoteProduct
from catalogsync.model.snapshot import snapshot_of
from catalogsync.model.state import Intent, Origin, ProductBinding, Stage, State

BOUND = RemoteProduct("bound", "old sku", "", "", "")
BY_SKU = RemoteProduct("sku", "A", "", "", "")
BY_GTIN = RemoteProduct("gtin", "other", "1", "", "")
BY_SALSIFY = RemoteProduct("salsify", "another", "", "", "", salsify_id="S")


def wanted(*keys: str, **more: object) -> Catalog:
    """Products with their key as sku_id; the first one has gtin 1 and salsify_id S."""
    catalog = catalog_of(*keys)
    first = replace(catalog.products[0], gtin="1", salsify_id="S")
    return replace(catalog, products=(first, *catalog.products[1:]), **more)


def remembering(**bound: str) -> State:
    """Unicodes by key, or by address with __ for the dot."""
    addresses = [name.replace("__", ".") if "__" in name else f"product.{name}" for name in bound]
    products = {
        address: ProductBinding(address, unicode, Origin.CREATED, Stage.FINALIZED, {})
        for address, unicode in zip(addresses, bound.values(), strict=True)
    }
    return State("lineage", 1, products)


def told(identity: Identity) -> list[tuple[str, str, str]]:
    """Each product: the address its binding is remembered under, and what is seen of it."""
    return [
        (m.product.key, m.binding.address if m.binding else "", m.seen.unicode if m.seen else "")
        for m in identity.matches
    ]


# What is seen, what is remembered, and who product A is then.
MATCHES: list[tuple[str, list[RemoteProduct], State, tuple[str, str]]] = [
    ("nothing at all", [], remembering(), ("", "")),
    ("its sku_id alone", [BY_SKU], remembering(), ("", "sku")),
    ("its gtin alone", [BY_GTIN], remembering(), ("", "gtin")),
    ("sku_id before gtin", [BY_GTIN, BY_SKU], remembering(), ("", "sku")),
    ("its salsify_id alone", [BY_SALSIFY], remembering(), ("", "salsify")),
    ("gtin before salsify_id", [BY_SALSIFY, BY_GTIN], remembering(), ("", "gtin")),
    ("its binding before all", [BY_SALSIFY, BY_GTIN, BY_SKU, BOUND], remembering(A="bound"), ("product.A", "bound")),
    ("a binding whose product is gone", [BY_SKU], remembering(A="gone"), ("product.A", "sku")),
    ("another key's binding, by sku_id", [BY_SKU], remembering(Z="sku"), ("product.Z", "sku")),
    ("another key's binding, by gtin", [BY_GTIN], remembering(Z="gtin"), ("product.Z", "gtin")),
    ("another key's binding, by salsify_id", [BY_SALSIFY], remembering(Z="salsify"), ("product.Z", "salsify")),
    ("another key's binding of none of them", [BOUND], remembering(Z="bound"), ("", "")),
    ("a binding of a replacement is no key's", [BY_SKU], remembering(replacement__A="sku"), ("", "sku")),
]


@pytest.mark.parametrize(("seen", "state", "match"), [row[1:] for row in MATCHES], ids=[row[0] for row in MATCHES])
def test_a_product_is(seen: list[RemoteProduct], state: State, match: tuple[str, str]) -> None:
    assert told(identify(wanted("A"), snapshot_of(seen), state)) == [("A", *match)]


def test_a_moved_product_keeps_the_binding_of_its_former_address() -> None:
    catalog = wanted("A", moved={"product.A": "product.Z"})
    assert told(identify(catalog, snapshot_of([BOUND]), remembering(Z="bound"))) == [("A", "product.Z", "bound")]


def test_a_binding_is_not_taken_over_while_its_own_key_is_wanted_or_when_it_is_to_be_forgotten() -> None:
    assert told(identify(wanted("A", "Z"), snapshot_of([BY_SKU]), remembering(Z="sku")))[0] == ("A", "", "sku")
    forgetting = wanted("A", removed=frozenset({"product.Z"}))
    assert told(identify(forgetting, snapshot_of([BY_SKU]), remembering(Z="sku"))) == [("A", "", "sku")]


def test_a_binding_is_taken_over_by_one_product_only() -> None:
    both = RemoteProduct("both", "B", "1", "", "")
    found = told(identify(wanted("A", "B"), snapshot_of([both]), remembering(Z="both")))
    assert found == [("A", "product.Z", "both"), ("B", "", "both")]


def test_what_nothing_claims_is_told_apart_from_what_replacements_left() -> None:
    identity = identify(wanted("A"), snapshot_of([]), remembering(A="1", Z="2", replacement__A="3", retired__A="4"))
    assert [binding.unicode for binding in identity.unclaimed] == ["2"]
    assert [binding.unicode for binding in identity.leftovers] == ["3", "4"]


def test_an_empty_identifier_names_nobody() -> None:
    nameless = RemoteProduct("nameless", "", "", "", "")
    snapshot = snapshot_of([nameless])
    assert (snapshot.by_sku, snapshot.by_gtin, snapshot.by_salsify) == ({}, {}, {})
    assert set(snapshot.by_unicode) == {"nameless"}
    assert told(identify(catalog_of("A"), snapshot, remembering())) == [("A", "", "")]


def test_creates_of_unknown_outcome_are_known_by_what_was_sent() -> None:
    intents = [
        Intent(f"i{n}", "run", f"product.{n}", step, {"sku_id": str(n)}, "")
        for n, step in enumerate(["create", "submit-job"])
    ]
    assert open_creates(State("lineage", 1, intents=tuple(intents))) == {"product.0": {"sku_id": "0"}}
