"""Unique values changing hands: what a change takes, what it gives up, and which deletes free theirs first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_shapes import adopt, archive, conflict, create, delete, forget, generate, park, render, replacement, update
from plan_strategies import changes

from catalogsync.plan.changes import Change, Delete
from catalogsync.plan.identifiers import held_values, taken_values, with_releases

# The change, what it takes and what it gives up, as `field=value`.
TABLE: list[tuple[str, Change, set[str], set[str]]] = [
    ("create takes both", create("A", gtin="1"), {"sku_id=A", "gtin=1"}, set()),
    ("create without a gtin takes none", create("A"), {"sku_id=A"}, set()),
    ("a rename gives up the one and takes the other", update("A", "sku_id:A>B"), {"sku_id=B"}, {"sku_id=A"}),
    ("a new gtin takes", update("A", "gtin:>1"), {"gtin=1"}, set()),
    ("a cleared gtin gives up", update("A", "gtin:1>"), set(), {"gtin=1"}),
    ("a name is not unique", update("A", "name:x>y", "main_asset_name:x>y"), set(), set()),
    ("an adoption with edits", adopt("A", "gtin:1>2", "name:x>y"), {"gtin=2"}, {"gtin=1"}),
    ("an adoption without", adopt("A"), set(), set()),
    ("a delete gives up both", delete("A", gtin="1"), set(), {"sku_id=A", "gtin=1"}),
    ("a delete without a gtin gives up none", delete("A"), set(), {"sku_id=A"}),
    ("a replacement keeps its own", replacement("A", gtin="1"), set(), set()),
    (
        "a replacement with another gtin",
        replace(replacement("A", gtin="1"), takes={"sku_id": "A", "gtin": "2"}),
        {"gtin=2"},
        {"gtin=1"},
    ),
    ("parking gives up, and its temporary value is nobody's", park("A", "sku_id:A>parked-u"), set(), {"sku_id=A"}),
    ("content has none", generate("A"), set(), set()),
    ("archiving has none", archive("A"), set(), set()),
    ("a render has none", render("room", "A"), set(), set()),
    ("forgetting gives up nothing: the product lives on", forget("A"), set(), set()),
    ("a conflict does nothing", conflict("A"), set(), set()),
]


def told(pairs: set[tuple[str, str]]) -> set[str]:
    return {f"{name}={value}" for name, value in pairs}


@pytest.mark.parametrize(("change", "takes", "gives"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_values_that_change_hands(change: Change, takes: set[str], gives: set[str]) -> None:
    assert told(taken_values(change)) == takes
    assert told(held_values(change)) == gives


RELEASES = [
    ("nobody needs them", [create("A"), delete("B", gtin="1")], set()),
    ("a create needs the gtin", [create("A", gtin="1"), delete("B", gtin="1")], {"product.B"}),
    ("a rename needs the sku_id", [update("A", "sku_id:A>B"), delete("B")], {"product.B"}),
    ("an adoption needs the gtin", [adopt("A", "gtin:>1"), delete("B", gtin="1")], {"product.B"}),
    (
        "only the one that is needed",
        [create("A", gtin="1"), delete("B", gtin="1"), delete("C", gtin="2")],
        {"product.B"},
    ),
    ("a value of another field", [create("A", gtin="B"), delete("B")], set()),
]


@pytest.mark.parametrize(("plan", "releasing"), [row[1:] for row in RELEASES], ids=[row[0] for row in RELEASES])
def test_a_delete_frees_its_identifiers_first_when(plan: list[Change], releasing: set[str]) -> None:
    marked = with_releases({change.address: change for change in plan})
    assert {address for address, change in marked.items() if getattr(change, "release", False)} == releasing


@given(st.lists(changes(), max_size=5))
def test_marking_releases_changes_nothing_else(drawn: list[Change]) -> None:
    before = {str(index): change for index, change in enumerate(drawn)}
    after = with_releases(before)
    assert list(after) == list(before)
    for key, change in before.items():
        expected = replace(change, release=after[key].release) if isinstance(change, Delete) else change  # type: ignore[union-attr]
        assert after[key] == expected
