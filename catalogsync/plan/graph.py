"""The plan graph: which change waits for which. The only door to networkx.

Nodes are indexes into the plan's changes, so the graph stays small and no-ops are never in it. The hot path is a
plain drain over in-degrees; networkx explains cycles and thins the graph for drawing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from catalogsync.model.addresses import content_address, key_of, product_address
from catalogsync.plan.changes import (
    Adopt,
    Archive,
    Await,
    Change,
    Conflict,
    Create,
    Delete,
    Generate,
    Park,
    Render,
    Replace,
    Update,
)
from catalogsync.plan.identifiers import held_values, parked, taken_values

Edge = tuple[int, int]


def edges_of(changes: Sequence[Change]) -> tuple[Edge, ...]:
    """All edges (first, then) between changes, sorted; in a circle where changes wait for each other.

    Content waits for its product; a render waits for its products; who takes a unique value waits for who gives
    it up.
    """
    kinds = (_content_edges, _render_edges, _value_edges, _park_edges)
    return tuple(sorted({edge for edges in kinds for edge in edges(changes)}))


def ordered(changes: Sequence[Change]) -> tuple[tuple[Change, ...], tuple[Edge, ...]]:
    """The changes with what it takes to order them, and their edges.

    Products that exchange sku_id or gtin wait for each other in a circle. One of them is parked: it gives its value
    up for a temporary one first, and takes its wanted one at the end. Where all of them are to be replaced nothing is
    parked: a live product would be without its identifiers for as long as the new content takes. That is a conflict.
    """
    current = tuple(changes)
    while cycle := _cycle_in(len(current), edges := edges_of(current)):
        found = _parked(current, cycle)
        if found is None:
            first = cycle[0][0]
            current = (*current[:first], _exchange_conflict(current, cycle), *current[first + 1 :])
        else:
            position, park = found
            current = (*current[:position], park, *current[position:])
    return current, edges


def _exchange_conflict(changes: Sequence[Change], cycle: Sequence[Edge]) -> Conflict:
    """Instead of the first change of the circle, which then holds nothing that others wait for."""
    addresses = [changes[before].address for before, _ in cycle]
    others = " and ".join(addresses[1:])
    return Conflict(
        addresses[0],
        f"it exchanges sku_id or gtin with {others} while each of them is to be replaced",
        (
            f"first apply the exchange with the former files of {addresses[0]}, then change the files",
            f"first apply the new files with the former values of {addresses[0]} and {others}, then the exchange",
        ),
    )


def _parked(changes: Sequence[Change], cycle: Sequence[Edge]) -> tuple[int, Park] | None:
    """The first change of the circle that can be parked: where it is, and the parking that comes before it."""
    for giver, taker in cycle:
        change = changes[giver]
        if isinstance(change, (Update, Adopt)):
            wanted = held_values(change) & taken_values(changes[taker])
            edits = tuple(parked(change.unicode, edit) for edit in change.edits if (edit.name, edit.before) in wanted)
            return giver, Park(
                change.address,
                change.unicode,
                edits,
                f"{changes[taker].address} takes its value before it has a new one",
            )
    return None


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
    holders |= {
        pair: index for index, change in enumerate(changes) if isinstance(change, Park) for pair in held_values(change)
    }
    for index, change in enumerate(changes):
        for pair in taken_values(change):
            holder = holders.get(pair)
            if holder is not None and holder != index:
                yield holder, index


def _park_edges(changes: Sequence[Change]) -> Iterator[Edge]:
    after = _positions(changes, (Update, Adopt))
    for index, change in enumerate(changes):
        if isinstance(change, Park):
            yield index, after[change.address]


def successors_of(count: int, edges: Sequence[Edge]) -> list[list[int]]:
    """For each node the nodes that wait for it."""
    successors: list[list[int]] = [[] for _ in range(count)]
    for before, after in edges:
        successors[before].append(after)
    return successors


def reachable(count: int, edges: Sequence[Edge], start: Collection[int]) -> set[int]:
    """The nodes of `start` and all that come behind them. Circles do no harm."""
    successors = successors_of(count, edges)
    found = set(start)
    ahead = list(start)
    while ahead:
        for node in successors[ahead.pop()]:
            if node not in found:
                found.add(node)
                ahead.append(node)
    return found


def reversed_edges(edges: Sequence[Edge]) -> tuple[Edge, ...]:
    return tuple((after, before) for before, after in edges)


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


def _cycle_in(count: int, edges: Sequence[Edge]) -> list[Edge]:
    """One circle among the edges, empty when there is none."""
    members = set(stuck_nodes(count, edges))
    if not members:
        return []
    import networkx as nx

    graph = nx.DiGraph((a, b) for a, b in edges if a in members and b in members)
    return [(edge[0], edge[1]) for edge in nx.find_cycle(graph)]


def thinned(count: int, edges: Sequence[Edge]) -> tuple[Edge, ...]:
    """The edges without those that others imply, for drawing."""
    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from(edges)
    return tuple(sorted(nx.transitive_reduction(graph).edges))
