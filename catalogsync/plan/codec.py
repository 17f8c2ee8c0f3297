"""A plan as a JSON document, under schemas/plan.schema.json."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from catalogsync.plan.changes import Change, Plan, Price, action_of, count
from catalogsync.plan.guards import Objection

FORMAT_VERSION = "1.0"  # minor: keys are added; major: readers must refuse


def plan_document(plan: Plan, objections: tuple[Objection, ...] = ()) -> dict[str, Any]:
    """The plan for machines: every change with its price, the order, what it was made from, and objections."""
    return {
        "format_version": FORMAT_VERSION,
        "made_from": asdict(plan.made_from),
        "changes": [_change(change, price) for change, price in zip(plan.changes, plan.prices, strict=True)],
        "edges": [{"first": before, "then": after} for before, after in plan.edges],
        "notices": [asdict(notice) for notice in plan.notices],
        "summary": asdict(count(plan.changes)),
        "credits": {**_price(plan.price), "spent_reading": plan.spent, "available": plan.available},
        "objections": [asdict(objection) for objection in objections],
        "applicable": not objections,
    }


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
