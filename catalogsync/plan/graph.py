"""The plan graph: which change waits for which. The only door to networkx.

Nodes are indexes into the plan's changes, so the graph stays small and no-ops are never in it. The hot path is a
plain drain over in-degrees; networkx explains cycles and thins the graph for drawing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from catalogsync.errors import CatalogSyncError
from catalogsync.model.addresses import content_address, key_of, product_address
from catalogsync.plan.changes import (
    Adopt,
    Archive,
    Await,
    Change,
    Create,
    Delete,
    Generate,
    Render,
    Replace,
    Update,
)
from catalogsync.plan.identifiers import held_values, taken_values

Edge = tuple[int, int]


def edges_of(changes: Sequence[Change]) -> tuple[Edge, ...]:
    """All edges (first, then) between changes, sorted.

    Content waits for its product; a render waits for its products; who takes a unique value waits for who gives
    it up.

    Raises CatalogSyncError when the changes wait for each other in a circle.
    """
    edges = tuple(sorted({*_content_edges(changes), *_render_edges(changes), *_value_edges(changes)}))
    stuck = stuck_nodes(len(changes), edges)
    if stuck:
        raise _cycle_error(changes, edges, stuck)
    return edges


def _positions(changes: Sequence[Change], kinds: tuple[type, ...]) -> dict[str, int]:
    return {change.address: index for index, change in enumerate(changes) if isinstance(change, kinds)}


def _content_edges(changes: Sequence[Change]) -> Iterator[Edge]:
    products = _positions(changes, (Create, Adopt, Update))
    for index, change in enumerate(changes):
        if isinstance(change, (Generate, Archive, Await)):
            before = products.get(product_address(key_of(change.address)))
            if before is not None and change.address == content_address(key_of(change.address)):
                yield before, index


def _render_edges(changes: Sequence[Change]) -> Iterator[Edge]:
    products = _positions(changes, (Create, Adopt, Update, Replace))
    for index, change in enumerate(changes):
        if isinstance(change, Render):
            for address in change.product_addresses:
                if address in products:
                    yield products[address], index


def _value_edges(changes: Sequence[Change]) -> Iterator[Edge]:
    holders = {
        pair: index
        for index, change in enumerate(changes)
        if isinstance(change, (Delete, Update, Adopt, Replace))
        for pair in held_values(change)
    }
    for index, change in enumerate(changes):
        for pair in taken_values(change):
            holder = holders.get(pair)
            if holder is not None and holder != index:
                yield holder, index


def successors_of(count: int, edges: Sequence[Edge]) -> list[list[int]]:
    """For each node the nodes that wait for it."""
    successors: list[list[int]] = [[] for _ in range(count)]
    for before, after in edges:
        successors[before].append(after)
    return successors


def stuck_nodes(count: int, edges: Sequence[Edge]) -> list[int]:
    """The nodes that can never start: those in a cycle and those behind one. Empty when all is well."""
    waiting = [0] * count
    for _, after in edges:
        waiting[after] += 1
    successors = successors_of(count, edges)
    ready = [node for node in range(count) if waiting[node] == 0]
    while ready:
        for after in successors[ready.pop()]:
            waiting[after] -= 1
            if waiting[after] == 0:
                ready.append(after)
    return [node for node in range(count) if waiting[node] > 0]


def _cycle_error(changes: Sequence[Change], edges: Sequence[Edge], stuck: list[int]) -> CatalogSyncError:
    import networkx as nx

    members = set(stuck)
    cycle = nx.find_cycle(nx.DiGraph((a, b) for a, b in edges if a in members and b in members))
    names = [changes[pair[0]].address for pair in cycle]
    return CatalogSyncError(
        f"These changes wait for each other in a circle: {' -> '.join([*names, names[0]])}.",
        hint="They exchange sku_id or gtin values. Do it in two applies: first give one of them a new value.",
    )


def thinned(count: int, edges: Sequence[Edge]) -> tuple[Edge, ...]:
    """The edges without those that others imply, for drawing."""
    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from(edges)
    return tuple(sorted(nx.transitive_reduction(graph).edges))
