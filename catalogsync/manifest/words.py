"""jsonschema's errors in our words: the rule that spoke, what is wrong and the way out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from catalogsync.model.spelling import closest

SchemaError = Any
"""A jsonschema.ValidationError; its type says of every field that it may be unset, which in a raised one none is."""

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: `path` leads to it from the checked value; `at_key` means the key there, not its value."""

    rule: str
    path: tuple[str | int, ...]
    message: str
    fix: str
    at_key: bool = False


def findings_of(error: SchemaError) -> Iterator[Finding]:
    """What one error of jsonschema says; several findings when several keys are unknown or missing."""
    speak = SPEAKERS[error.validator]
    yield from speak(error, tuple(error.absolute_path))


def called(path: tuple[str | int, ...]) -> str:
    """How a message names what is at `path`."""
    keys = [step for step in path if isinstance(step, str)]
    if not path:
        return "the entry"
    if isinstance(path[-1], str):
        return f"`{path[-1]}`"
    return f"item {path[-1] + 1} of `{keys[-1]}`" if keys else f"item {path[-1] + 1}"


def shown(value: Any) -> str:
    """A value as a message shows it."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value if len(value) <= _LONGEST else value[:_LONGEST] + "..."}"'
    return str(value)


def suggestion(word: str, allowed: list[str]) -> str:
    """The way out of a wrong word: the closest allowed one, or all of them."""
    close = closest(word, allowed, most=1)
    return f"did you mean `{close[0]}`?" if close else f"use one of: {', '.join(allowed)}"


def _unknown_keys(error: SchemaError, path: tuple[str | int, ...]) -> Iterator[Finding]:
    allowed, ignored = list(error.schema["properties"]), list(error.schema.get("patternProperties", ()))
    where = f"{called(path)} has" if path else "there is"
    for key in error.instance:
        if key not in allowed and not any(re.search(pattern, key) for pattern in ignored):
            yield Finding("unknown-key", (*path, key), f"{where} no key `{key}`", suggestion(key, allowed), at_key=True)


def _missing_keys(error: SchemaError, path: tuple[str | int, ...]) -> Iterator[Finding]:
    for key in error.validator_value:
        if key not in error.instance:
            yield Finding("missing-key", path, f"{called(path)} has no `{key}`", f"add `{key}:`")


def _type(error: SchemaError, path: tuple[str | int, ...]) -> Iterator[Finding]:
    yield _wrong_type(error.instance, path, [error.validator_value])


def _wrong_type(value: Any, path: tuple[str | int, ...], wanted: list[str]) -> Finding:
    if path and path[0] == "outputs" and isinstance(value, dict) and "archive" in value:
        message = f"{called(path)} cannot have archive patterns"
        return Finding("archive-without-silo", path, message, "only `silo` takes `archive:`; write true or false")
    types = ", or ".join(_TYPES[name] for name in wanted)
    return Finding("wrong-type", path, f"{called(path)} must be {types}, not {shown(value)}", _type_fix(value, wanted))


def _type_fix(value: Any, wanted: list[str]) -> str:
    if value is None:
        return (
            'write a value, or "" to clear it, or remove the key'
            if wanted == ["string"]
            else "write a value or remove the key"
        )
    if isinstance(value, str) and {"integer", "number", "boolean"} & set(wanted):
        return f"write {_TYPES[wanted[0]]}, without quotes"
    if wanted == ["string"] and isinstance(value, dict | list):
        return "write it as text; put quotes around text that begins with '{' or '['"
    return f"write {_TYPES[wanted[0]]}"


def _branches(error: SchemaError, path: tuple[str | int, ...]) -> Iterator[Finding]:
    """Of `anyOf`, what the branch for this type of value says; a wrong type when there is no such branch."""
    branches: dict[int, list[SchemaError]] = {}
    for inner in error.context or ():
        branches.setdefault(int(inner.schema_path[0]), []).append(inner)
    for inners in branches.values():
        if not any(inner.validator == "type" and len(inner.absolute_path) == len(path) for inner in inners):
            for inner in inners:
                yield from findings_of(inner)
            return
    yield _wrong_type(error.instance, path, [branch["type"] for branch in error.validator_value])


def _const(error: SchemaError, path: tuple[str | int, ...]) -> Iterator[Finding]:
    if isinstance(error.instance, str):
        return  # its type is wrong too, and said
    message = f"{called(path)} is {shown(error.instance)}, which is not supported"
    yield Finding("not-allowed", path, message, f"write {error.validator_value}")


def _enum(error: SchemaError, path: tuple[str | int, ...]) -> Iterator[Finding]:
    message = f"{called(path)} is {shown(error.instance)}, which is not one of the allowed values"
    yield Finding("not-allowed", path, message, suggestion(str(error.instance), error.validator_value))


def _pattern(error: SchemaError, path: tuple[str | int, ...]) -> Iterator[Finding]:
    wanted = error.schema.get("patternErrorMessage", f"must match {error.validator_value}")
    yield Finding("bad-format", path, f"{called(path)} is {shown(error.instance)}", f"it {wanted}")


def _empty_text(_: SchemaError, path: tuple[str | int, ...]) -> Iterator[Finding]:
    yield Finding("bad-format", path, f"{called(path)} is empty", "write a value or remove the key")


def _length(error: SchemaError, path: tuple[str | int, ...]) -> Iterator[Finding]:
    least, most = error.schema.get("minItems", 0), error.schema.get("maxItems")
    wanted = f"exactly {least}" if least == most else f"at least {least}"
    message = f"{called(path)} has {len(error.instance)} items"
    yield Finding("wrong-length", path, message, f"give {wanted}")


def _repeated(error: SchemaError, path: tuple[str | int, ...]) -> Iterator[Finding]:
    for index, item in enumerate(error.instance):
        if item in error.instance[:index]:
            message = f"{called(path)} has {shown(item)} more than once"
            yield Finding("repeated-item", (*path, index), message, "remove the repetition")


def _bound(words: str) -> Callable[[SchemaError, tuple[str | int, ...]], Iterator[Finding]]:
    def speak(error: SchemaError, path: tuple[str | int, ...]) -> Iterator[Finding]:
        message = f"{called(path)} is {error.instance}"
        yield Finding("out-of-range", path, message, f"it must be {words} {error.validator_value}")

    return speak


SPEAKERS: dict[str, Callable[[SchemaError, tuple[str | int, ...]], Iterator[Finding]]] = {
    "additionalProperties": _unknown_keys,
    "required": _missing_keys,
    "type": _type,
    "anyOf": _branches,
    "const": _const,
    "enum": _enum,
    "pattern": _pattern,
    "minLength": _empty_text,
    "minItems": _length,
    "maxItems": _length,
    "uniqueItems": _repeated,
    "minimum": _bound("at least"),
    "exclusiveMinimum": _bound("more than"),
    "maximum": _bound("at most"),
}
