"""A saved plan read back. What is no plan, was edited, or has a newer format is refused in words."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any

from catalogsync.errors import Place, SavedPlanError
from catalogsync.model.bulk import no_collections
from catalogsync.plan.basis import MadeFrom
from catalogsync.plan.changes import Change, Notice, Partial, Plan, Price
from catalogsync.plan.codec import FORMAT_VERSION, plan_id_of
from catalogsync.plan.guards import Objection

Reader = Callable[[Any], Any]

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
    with no_collections():
        return _loaded(_document(text))


def _loaded(document: Mapping[str, Any]) -> SavedPlan:
    _refuse_other_formats(document)
    if document["plan_id"] != plan_id_of(document):
        raise SavedPlanError("The saved plan was changed after it was made: its plan_id does not match.", hint=_AGAIN)
    try:
        plan = _plan(document)
        objections = tuple(_reader(Objection)(one) for one in document["objections"])
        places = _reader(Mapping[str, Place])(document.get("places", {}))
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
        prices=tuple(_reader(Price)(row["credits"]) for row in rows),
        edges=tuple((_reader(int)(edge["first"]), _reader(int)(edge["then"])) for edge in document["edges"]),
        made_from=_reader(MadeFrom)(document["made_from"]),
        notices=tuple(_reader(Notice)(notice) for notice in document["notices"]),
        spent=_reader(int)(credit["spent_reading"]),
        available=_reader(int | None)(credit["available"]),
        partial=_reader(Partial | None)(document.get("partial")),
        destroy=_reader(bool)(document.get("destroy", False)),
        trusted=_reader(Mapping[str, str] | None)(document.get("trusted")),
    )


def _change(row: Mapping[str, Any]) -> Change:
    outer = {"address": row["address"], "reason": row["reason"]}
    change: Change = _reader(_ACTIONS[row["action"]])({**row["details"], **outer})
    return change


@cache
def _reader(hint: Any) -> Reader:
    """What makes a value of type `hint` of its JSON, by its annotations; made once for each type, for plans are large.

    The readers raise ValueError, KeyError, TypeError or AttributeError for what is no such value.
    """
    if is_dataclass(hint) and isinstance(hint, type):
        return _object_reader(hint)
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        return _union_reader(parts)
    if origin is tuple:
        return _tuple_reader(parts)
    if origin is Mapping:
        return _mapping_reader(*parts)
    return hint if issubclass(hint, Enum) else _scalar_reader(hint)


def _object_reader(kind: type) -> Reader:
    """Keys that are not known are ignored: a newer minor version may have written them."""
    hints = typing.get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}
    needed = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}

    def read(data: Any) -> Any:
        return kind(**{name: one(data[name]) for name, one in readers.items() if name in data or name in needed})

    return read


def _union_reader(kinds: tuple[Any, ...]) -> Reader:
    readers = [_reader(kind) for kind in kinds if kind is not NoneType]
    optional = NoneType in kinds

    def read(data: Any) -> Any:
        if data is None and optional:
            return None
        for one in readers:
            try:
                return one(data)
            except (KeyError, TypeError, ValueError, AttributeError):
                continue
        raise ValueError(f"none of the expected types takes {type(data).__name__}")

    return read


def _tuple_reader(parts: tuple[Any, ...]) -> Reader:
    readers = [_reader(part) for part in parts if part is not ...]
    any_length = ... in parts

    def read(data: Any) -> tuple[Any, ...]:
        if not isinstance(data, list):
            raise TypeError(f"a list was expected, not {type(data).__name__}")
        if any_length:
            return tuple(map(readers[0], data))
        return tuple(one(value) for one, value in zip(readers, data, strict=True))

    return read


def _mapping_reader(of_key: Any, of_value: Any) -> Reader:
    key, value = _reader(of_key), _reader(of_value)

    def read(data: Any) -> dict[Any, Any]:
        return {key(name): value(one) for name, one in data.items()}

    return read


def _scalar_reader(kind: type) -> Reader:
    kinds = {float, int} if kind is float else {kind}

    def read(data: Any) -> Any:
        if type(data) not in kinds:
            raise ValueError(f"{kind.__name__} was expected, not {type(data).__name__}")
        return data

    return read
