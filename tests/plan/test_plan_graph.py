"""The order of changes: who waits for whom, and what is said of a circle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_shapes import (
    adopt,
    archive,
    await_content,
    await_render,
    conflict,
    create,
    delete,
    forget,
    generate,
    render,
    replacement,
    update,
)

from catalogsync.plan.changes import Change, Conflict, Park, Replace
from catalogsync.plan.graph import edges_of, ordered, stuck_nodes, successors_of, thinned


def trading(key: str, before: str, after: str) -> Replace:
    """A replacement whose new product takes another gtin."""
    return replace(replacement(key, gtin=before), takes={"sku_id": key, "gtin": after})


ORDER: list[tuple[str, list[Change], set[str]]] = [
    ("nothing waits for nothing", [], set()),
    ("products are independent", [create("A"), create("B"), update("C", "name:x>y")], set()),
    ("content waits for its created product", [create("A"), generate("A")], {"product.A > content.A"}),
    ("content waits for its adopted product", [adopt("A"), generate("A")], {"product.A > content.A"}),
    ("content waits for its renamed product", [update("A", "sku_id:B>A"), generate("A")], {"product.A > content.A"}),
    ("content waits whatever the order of the plan", [generate("A"), create("A")], {"product.A > content.A"}),
    ("archiving waits for the adoption", [adopt("A"), archive("A")], {"product.A > content.A"}),
    ("a wait waits for the adoption", [adopt("A"), await_content("A")], {"product.A > content.A"}),
    ("content of an unchanged product waits for nothing", [generate("A"), create("B")], set()),
    (
        "content does not wait for another product's",
        [create("A"), generate("B"), generate("A")],
        {"product.A > content.A"},
    ),
    ("a delete is no product to wait for", [delete("A"), generate("A")], set()),
    (
        "a forgotten or conflicting product is none either",
        [forget("A"), conflict("B"), generate("A"), generate("B")],
        set(),
    ),
    (
        "a render waits for each of its products",
        [create("A"), adopt("B"), update("C", "name:x>y"), create("D"), render("room", "A", "B", "C")],
        {"product.A > render.room", "product.B > render.room", "product.C > render.room"},
    ),
    ("a render waits for a replacement", [replacement("A"), render("room", "A")], {"product.A > render.room"}),
    ("a replacement keeps its identifiers", [replacement("A", gtin="1"), update("B", "gtin:1>2")], set()),
    ("a render does not wait for content", [generate("A"), render("room", "A")], set()),
    ("a running render waits for nothing", [create("room"), await_render("room")], set()),
    (
        "a created product waits for the delete that gives its sku_id",
        [create("A"), delete("A")],
        {"product.A > product.A"},
    ),
    (
        "a created product waits for the delete that gives its gtin",
        [create("NEW", gtin="1"), delete("OLD", gtin="1")],
        {"product.OLD > product.NEW"},
    ),
    ("two without a gtin share nothing", [create("A"), delete("B")], set()),
    (
        "a rename waits for the delete that gives its sku_id",
        [update("A", "sku_id:A>B"), delete("B")],
        {"product.B > product.A"},
    ),
    (
        "a created product waits for the rename that gives its sku_id",
        [create("A"), update("B", "sku_id:A>B")],
        {"product.B > product.A"},
    ),
    (
        "an adoption that is renamed waits for the holder",
        [adopt("A", "gtin:1>2"), update("B", "gtin:2>3")],
        {"product.B > product.A"},
    ),
    (
        "a chain of renames goes from its free end",
        [update("A", "sku_id:1>2"), update("B", "sku_id:2>3"), update("C", "sku_id:3>4")],
        {"product.C > product.B", "product.B > product.A"},
    ),
    (
        "clearing a gtin gives it up",
        [update("A", "gtin:1>"), update("B", "gtin:>1")],
        {"product.A > product.B"},
    ),
    ("two that clear a gtin share nothing", [update("A", "gtin:1>"), update("B", "gtin:2>")], set()),
    ("a sku_id and a gtin of one value are two values", [update("A", "sku_id:1>2"), update("B", "gtin:>1")], set()),
    ("a name is not unique", [update("A", "name:1>2"), update("B", "name:2>3")], set()),
    (
        "both values from two holders",
        [create("A", gtin="1"), delete("B", gtin="1"), update("C", "sku_id:A>C")],
        {"product.B > product.A", "product.C > product.A"},
    ),
]


@pytest.mark.parametrize(("changes", "expected"), [row[1:] for row in ORDER], ids=[row[0] for row in ORDER])
def test_order(changes: list[Change], expected: set[str]) -> None:
    found = edges_of(changes)
    assert {f"{changes[a].address} > {changes[b].address}" for a, b in found} == expected
    assert len(set(found)) == len(found)
    assert list(found) == sorted(found)


def test_a_change_never_waits_for_itself() -> None:
    assert edges_of([update("A", "sku_id:A>B", "gtin:1>2"), update("C", "gtin:9>8")]) == ()


PARKED: list[tuple[str, list[Change], list[str]]] = [
    ("no circle, no parking", [update("A", "sku_id:1>2"), update("B", "sku_id:2>3")], ["product.B", "product.A"]),
    (
        "two that swap",
        [update("A", "sku_id:1>2", "name:x>y"), update("B", "sku_id:2>1")],
        ["park product.A sku_id:1>parked-u-A", "product.B", "product.A"],
    ),
    (
        "a gtin is cleared for the time of the exchange",
        [update("A", "gtin:1>2"), update("B", "gtin:2>1")],
        ["park product.A gtin:1>", "product.B", "product.A"],
    ),
    (
        "a replacement cannot be parked, the other one is",
        [trading("A", "1", "2"), update("B", "gtin:2>1")],
        ["park product.B gtin:2>", "product.A", "product.B"],
    ),
    (
        "each circle is broken once",
        [update("A", "gtin:1>2"), update("B", "gtin:2>1"), adopt("C", "gtin:3>4"), update("D", "gtin:4>3")],
        ["park product.A gtin:1>", "park product.C gtin:3>", "product.B", "product.A", "product.D", "product.C"],
    ),
]


@pytest.mark.parametrize(("changes", "expected"), [row[1:] for row in PARKED], ids=[row[0] for row in PARKED])
def test_a_circle_is_broken_by_parking_one_value(changes: list[Change], expected: list[str]) -> None:
    found, edges = ordered(changes)
    assert [change for change in found if not isinstance(change, Park)] == changes
    place = {told(found[index]): number for number, index in enumerate(nx.topological_sort(_graph(len(found), edges)))}
    assert set(place) == set(expected)
    for name in expected:
        if name.startswith("park "):
            assert place[name] < place[name.split()[1]]
    assert edges == edges_of(found)


def told(change: Change) -> str:
    if isinstance(change, Park):
        return " ".join(["park", change.address, *(f"{edit.name}:{edit.before}>{edit.after}" for edit in change.edits)])
    return change.address


@pytest.mark.parametrize("number", [2, 3])
def test_a_circle_of_replacements_alone_is_a_conflict_that_names_all_of_them(number: int) -> None:
    keys = "ABC"[:number]
    found, edges = ordered(
        [trading(key, str(n), str((n + 1) % number)) for n, key in enumerate(keys)] + [update("D", "name:x>y")]
    )
    (conflict,) = [change for change in found if isinstance(change, Conflict)]
    assert len(found) == number + 1
    assert all(f"product.{key}" in conflict.address + conflict.reason for key in keys)
    assert len(conflict.ways) == 2
    assert edges == edges_of(found)


GRAPHS = st.integers(0, 9).flatmap(
    lambda count: st.tuples(
        st.just(count),
        st.lists(
            st.tuples(st.integers(0, max(count - 1, 0)), st.integers(0, max(count - 1, 0))),
            unique=True,
            max_size=20 if count else 0,
        ),
    )
)


def _graph(count: int, edges: Sequence[tuple[int, int]]) -> nx.DiGraph:
    graph: nx.DiGraph = nx.DiGraph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from(edges)
    return graph


@given(GRAPHS)
def test_stuck_are_the_nodes_of_cycles_and_all_behind_them(drawn: tuple[int, list[tuple[int, int]]]) -> None:
    count, edges = drawn
    graph = _graph(count, edges)
    circular = {node for part in nx.strongly_connected_components(graph) if len(part) > 1 for node in part}
    circular |= {node for node in graph if graph.has_edge(node, node)}
    behind = {after for node in circular for after in nx.descendants(graph, node)}
    assert stuck_nodes(count, edges) == sorted(circular | behind)


@given(GRAPHS)
def test_successors_are_the_edges_by_their_first_node(drawn: tuple[int, list[tuple[int, int]]]) -> None:
    count, edges = drawn
    assert [(a, b) for a, afters in enumerate(successors_of(count, edges)) for b in afters] == sorted(
        edges, key=lambda edge: (edge[0], edges.index(edge))
    )


@given(GRAPHS)
def test_thinning_keeps_who_waits_for_whom_with_no_edge_too_many(drawn: tuple[int, list[tuple[int, int]]]) -> None:
    count, drawn_edges = drawn
    edges = [(a, b) for a, b in drawn_edges if a < b]
    thin = thinned(count, edges)
    assert set(thin) <= set(edges)
    assert nx.transitive_closure(_graph(count, thin)).edges == nx.transitive_closure(_graph(count, edges)).edges
    for edge in thin:
        rest = _graph(count, [other for other in thin if other != edge])
        assert not nx.has_path(rest, *edge)


def test_thinning_drops_what_others_imply() -> None:
    assert thinned(3, [(0, 1), (1, 2), (0, 2)]) == ((0, 1), (1, 2))
