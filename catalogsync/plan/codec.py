"""A plan as a JSON document, under schemas/plan.schema.json. `loader.py` reads it back."""

from __future__ import annotations

import json
import os.path
from collections.abc import Mapping
from dataclasses import asdict, replace
from hashlib import sha256
from typing import Any

from catalogsync.errors import Place
from catalogsync.plan.changes import Change, Create, Plan, PlannedFile, Price, Replace, action_of
from catalogsync.plan.counts import count
from catalogsync.plan.guards import Objection

FORMAT_VERSION = "1.2"  # minor: keys are added; major: readers must refuse
NO_PLACES: Mapping[str, Place] = {}
# Not part of what a plan is: a line that moved in the manifest makes no other plan of it.
_BESIDE = frozenset({"plan_id", "places"})


def plan_document(
    plan: Plan, objections: tuple[Objection, ...] = (), places: Mapping[str, Place] = NO_PLACES
) -> dict[str, Any]:
    """The plan for machines: every change with its price, the order, what it was made from, and objections.

    `places` tells by address where the manifest speaks of it, with files as seen from the repository's top folder.
    What reading taught (`learned`) is left out: it may hold upload forms, and whoever applies reads it again.
    """
    document = {
        "format_version": FORMAT_VERSION,
        "made_from": asdict(plan.made_from),
        "changes": [_change(change, price) for change, price in zip(plan.changes, plan.prices, strict=True)],
        "edges": [{"first": before, "then": after} for before, after in plan.edges],
        "notices": [asdict(notice) for notice in plan.notices],
        "partial": asdict(plan.partial) if plan.partial else None,
        "destroy": plan.destroy,
        "trusted": None if plan.trusted is None else dict(plan.trusted),
        "summary": asdict(count(plan.changes)),
        "credits": {**_price(plan.price), "spent_reading": plan.spent, "available": plan.available},
        "objections": [asdict(objection) for objection in objections],
        "applicable": not objections,
        "places": {address: asdict(place) for address, place in places.items()},
    }
    return {"plan_id": plan_id_of(document), **document}


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


def _change(change: Change, price: Price) -> dict[str, Any]:
    details = asdict(change)
    address = details.pop("address")
    reason = details.pop("reason", "")
    return {
        "address": address,
        "action": action_of(change),
        "reason": reason,
        "credits": _price(price),
        "details": details,
    }


def _price(price: Price) -> dict[str, int]:
    return {"minimum": price.minimum, "expected": price.expected, "maximum": price.maximum}
