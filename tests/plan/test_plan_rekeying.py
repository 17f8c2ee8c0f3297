"""Entries without keys that pass their sku_ids on: which binding goes on under which address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import diff_cases
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_shapes import plan_of

from catalogsync.model.state import Bind, Unbind
from catalogsync.plan.changes import Update
from catalogsync.plan.diff import DiffOptions, diff
from catalogsync.plan.rekeying import Rekeyed, following, rekeyed

RING = ("1", "2", "3")  # products A, B and C by their gtins


def _case(entries: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """Entries by sku_id with the gtin of the product they describe; A, B and C are remembered with 1, 2 and 3."""
    bound = {
        key: {"unicode": f"u{gtin}", "gtin": gtin, "model": f"sha of {gtin}.glb"}
        for key, gtin in zip("ABC", RING, strict=True)
    }
    products = [{"sku_id": sku, "gtin": gtin, "model": f"{gtin}.glb"} for sku, gtin in entries.items()]
    contents = {key: {"unicode": item["unicode"], "outputs": {"silo": "done"}} for key, item in bound.items()}
    return {
        "wanted": {"products": products, **more.pop("wanted", {})},
        "remembered": {"products": bound, "contents": contents, **more.pop("remembered", {})},
        **more,
    }


def _known(case: dict[str, Any]) -> Rekeyed:
    catalog = diff_cases.catalog_of(case)
    return rekeyed(catalog, diff_cases.state_of(case, catalog), diff_cases.files_of(case, catalog))


def _unicodes(known: Rekeyed) -> dict[str, str]:
    return {address.partition(".")[2]: binding.unicode for address, binding in known.state.products.items()}


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param({"A": "2", "B": "1", "C": "3"}, {"A": "u2", "B": "u1", "C": "u3"}, id="a swap"),
        pytest.param({"A": "3", "B": "1", "C": "2"}, {"A": "u3", "B": "u1", "C": "u2"}, id="a ring of three"),
        pytest.param({"B": "1", "C": "2", "D": "3"}, {"B": "u1", "C": "u2", "D": "u3"}, id="a chain into a new name"),
    ],
)
def test_sku_ids_that_are_passed_on_are_renames(entries: dict[str, str], expected: dict[str, str]) -> None:
    known = _known(_case(entries))
    assert _unicodes(known) == expected
    assert {address: binding.unicode for address, binding in known.state.contents.items()} == {
        f"content.{key}": unicode for key, unicode in expected.items()
    }


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(_case({"A": "1", "B": "2", "C": "3"}), id="nothing was passed on"),
        pytest.param(_case({"B": "2", "C": "3", "D": "1"}), id="an ordinary rename is found by the diff"),
        pytest.param(_case({"A": "2", "C": "3"}), id="it would drop the product of A"),
        pytest.param(_case({"A": "2", "B": "9", "C": "3"}), id="the ring is not closed"),
        pytest.param(
            _case({"A": "2", "B": "1", "C": "3"}, files={"2.glb": "sha of 1.glb", "1.glb": "sha of 2.glb"}),
            id="gtins that were mixed up are exchanged, the models stay",
        ),
        pytest.param(
            _case({"A": "2", "B": "1", "C": "3"}, files={"2.glb": "sha of another"}), id="a model changed as well"
        ),
        pytest.param(
            _case(
                {"A": "2", "B": "1", "C": "3"},
                remembered={"intents": [{"address": "content.B", "step": "job"}]},
            ),
            id="an outcome is open",
        ),
        pytest.param(
            _case({"A": "2", "B": "1", "C": "3"}, remembered={"replacements": {"A": {"unicode": "u9"}}}),
            id="a replacement is under way",
        ),
        pytest.param(
            _case({"B": "1", "C": "2", "D": "3"}, wanted={"moved": [{"from": "product.A", "to": "product.D"}]}),
            id="the manifest says what moved",
        ),
    ],
)
def test_the_address_holds_when(case: dict[str, Any]) -> None:
    catalog = diff_cases.catalog_of(case)
    known = _known(case)
    assert known == Rekeyed(diff_cases.state_of(case, catalog))


def test_a_key_of_its_own_is_what_a_product_is_known_by() -> None:
    case = _case({"A": "2", "B": "1", "C": "3"})
    for item, key in zip(case["wanted"]["products"], "xyz", strict=True):
        item["key"] = key
    bound = case["remembered"]["products"]
    case["remembered"]["products"] = {key: bound[old] for key, old in zip("xyz", "ABC", strict=True)}
    assert _known(case).writes == ()


@given(st.permutations("ABC"))
def test_the_writes_make_the_state_that_was_planned_with(order: list[str]) -> None:
    case = _case(dict(zip(order, RING, strict=True)))
    catalog = diff_cases.catalog_of(case)
    state = diff_cases.state_of(case, catalog)
    known = _known(case)
    bindings = {**state.products, **state.contents}
    for write in known.writes:
        match write:
            case Bind(binding):
                bindings[binding.address] = binding
            case Unbind(address):
                del bindings[address]
    assert bindings == {**known.state.products, **known.state.contents}
    assert sorted(binding.unicode for binding in known.state.products.values()) == ["u1", "u2", "u3"]


def test_the_plan_of_a_ring_updates_in_place() -> None:
    case = _case({"A": "3", "B": "1", "C": "2"})
    case["seen"] = {
        "products": [
            {"unicode": f"u{gtin}", "sku_id": key, "gtin": gtin} for key, gtin in zip("ABC", RING, strict=True)
        ]
    }
    catalog = diff_cases.catalog_of(case)
    files = diff_cases.files_of(case, catalog)
    found = diff(catalog, diff_cases.snapshot_in(case), _known(case).state, files, DiffOptions())
    assert [diff_cases.told(change) for change in found.changes] == [
        "update product.A u3 sku_id=C>A: edited in the manifest",
        "update product.B u1 sku_id=A>B: edited in the manifest",
        "update product.C u2 sku_id=B>C: edited in the manifest",
    ]


def test_the_plan_says_under_which_address_a_passed_on_product_was_remembered() -> None:
    case = _case({"A": "2", "B": "1", "C": "3"})
    changes = [Update("product.A", "u2", (), "edited"), Update("product.C", "u3", (), "edited")]
    made = following(plan_of(changes), _known(case))
    assert [change.moved_from for change in made.changes if isinstance(change, Update)] == ["product.B", ""]
