"""The plan's graph in Graphviz DOT, without the edges that others imply."""

from __future__ import annotations

from collections.abc import Iterator

from catalogsync.cli.render.printable import printable
from catalogsync.plan.changes import Plan, action_of
from catalogsync.plan.graph import thinned

_SHAPES = {"delete": "octagon", "conflict": "octagon", "await": "ellipse", "forget": "ellipse"}


def plan_dot(plan: Plan) -> str:
    return "\n".join(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    yield "digraph catalogsync {"
    yield '  rankdir = "LR";'
    yield '  node [shape = box, fontname = "Helvetica"];'
    for index, change in enumerate(plan.changes):
        action = action_of(change)
        label = f'"{_escaped(change.address)}\\n{action}, {plan.prices[index].expected} credits"'
        yield f"  n{index} [label = {label}, shape = {_SHAPES.get(action, 'box')}];"
    for before, after in thinned(len(plan.changes), plan.edges):
        yield f"  n{before} -> n{after};"
    yield "}"


def _escaped(text: str) -> str:
    """Within a quoted label a backslash begins an escape of its own."""
    return printable(text).replace("\\", "\\\\").replace('"', '\\"')
