"""Moves the lines of mappings and lists into another order. Each entry takes the comments right above it along.

Lines are moved whole, so values, quotes and comments stay what they are. What does not begin on a line of its own,
such as a mapping written on one line, stays where it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from catalogsync.manifest.roundtrip import nodes_of

Orders = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One key of a mapping, or one item of a list: its rank, and its lines from `start` to before `end`."""

    rank: Any
    start: int
    end: int


def reordered(text: str, orders: Orders, *, by_sku: bool) -> str:
    """`text`, whose indentation is the form's, with keys in the given orders and, if wanted, products by sku_id."""
    lines = text.splitlines(keepends=True)
    root = nodes_of(text)
    _sort_keys(lines, root, "", orders, set())
    text = "".join(lines)
    return _products_sorted(text) if by_sku else text


def _products_sorted(text: str) -> str:
    lines = text.splitlines(keepends=True)
    for key, products in nodes_of(text).value:
        if key.value == "products" and _is(products, "sequence"):
            ranks = [_sku_of(item) for item in products.value]
            _sort(lines, _entries(lines, ranks, _spans(products), _dash(products)), dash="")
    return "".join(lines)


def _sku_of(item: Any) -> str:
    return next((value.value for key, value in item.value if key.value == "sku_id"), "") if item.id == "mapping" else ""


def _is(node: Any, kind: str) -> bool:
    return bool(node.id == kind and not node.flow_style)


def _dash(sequence: Any) -> int:
    """The column of a list's dashes."""
    return int(sequence.start_mark.column)


def _sort_keys(lines: list[str], node: Any, where: str, orders: Orders, seen: set[int]) -> None:
    """Inner mappings first: the lines of an outer entry stay the same ones, whatever their order.

    `seen` has the nodes that were sorted: an alias is the node it names once more.
    """
    if id(node) in seen:
        return
    seen.add(id(node))
    if _is(node, "sequence"):
        for item in node.value:
            _sort_keys(lines, item, f"{where}[]", orders, seen)
        _entries(lines, [0] * len(node.value), _spans(node), _dash(node))
    elif _is(node, "mapping"):
        for key, value in node.value:
            _sort_keys(lines, value, f"{where}.{key.value}".lstrip("."), orders, seen)
        if where and where in orders and node.value:
            places = {name: index for index, name in enumerate(("<<", *orders[where]))}
            ranks = [places.get(key.value, len(places)) for key, _ in node.value]
            first = node.value[0][0].start_mark
            _sort(lines, _entries(lines, ranks, _spans(node), first.column), dash=_dash_in(lines[first.line]))


def _spans(node: Any) -> list[tuple[int, int]]:
    """The first and last line of each entry of a block mapping or list, without comments."""
    pairs = node.value if node.id == "mapping" else [(item, item) for item in node.value]
    return [(key.start_mark.line, max(key.start_mark.line, _last_line(value))) for key, value in pairs]


def _last_line(node: Any) -> int:
    """The last line that holds something of a node."""
    if node.id in {"mapping", "sequence"} and not node.flow_style and node.value:
        return _spans(node)[-1][1]
    end = node.end_mark
    return int(end.line if end.column > 0 or end.line == node.start_mark.line else end.line - 1)


def _entries(lines: list[str], ranks: Sequence[Any], spans: list[tuple[int, int]], column: int) -> list[_Entry]:
    """Entries with the comments right above them, which are put under `column`.

    None when entries are not one below the other, as where one is an alias: its node stands elsewhere.
    """
    if any(start <= before for (_, before), (start, _) in pairwise(spans)):
        return []
    begins = []
    floor = 0
    for start, last in spans:
        begin = start
        inner = "-" in lines[start][:column]  # the first key behind a dash: what is above belongs to the item
        while not inner and begin > floor and lines[begin - 1].lstrip().startswith("#"):
            begin -= 1
            lines[begin] = " " * column + lines[begin].lstrip()
        begins.append(begin)
        floor = last + 1
    return [_Entry(*one) for one in zip(ranks, begins, [*begins[1:], floor], strict=True)]


def _sort(lines: list[str], entries: list[_Entry], *, dash: str) -> None:
    """Move the lines of entries. What begins the first line, `dash`, begins whatever line is first then."""
    wanted = sorted(entries, key=lambda entry: entry.rank)
    if wanted == entries:
        return
    first = entries[0].start
    moved = lines[first : entries[-1].end]
    moved[0] = " " * len(dash) + moved[0][len(dash) :]
    sorted_lines = [line for entry in wanted for line in moved[entry.start - first : entry.end - first]]
    top = next(index for index, line in enumerate(sorted_lines) if not line.lstrip().startswith("#"))
    for index in range(top if dash else 0):
        sorted_lines[index] = dash[:-2] + sorted_lines[index].lstrip()
    sorted_lines[top] = dash + sorted_lines[top][len(dash) :]
    lines[first : entries[-1].end] = sorted_lines


def _dash_in(line: str) -> str:
    indent = len(line) - len(line.lstrip())
    return line[: indent + 2] if line[indent : indent + 2] == "- " else ""
