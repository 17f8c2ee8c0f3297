"""Any change and any plan, for properties. Every type of change takes part without being named here."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from hypothesis import strategies as st
from plan_shapes import MADE_FROM

from catalogsync.plan.changes import Await, Change, Notice, Plan
from catalogsync.plan.guards import GUARDS, Objection
from catalogsync.plan.steps import Polls, price_of

KEYS = st.text("AB-é.", min_size=1, max_size=3)
PLAIN = {
    str: st.text(max_size=4),
    int: st.integers(0, 10**6),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
}


def changes() -> st.SearchStrategy[Change]:
    """One change of any type."""
    return st.one_of([_change(kind) for kind in typing.get_args(Change)])


def _change(kind: type) -> st.SearchStrategy[Change]:
    if kind is Await:
        content = _built(Await, address=KEYS.map("content.{}".format), outputs=st.just(("ar",)))
        return content | _built(Await, address=KEYS.map("render.{}".format), outputs=st.just(()))
    return _built(kind, address=KEYS.map("product.{}".format))


def _built(kind: type, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value class with every field drawn by its type, so that a new type of change needs no line here."""
    hints = typing.get_type_hints(kind)
    return st.builds(kind, **{**{field.name: _of(hints[field.name]) for field in fields(kind)}, **given})


def _of(hint: Any) -> st.SearchStrategy[Any]:
    if hint in PLAIN:
        return PLAIN[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if is_dataclass(hint):
        return _built(hint)
    parts = typing.get_args(hint)
    if typing.get_origin(hint) is Mapping:
        return st.dictionaries(*map(_of, parts), max_size=2)
    if typing.get_origin(hint) is not tuple:
        return st.one_of([_of(part) for part in parts])
    return st.lists(_of(parts[0]), max_size=2).map(tuple) if ... in parts else st.tuples(*map(_of, parts))


@st.composite
def plans(draw: st.DrawFn, *, max_changes: int = 6) -> Plan:
    """A plan with an order that has no circle."""
    drawn = tuple(draw(st.lists(changes(), max_size=max_changes)))
    pairs = [(a, b) for b in range(len(drawn)) for a in range(b)]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return Plan(
        changes=drawn,
        prices=tuple(price_of(change, Polls()) for change in drawn),
        edges=tuple(sorted(edges)),
        made_from=MADE_FROM,
        notices=tuple(draw(st.lists(_built(Notice), max_size=2))),
        spent=draw(st.integers(0, 10**6)),
        available=draw(st.none() | st.integers(0, 10**9)),
        trusted=draw(st.none() | st.dictionaries(KEYS, PLAIN[str], max_size=2)),
    )


def found_objections() -> st.SearchStrategy[tuple[Objection, ...]]:
    return st.lists(_built(Objection, guard=st.sampled_from(sorted(GUARDS))), max_size=3).map(tuple)
