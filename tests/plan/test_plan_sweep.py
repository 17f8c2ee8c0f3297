"""What is left over is told by proof; what the next apply may need, and what may be another's, is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalogsync.errors import Place
from catalogsync.model.catalog import Asset, Catalog, FileFacts, Product
from catalogsync.model.remote import RemoteProduct
from catalogsync.model.snapshot import Snapshot, snapshot_of
from catalogsync.model.state import Bind, Intent, Origin, ProductBinding, Stage, State
from catalogsync.plan.changes import Delete, Plan, Replace
from catalogsync.plan.diff import DiffOptions
from catalogsync.plan.planner import plan
from catalogsync.plan.steps import Polls
from catalogsync.plan.sweep import (
    Leftover,
    Proof,
    candidates,
    concerned,
    leftovers,
    proven,
    replaced_sku,
    sweep_plan,
    temporary_names,
    with_strays,
)

SHA = "5ec0d0de" + "0" * 56
FORMER = "0ddba11" + "0" * 57
NOWHERE = Place("catalog.yaml", 1, 1)


def remote(unicode: str, sku_id: str, gtin: str = "") -> RemoteProduct:
    return RemoteProduct(unicode, sku_id, gtin, "Lamp", "lamp")


def bound(address: str, unicode: str, sha: str = SHA) -> ProductBinding:
    return ProductBinding(address, unicode, Origin.CREATED, Stage.FINALIZED, {"sku_id": "A"}, model_sha256=sha)


CATALOG = Catalog(
    "shop",
    "/shop",
    (Product("A", "A", None, None, None, Asset("a.glb", "/shop/a.glb", NOWHERE), None, ("ar",), (), False, NOWHERE),),
    (),
)
FILES = {"/shop/a.glb": FileFacts(10, SHA)}
LIVE = remote("u1", "A")


def found_in(
    state: State, *seen: RemoteProduct, named: frozenset[str] = frozenset()
) -> tuple[tuple[Leftover, ...], Plan]:
    strays = candidates(CATALOG, state, seen)
    part, known = concerned(CATALOG, state, strays)
    snapshot: Snapshot = with_strays(snapshot_of(list(seen)), strays)
    made = plan(part, snapshot, known, FILES, api_url="", polls=Polls(), options=DiffOptions())
    found = leftovers(made, snapshot, known, proven(strays, part, FILES), named)
    return found, sweep_plan(made, found, len(state.products))


def told(found: tuple[Leftover, ...]) -> list[tuple[str, str, bool]]:
    return [(one.unicode, one.proof.value, one.change is not None) for one in found]


NO_OPTIONS = {"api_url": "", "polls": Polls(), "options": DiffOptions()}
OURS = {"product.A": bound("product.A", "u1")}
STALE = {"product.A": bound("product.A", "u1", FORMER)}


@pytest.mark.parametrize(
    ("rule", "products", "stray", "expected"),
    [
        ("digits of our model prove it", OURS, remote("u2", "A~5ec0d0de"), [("u2", "model", True)]),
        ("digits of no known model do not", OURS, remote("u2", "A~01234567"), [("u2", "name", False)]),
        ("a released one may be another catalog's", OURS, remote("u2", "released-u2"), [("u2", "released", False)]),
        ("a released name with another unicode is nothing", OURS, remote("u2", "released-u3"), []),
        ("with a gtin it was never made to replace", OURS, remote("u2", "A~5ec0d0de", "4006381333931"), []),
        ("another sku_id is not ours", OURS, remote("u2", "B~5ec0d0de"), []),
        ("letters beyond hexadecimal are no digits", OURS, remote("u2", "A~5ec0d0dg"), []),
        ("the next apply goes on with it", STALE, remote("u2", "A~5ec0d0de"), [("u2", "model", False)]),
        ("before its product is bound it is kept", {}, remote("u2", "A~01234567"), [("u2", "name", False)]),
        (
            "before its product is bound the next apply needs it",
            {},
            remote("u2", "A~5ec0d0de"),
            [("u2", "model", False)],
        ),
    ],
)
def test_a_stray_is(
    rule: str, products: dict[str, ProductBinding], stray: RemoteProduct, expected: list[tuple[str, str, bool]]
) -> None:
    found, _ = found_in(State("l", 1, products), LIVE, stray)
    assert told(found) == expected, rule


@pytest.mark.parametrize("sku_id", ["A~01234567", "released-u2"])
def test_what_is_named_is_deleted_whatever_its_proof_and_frees_its_name_first(sku_id: str) -> None:
    found, made = found_in(State("l", 1, OURS), LIVE, remote("u2", sku_id), named=frozenset({sku_id}))
    assert [change.unicode for change in made.changes if isinstance(change, Delete) and change.release] == ["u2"]
    assert made.price.expected == 2
    assert [write.binding.unicode for write in made.learned if isinstance(write, Bind)] == ["u2"]
    assert found[0].address == f"stray.{sku_id}"


def test_what_we_buried_or_know_is_no_stray() -> None:
    state = State("l", 1, OURS | {"replacement.A": bound("replacement.A", "u2")}, buried=frozenset({"u3"}))
    assert candidates(CATALOG, state, [remote("u2", "A~5ec0d0de"), remote("u3", "A~5ec0d0de")]) == ()


def test_a_product_that_the_manifest_names_is_no_stray_whatever_its_sku_id() -> None:
    product = CATALOG.products[0]
    named = Product("B", "A~5ec0d0de", *[getattr(product, name) for name in product.__slots__[2:]])
    catalog = Catalog("shop", "/shop", (product, named), ())
    assert candidates(catalog, State("l", 1), [remote("u2", "A~5ec0d0de")]) == ()


def test_the_state_knows_what_was_given_up_and_what_was_replaced() -> None:
    state = State(
        "l",
        1,
        OURS | {"replacement.A": bound("replacement.A", "u2"), "retired.A": bound("retired.A", "u3")},
    )
    found, made = found_in(state, LIVE, remote("u2", "A~5ec0d0de"), remote("u3", "released-u3"))
    assert told(found) == [("u2", "state", True), ("u3", "state", True)]
    assert {change.address for change in made.changes} == {"replacement.A", "retired.A"}


def test_a_replacement_that_is_wanted_is_not_left_over() -> None:
    state = State("l", 1, STALE | {"replacement.A": bound("replacement.A", "u2")})
    assert found_in(state, LIVE, remote("u2", "A~5ec0d0de"))[0] == ()


def test_the_product_of_a_create_that_was_never_answered_is_left_over_once_nothing_wants_it() -> None:
    intent = Intent("i", "r", "replacement.A", "create", {"sku_id": "A~0ddba110", "name": "Lamp"}, "")
    found, _ = found_in(State("l", 1, OURS, intents=(intent,)), LIVE, remote("u2", "A~0ddba110"))
    assert told(found) == [("u2", "journal", True)]
    others = found_in(State("l", 1, OURS, intents=(intent,)), LIVE, RemoteProduct("u2", "A~0ddba110", "", "x", "x"))
    assert told(others[0]) == [("u2", Proof.NAME.value, False)], "its fields are not those that were sent"
    wanted, _ = found_in(State("l", 1, STALE, intents=(intent,)), LIVE, remote("u2", "A~0ddba110"))
    assert told(wanted) == [("u2", "name", False)], "the next apply goes on with it"


def test_the_name_that_was_replaced_is_read_back() -> None:
    assert replaced_sku("A~B~01234567") == "A~B"
    assert replaced_sku("A\n~01234567") == "A\n"
    assert replaced_sku("~01234567") == replaced_sku("A~01234567\n") == replaced_sku("A~0123456") == ""


def test_a_stray_whose_deletion_was_cut_off_is_in_the_state_and_goes_with_the_next_run() -> None:
    _, made = found_in(State("l", 1, OURS), LIVE, remote("u2", "A~5ec0d0de"))
    bindings = {write.binding.address: write.binding for write in made.learned if isinstance(write, Bind)}
    known = State("l", 2, OURS | {one.address: one for one in bindings.values() if isinstance(one, ProductBinding)})
    found, _ = found_in(known, LIVE, remote("u2", "released-u2"))
    assert told(found) == [("u2", "state", True)]
    whole = plan(CATALOG, snapshot_of([LIVE, remote("u2", "released-u2")]), known, FILES, **NO_OPTIONS)
    assert [change.address for change in whole.changes if isinstance(change, Delete)] == ["stray.A~5ec0d0de"]


def test_a_product_that_was_adopted_may_have_another_model_than_its_stray_and_that_is_said() -> None:
    adopted = {"product.A": replace(bound("product.A", "u1"), origin=Origin.ADOPTED)}
    found, _ = found_in(State("l", 1, adopted), LIVE, remote("u2", "A~5ec0d0de"))
    assert "`apply --replace product.A` does it" in found[0].reason


def test_without_a_model_in_the_manifest_there_is_no_temporary_name() -> None:
    bare = replace(CATALOG, products=(replace(CATALOG.products[0], model=None),))
    assert list(temporary_names(bare, FILES)) == []
    assert list(temporary_names(CATALOG, FILES)) == ["A~5ec0d0de"]


def test_of_a_renamed_entry_a_sweep_deletes_what_the_next_apply_deletes_and_nothing_else() -> None:
    renamed = replace(CATALOG, products=(replace(CATALOG.products[0], key="NEW"),), moved={"product.NEW": "product.A"})
    temporary = replace(bound("replacement.A", "u2"), fields={"sku_id": "A~5ec0d0de"})
    state = State("l", 1, STALE | {"replacement.A": temporary})
    snapshot = snapshot_of([LIVE, remote("u2", "A~5ec0d0de")])
    made = plan(renamed, snapshot, state, FILES, **NO_OPTIONS)  # type: ignore[arg-type]
    assert next(one.create for one in made.changes if isinstance(one, Replace)) is not None, "it is made anew"
    part, known = concerned(renamed, state, ())
    swept = leftovers(plan(part, snapshot, known, FILES, **NO_OPTIONS), snapshot, known, (), frozenset())  # type: ignore[arg-type]
    assert [one.change for one in swept] == [one for one in made.changes if isinstance(one, Delete)]


def test_a_stray_of_a_renamed_entry_is_kept_until_the_rename_is_applied() -> None:
    renamed = replace(CATALOG, products=(replace(CATALOG.products[0], key="NEW"),), moved={"product.NEW": "product.A"})
    state, snapshot = State("l", 1, STALE), snapshot_of([LIVE])
    strays = candidates(renamed, state, [remote("u2", "A~5ec0d0de")])
    part, known = concerned(renamed, state, strays)
    snapshot = with_strays(snapshot, strays)
    made = plan(part, snapshot, known, FILES, **NO_OPTIONS)  # type: ignore[arg-type]
    assert told(leftovers(made, snapshot, known, proven(strays, part, FILES), frozenset())) == [("u2", "model", False)]
