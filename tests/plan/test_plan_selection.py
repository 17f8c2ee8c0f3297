"""Selection: what a glob means, what comes along, what an exclusion takes with it, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_shapes import adopt, await_content, catalog_of, create, delete, generate, park, render, replacement, update

from catalogsync.errors import UsageMistakeError
from catalogsync.model.catalog import Catalog
from catalogsync.model.state import Origin, ProductBinding, Stage, State
from catalogsync.plan.changes import Change, Partial
from catalogsync.plan.graph import edges_of
from catalogsync.plan.selection import Selected, Selection, select, words_of

EMPTY = State("lineage", 0)
SHOP: tuple[Change, ...] = (
    create("LAMP-A"),
    generate("LAMP-A"),
    create("LAMP-B"),
    generate("LAMP-B"),
    update("SOFA", "name:Old>New"),
    render("hero", "LAMP-A", "SOFA"),
    render("plain"),
)
SWAP: tuple[Change, ...] = (park("A", "sku_id:A>parked"), update("A", "sku_id:A>B"), update("B", "sku_id:B>A"))
HAND_OVER: tuple[Change, ...] = (delete("OLD", gtin="1"), create("NEW", gtin="1"), generate("NEW"))

# what there is, targets, excludes, what is kept, words of the notices
CASES: dict[str, tuple[tuple[Change, ...], list[str], list[str], str, list[str]]] = {
    "an address is itself": (SHOP, ["product.SOFA"], [], "product.SOFA", []),
    "a glob over addresses": (SHOP, ["product.LAMP-*"], [], "product.LAMP-A product.LAMP-B", []),
    "a sku_id means the product and its content": (SHOP, ["LAMP-B"], [], "product.LAMP-B content.LAMP-B", []),
    "the name of a product": (SHOP, ["Name of SOFA"], [], "product.SOFA", []),
    "the name of a render": (SHOP, ["plain"], [], "render.plain", []),
    "content brings its product": (
        SHOP,
        ["content.LAMP-A"],
        [],
        "product.LAMP-A content.LAMP-A",
        ["product.LAMP-A: is part of this plan because content.LAMP-A depends on it"],
    ),
    "a render brings its products": (
        SHOP,
        ["render.hero"],
        [],
        "product.LAMP-A product.SOFA render.hero",
        [
            "product.LAMP-A: is part of this plan because render.hero depends on it",
            "product.SOFA: is part of this plan because render.hero depends on it",
        ],
    ),
    "several targets add up": (SHOP, ["product.SOFA", "plain"], [], "product.SOFA render.plain", []),
    "an exclusion without a target leaves the rest": (
        SHOP,
        [],
        ["*LAMP-*"],
        "product.SOFA render.plain",
        ["render.hero: is left out: it depends on product.LAMP-A, which is excluded"],
    ),
    "an exclusion wins over a target": (SHOP, ["*LAMP*"], ["LAMP-A"], "product.LAMP-B content.LAMP-B", []),
    "who takes an identifier brings who gives it up": (
        HAND_OVER,
        ["product.NEW"],
        [],
        "product.OLD product.NEW",
        ["product.OLD: is part of this plan because product.NEW depends on it"],
    ),
    "whoever waits for an excluded hand-over is out": (
        HAND_OVER,
        [],
        ["product.OLD"],
        "",
        [
            "content.NEW: is left out: it depends on product.NEW, which is excluded",
            "product.NEW: is left out: it depends on product.OLD, which is excluded",
        ],
    ),
    "an exchange is whole from either end": (
        SWAP,
        ["product.B"],
        [],
        "product.A product.A product.B",
        ["product.A: is part of this plan because product.B depends on it"],
    ),
    "an exchange is whole from its parked end": (
        SWAP,
        ["product.A"],
        [],
        "product.A product.A product.B",
        ["product.B: is part of this plan because product.A depends on it"],
    ),
    "an exchange without one side is none": (
        SWAP,
        [],
        ["product.B"],
        "",
        ["product.A: is left out: it depends on product.B, which is excluded"],
    ),
    "a replacement is named by its product": ((replacement("A"), create("B")), ["A"], [], "product.A", []),
    "a left-over goes by its product": (
        (replace(delete("A"), address="retired.A"), create("B")),
        ["product.A"],
        [],
        "retired.A",
        [],
    ),
}


def shop_catalog(changes: tuple[Change, ...]) -> Catalog:
    keys = dict.fromkeys(c.address.partition(".")[2] for c in changes if not c.address.startswith("render."))
    catalog = catalog_of(*keys)
    products = (replace(p, name=f"Name of {p.key}", outputs=("ar",)) for p in catalog.products)
    return replace(catalog, products=tuple(products))


def selected(changes: tuple[Change, ...], **selection: Any) -> Selected:
    words = words_of(shop_catalog(changes), EMPTY)
    return select(changes, edges_of(changes), words, Selection(**selection))


@pytest.mark.parametrize("name", CASES)
def test_what_is_selected(name: str) -> None:
    changes, targets, excludes, expected, notices = CASES[name]
    part = selected(changes, targets=tuple(targets), excludes=tuple(excludes))
    assert [changes[index].address for index in part.kept] == expected.split()
    assert [f"{notice.address}: {notice.text}" for notice in part.notices] == notices


def test_what_is_outside_is_counted() -> None:
    part = selected((create("A"), generate("A"), create("B"), await_content("B")), targets=("product.A",))
    assert part.partial == Partial(resources=3, changes=2)


def test_a_limit_of_addresses_narrows_the_targets() -> None:
    part = selected(SHOP, targets=("product.*",), among=frozenset({"product.SOFA", "render.plain"}))
    assert [SHOP[index].address for index in part.kept] == ["product.SOFA"]


def test_nothing_changed_selects_nothing() -> None:
    assert selected(SHOP, among=frozenset()).kept == ()


def test_globs_that_name_nothing_are_told_together_with_what_they_may_have_meant() -> None:
    with pytest.raises(UsageMistakeError, match=r"Nothing is called product\.LAMP-C or SOFFA") as refusal:
        selected(SHOP, targets=("product.LAMP-C", "plain"), excludes=("SOFFA",))
    assert "SOFA" in refusal.value.hint
    assert "product.LAMP-A" in refusal.value.hint


def test_a_product_that_only_the_state_knows_has_its_sku_id_and_name() -> None:
    binding = ProductBinding(
        "product.gone", "u", Origin.CREATED, Stage.FINALIZED, {"sku_id": "S-1", "name": "Gone lamp"}
    )
    words = words_of(catalog_of("A"), replace(EMPTY, products={"product.gone": binding}))
    assert words["product.gone"] == {"product.gone", "S-1", "Gone lamp"}


def test_a_name_with_wildcards_in_it_is_meant_as_it_is_written() -> None:
    changes = (create("A[1]"), create("A1"))
    part = selected(changes, targets=("product.A[1]",))
    assert [changes[index].address for index in part.kept] == ["product.A[1]"]


@st.composite
def shops(draw: st.DrawFn) -> tuple[Change, ...]:
    """Products with content and renders of them; some products exchange identifiers in a chain."""
    keys = draw(st.lists(st.sampled_from("ABCDEF"), min_size=1, max_size=6, unique=True))
    makes = st.sampled_from([create, update, adopt, replacement])
    changes: list[Change] = [draw(makes)(key) for key in keys]
    changes += [generate(key) for key in keys if draw(st.booleans())]
    changes += [render(f"r{key}", *draw(st.lists(st.sampled_from(keys), max_size=3))) for key in keys]
    return tuple(changes)


GLOBS = st.lists(st.sampled_from(["A", "product.*", "content.*", "render.*", "*[AB]", "*"]), max_size=3).map(tuple)


@given(shops(), GLOBS, GLOBS)
def test_a_selected_plan_is_closed_under_its_dependencies(
    changes: tuple[Change, ...], targets: tuple[str, ...], excludes: tuple[str, ...]
) -> None:
    try:
        part = selected(changes, targets=targets, excludes=excludes)
    except UsageMistakeError:
        return
    kept = set(part.kept)
    edges = edges_of(changes)
    assert all(before in kept for before, after in edges if after in kept)
    assert len(part.edges) == sum(a in kept and b in kept for a, b in edges)
    assert part.edges == edges_of([changes[index] for index in part.kept])


@given(shops())
def test_selecting_everything_is_the_whole_plan(changes: tuple[Change, ...]) -> None:
    part = selected(changes, targets=("*",))
    assert part.kept == tuple(range(len(changes)))
    assert part.edges == edges_of(changes)
    assert part.notices == ()
    assert part.partial == Partial(0, 0)
