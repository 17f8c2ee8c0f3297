"""The published schema of event lines, closed: what it does not name is a mistake of ours."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "schemas" / "events.schema.json").read_text(encoding="utf-8")
)
TYPES: list[str] = SCHEMA["properties"]["type"]["enum"]
COMMON = set(SCHEMA["properties"])


def definition(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = SCHEMA["$defs"][f"line_{kind}"]
    return found


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: _closed(part) for key, part in schema.items()}
    if schema.get("type") == "object" and "oneOf" not in schema:
        parts["additionalProperties"] = False
    return parts


def _as_line(kind: str) -> dict[str, Any]:
    """The schema of one type of line by itself, so that a failure names what is wrong with it."""
    closed = _closed(SCHEMA)
    found = closed["$defs"][f"line_{kind}"]
    found["properties"] |= closed["properties"] | found["properties"]
    return {**found, "required": [*SCHEMA["required"], *found["required"]], "$defs": closed["$defs"]}


_VALIDATORS = {
    kind: jsonschema.Draft202012Validator(_as_line(kind), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    for kind in TYPES
}
_OPEN = jsonschema.Draft202012Validator(SCHEMA)


def check_lines(lines: Iterable[dict[str, Any]]) -> None:
    """Fails for a line that the schema, or the schema with nothing unnamed, refuses."""
    for line in lines:
        _OPEN.validate(line)
        _VALIDATORS[line["type"]].validate(line)
        assert "\x1b" not in line["@message"]
