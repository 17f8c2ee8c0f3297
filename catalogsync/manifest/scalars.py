"""Turns text into numbers and booleans, only where the schema wants them.

A scalar is text as it was written. A plain one (without quotes) is read as a number or boolean when the schema has
one there, in the spellings of YAML 1.2's core schema; everywhere else `NO`, `1e5` and `0012` stay what they are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalogsync.manifest.tree import Block, Items, is_plain

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}\Z")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def integer(text: str) -> int | str:
    return int(text) if _INTEGER.match(text) else text


def number(text: str) -> float | str:
    if _INTEGER.match(text):
        return int(text)
    if _NUMBER.match(text) and math.isfinite(value := float(text)):
        return value
    return text


def boolean(text: str) -> bool | str:
    return _BOOLEANS.get(text, text)


_READERS: dict[str, Callable[[str], Any]] = {"integer": integer, "number": number, "boolean": boolean}


@dataclass(slots=True)
class Shape:
    """Where numbers and booleans are in a value: how to read it, its keys and its items. All empty: text stays."""

    read: Callable[[str], Any] | None = None
    keys: dict[str, Shape] = field(default_factory=dict)
    items: Shape | None = None

    def __bool__(self) -> bool:
        return bool(self.read or self.keys or self.items)

    def apply(self, value: Any, packed: int) -> Any:
        """`value` with its plain scalars read. Containers that change are copied: aliases share them."""
        if isinstance(value, str):
            return self.read(value) if self.read and is_plain(packed) else value
        if isinstance(value, Block) and self.keys:
            return self._block(value)
        if isinstance(value, Items) and self.items:
            shape = self.items
            return value.with_values([shape.apply(*pair) for pair in zip(value, value.marks, strict=True)])
        return value

    def _block(self, block: Block) -> Block:
        changes = {}
        for key, shape in self.keys.items():
            if key in block and (read := shape.apply(block[key], block.value_mark(key))) is not block[key]:
                changes[key] = read
        return block.with_values(changes) if changes else block


def shape_of(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Shape:
    """Read from a schema where numbers and booleans are; the branches of `anyOf` are taken together."""
    shape = Shape(read=_READERS.get(schema.get("type", "")))
    for key, inner in schema.get("properties", {}).items():
        if below := shape_of(inner, definitions):
            shape.keys[key] = below
    if "items" in schema:
        shape.items = shape_of(schema["items"], definitions) or None
    branches = list(schema.get("anyOf", ()))
    if "$ref" in schema:
        branches.append(definitions[schema["$ref"].rpartition("/")[2]])
    for branch in branches:
        other = shape_of(branch, definitions)
        shape.read = shape.read or other.read
        shape.keys.update(other.keys)
        shape.items = shape.items or other.items
    return shape
