"""A saved plan read back. What is no plan, was edited, or has a newer format is refused in words."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any

from catalogsync.errors import Place, SavedPlanError
from catalogsync.plan.changes import Change, MadeFrom, Notice, Partial, Plan, Price
from catalogsync.plan.codec import FORMAT_VERSION, plan_id_of
from catalogsync.plan.guards import Objection

_ACTIONS = {kind.__name__.lower(): kind for kind in typing.get_args(Change)}
_MAKE = "Make it with `catalogsync plan --out FILE`."
_AGAIN = "Plan again: a saved plan is not edited, it is made anew."


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan as it was saved, with the document it was read from. Its files' paths are relative, nothing is learned."""

    plan_id: str
    plan: Plan
    objections: tuple[Objection, ...]
    document: Mapping[str, Any]
    places: Mapping[str, Place]  # by address: where the manifest speaks of it


def load_plan(text: str) -> SavedPlan:
    """Read a saved plan. Raises SavedPlanError."""
    document = _document(text)
    _refuse_other_formats(document)
    if document["plan_id"] != plan_id_of(document):
        raise SavedPlanError("The saved plan was changed after it was made: its plan_id does not match.", hint=_AGAIN)
    try:
        plan = _plan(document)
        objections = tuple(_value(Objection, one) for one in document["objections"])
        places = _value(Mapping[str, Place], document.get("places", {}))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SavedPlanError(f"The saved plan cannot be understood: {error}.", hint=_AGAIN) from error
    return SavedPlan(document["plan_id"], plan, objections, document, places)


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SavedPlanError("The file is no saved plan: it is not JSON.", hint=_MAKE) from error
    if not isinstance(document, dict) or not isinstance(document.get("format_version"), str):
        raise SavedPlanError("The file is no saved plan: it has no format_version.", hint=_MAKE)
    return document


def _refuse_other_formats(document: Mapping[str, Any]) -> None:
    version = document["format_version"]
    if version.partition(".")[0] != FORMAT_VERSION.partition(".")[0]:
        raise SavedPlanError(
            f"The saved plan has format {version}; this catalogsync reads {FORMAT_VERSION}.",
            hint="Use the version of catalogsync that made it, or plan again.",
        )
    if "plan_id" not in document:
        raise SavedPlanError("The file is no saved plan: it has no plan_id.", hint=_MAKE)


def _plan(document: Mapping[str, Any]) -> Plan:
    rows = document["changes"]
    credit = document["credits"]
    return Plan(
        changes=tuple(_change(row) for row in rows),
        prices=tuple(_value(Price, row["credits"]) for row in rows),
        edges=tuple((_value(int, edge["first"]), _value(int, edge["then"])) for edge in document["edges"]),
        made_from=_value(MadeFrom, document["made_from"]),
        notices=tuple(_value(Notice, notice) for notice in document["notices"]),
        spent=_value(int, credit["spent_reading"]),
        available=_value(int | None, credit["available"]),
        partial=_value(Partial | None, document.get("partial")),
        destroy=_value(bool, document.get("destroy", False)),
        trusted=_value(Mapping[str, str] | None, document.get("trusted")),
    )


def _change(row: Mapping[str, Any]) -> Change:
    outer = {"address": row["address"], "reason": row["reason"]}
    change: Change = _value(_ACTIONS[row["action"]], {**row["details"], **outer})
    return change


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _value(hint: Any, data: Any) -> Any:
    """`data` as a value of type `hint`, by its annotations. Raises ValueError, KeyError or TypeError.

    Keys that are not known are ignored: a newer minor version may have written them.
    """
    if is_dataclass(hint) and isinstance(hint, type):
        return _object(hint, data)
    if typing.get_origin(hint) in {types.UnionType, typing.Union}:
        return _one_of(typing.get_args(hint), data)
    if typing.get_origin(hint) is tuple:
        return _tuple(typing.get_args(hint), data)
    if typing.get_origin(hint) is Mapping:
        of_key, of_value = typing.get_args(hint)
        return {_value(of_key, key): _value(of_value, value) for key, value in data.items()}
    if issubclass(hint, Enum):
        return hint(data)
    if type(data) is not hint and not (hint is float and type(data) is int):
        raise ValueError(f"{hint.__name__} was expected, not {type(data).__name__}")
    return data


def _object(kind: type, data: Mapping[str, Any]) -> Any:
    hints = _hints(kind)
    given = {
        field.name: _value(hints[field.name], data[field.name])
        for field in fields(kind)
        if field.name in data or (field.default is MISSING and field.default_factory is MISSING)
    }
    return kind(**given)


def _one_of(kinds: tuple[Any, ...], data: Any) -> Any:
    for kind in kinds:
        try:
            return _value(kind, data)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
    raise ValueError(f"none of the expected types takes {type(data).__name__}")


def _tuple(parts: tuple[Any, ...], data: Any) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise TypeError(f"a list was expected, not {type(data).__name__}")
    if ... in parts:
        return tuple(_value(parts[0], one) for one in data)
    return tuple(_value(part, one) for part, one in zip(parts, data, strict=True))
