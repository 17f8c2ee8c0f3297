"""One API call as handlers see it, and the shapes of its answers."""

import sqlite3
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalogsync.sandbox.context import Sandbox
from catalogsync.sandbox.faults import Rule

REQUIRED = "This field is required."
INVALID_UUID = "Must be a valid UUID."


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was let in. `query` has no empty parameters; `body` is the form's or the JSON object's fields."""

    sandbox: Sandbox
    db: sqlite3.Connection
    now: float
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    fault: Rule | None = None
    """What the handler itself is to do wrong (`faults.PLAYED_BY_HANDLERS`)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a JSON object, before `api_hits_available` is added."""

    status: int
    body: dict[str, Any]


class Refusal(Exception):  # noqa: N818 - an answer of the API, not an error of ours
    """An answer that is not success: the usual envelope around `message` (a sentence, or fields with theirs)."""

    def __init__(self, status: int, message: str | dict[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"status": False, "data": {}, "message": message})
        self.headers = dict(headers or {})


class Unauthorized(Refusal):
    """401 has a shape of its own: `{"error": ...}`, without credits."""

    def __init__(self, error: str, status: int = 401) -> None:
        super().__init__(status, error)
        self.answer = Answer(status, {"error": error})


def done(data: dict[str, Any], message: str, status: int = 200) -> Answer:
    """The envelope of a successful write."""
    return Answer(status, {"status": True, "data": data, "message": message})


def read_uuid(value: object, field: str) -> str:
    """The canonical text of a UUID, or the documented 400."""
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        raise Refusal(400, {field: [INVALID_UUID]}) from None


def choice_error(value: object) -> str:
    return f'"{value}" is not a valid choice.'


def forced_outcome(call: Call, *, image: bool = False) -> str | None:
    """How what this call asks for is to end, when a fault says so; else the worker finds out.

    Images are never Infected (the document's table of status values): they are Failed then.
    """
    if call.fault is None or call.fault.do != "outcome":
        return None
    return "Failed" if image and call.fault.outcome == "Infected" else call.fault.outcome
