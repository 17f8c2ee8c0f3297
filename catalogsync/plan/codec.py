"""A plan as a JSON document, under schemas/plan.schema.json. `loader.py` reads it back."""

from __future__ import annotations

import json
import os.path
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from enum import Enum
from functools import cache
from hashlib import sha256
from types import NoneType
from typing import Any

from catalogsync.errors import Place
from catalogsync.model.bulk import no_collections
from catalogsync.plan.changes import Change, Create, Plan, PlannedFile, Price, Replace, action_of
from catalogsync.plan.counts import count
from catalogsync.plan.guards import Objection

FORMAT_VERSION = "1.2"  # minor: keys are added; major: readers must refuse
NO_PLACES: Mapping[str, Place] = {}
# Not part of what a plan is: a line that moved in the manifest makes no other plan of it.
_BESIDE = frozenset({"plan_id", "places"})
_OUTER = frozenset({"address", "reason"})  # what every row has stands beside its details
_SCALARS = frozenset({str, int, float, bool, NoneType})


def plan_document(
    plan: Plan, objections: tuple[Objection, ...] = (), places: Mapping[str, Place] = NO_PLACES
) -> dict[str, Any]:
    """The plan for machines: every change with its price, the order, what it was made from, and objections.

    `places` tells by address where the manifest speaks of it, with files as seen from the repository's top folder.
    What reading taught (`learned`) is left out: it may hold upload forms, and whoever applies reads it again.
    """
    with no_collections():
        document = _document(plan, objections, places)
    return {"plan_id": plan_id_of(document), **document}


def _document(plan: Plan, objections: tuple[Objection, ...], places: Mapping[str, Place]) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "made_from": _plain(plan.made_from),
        "changes": [_change(change, price) for change, price in zip(plan.changes, plan.prices, strict=True)],
        "edges": [{"first": before, "then": after} for before, after in plan.edges],
        "notices": _plain(plan.notices),
        "partial": _plain(plan.partial),
        "destroy": plan.destroy,
        "trusted": _plain(plan.trusted),
        "summary": _plain(count(plan.changes)),
        "credits": {**_plain(plan.price), "spent_reading": plan.spent, "available": plan.available},
        "objections": _plain(objections),
        "applicable": not objections,
        "places": _plain(places),
    }


def plan_id_of(document: Mapping[str, Any]) -> str:
    """SHA-256 in hex of a plan's document in canonical form: keys sorted, no white space, without id and places."""
    content = {name: value for name, value in document.items() if name not in _BESIDE}
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def portable(plan: Plan, root: str) -> Plan:
    """The same plan with every file's path as seen from `root`, so that it means the same in another checkout."""
    return replace(plan, changes=tuple(_seen_from(root, change) for change in plan.changes))


def _seen_from(root: str, change: Change) -> Change:
    match change:
        case Create():
            thumbnail = change.thumbnail and _file_from(root, change.thumbnail)
            return replace(change, model=_file_from(root, change.model), thumbnail=thumbnail)
        case Replace(create=Create() as create):
            moved = _seen_from(root, create)
            assert isinstance(moved, Create)
            return replace(change, create=moved)
        case _:
            return change


def _file_from(root: str, file: PlannedFile) -> PlannedFile:
    return replace(file, path=os.path.relpath(file.path, root))


def document_text(document: Mapping[str, Any]) -> str:
    """A plan's document as JSON text: a line for each change, edge, notice and place, so that two compare by lines.

    Each line comes from the encoder in C, which knows no indentation: a plan of 100,000 changes takes no longer to
    write down than to make.
    """
    encode = json.JSONEncoder().encode
    return "{\n" + ",\n".join(f"  {encode(name)}: {_rows(part, encode)}" for name, part in document.items()) + "\n}"


def _rows(part: Any, encode: Callable[[Any], str]) -> str:
    if isinstance(part, Mapping) and part:
        return "{\n" + ",\n".join(f"    {encode(name)}: {encode(value)}" for name, value in part.items()) + "\n  }"
    if isinstance(part, list) and part:
        return "[\n" + ",\n".join(f"    {encode(value)}" for value in part) + "\n  ]"
    return encode(part)


def _change(change: Change, price: Price) -> dict[str, Any]:
    kind: Any = type(change)
    return {
        "address": change.address,
        "action": action_of(change),
        "reason": getattr(change, "reason", ""),
        "credits": _plain(price),
        "details": {name: _plain(getattr(change, name)) for name in _names(kind) if name not in _OUTER},
    }


def _plain(value: Any) -> Any:
    """A value of ours as JSON has it, an object by its fields: what plans need of `asdict`, faster."""
    kind: Any = type(value)
    if kind in _SCALARS:
        return value
    if kind is tuple:
        return [_plain(one) for one in value]
    if kind is dict or isinstance(value, Mapping):
        return {name: one if type(one) in _SCALARS else _plain(one) for name, one in value.items()}
    if isinstance(value, Enum):
        return value.value
    return {name: one if type(one := getattr(value, name)) in _SCALARS else _plain(one) for name in _names(kind)}


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
