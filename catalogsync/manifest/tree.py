"""What a parsed file is made of: plain mappings, lists and text that know where they stand.

A mark packs a place into one integer, since a catalog of 100,000 products has a million of them: 32 bits of line, 31
of column (both counted from 0) and one that says whether the scalar there was written without quotes.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from catalogsync.errors import Place

LINE_SHIFT = 32
_COLUMNS = (1 << 31) - 1


def mark(line: int, column: int, plain: int = 0) -> int:
    """Pack a place counted from 0; `plain` is 1 for a scalar without quotes."""
    return line << LINE_SHIFT | column << 1 | plain


def line_of(packed: int) -> int:
    """The line of a mark, counted from 1."""
    return (packed >> LINE_SHIFT) + 1


def is_plain(packed: int) -> bool:
    """Whether the scalar at this mark may be read as a number or a boolean."""
    return bool(packed & 1)


def place_of(file: str, packed: int) -> Place:
    return Place(file, (packed >> LINE_SHIFT) + 1, (packed >> 1 & _COLUMNS) + 1)


class Block(dict[str, Any]):
    """A mapping. `marks` holds two marks a key, the key's and the value's, in the order of the keys."""

    __slots__ = ("marks", "start")

    def __init__(self, start: int) -> None:
        super().__init__()
        self.start = start
        self.marks = array("Q")

    def put(self, key: str, value: object, key_mark: int, value_mark: int) -> None:
        """Add a key that is not there yet."""
        self[key] = value
        self.marks.append(key_mark)
        self.marks.append(value_mark)

    def key_mark(self, key: str) -> int:
        return self.marks[2 * list(self).index(key)]

    def value_mark(self, key: str) -> int:
        return self.marks[2 * list(self).index(key) + 1]

    def with_values(self, changes: dict[str, Any]) -> Block:
        """A copy that stands at the same places, with other values for some of its keys."""
        copy = Block(self.start)
        copy.marks = self.marks
        copy.update(self)
        copy.update(changes)
        return copy


class Items(list[Any]):
    """A list. `marks` holds one mark an item."""

    __slots__ = ("marks", "start")

    def __init__(self, start: int) -> None:
        super().__init__()
        self.start = start
        self.marks = array("Q")

    def add(self, value: object, value_mark: int) -> None:
        self.append(value)
        self.marks.append(value_mark)

    def with_values(self, values: list[Any]) -> Items:
        """A copy that stands at the same places, with these values."""
        copy = Items(self.start)
        copy.marks = self.marks
        copy.extend(values)
        return copy


def mark_at(node: Block | Items, path: Sequence[str | int], *, of_key: bool = False) -> int:
    """The mark of what `path` leads to from `node`; with `of_key` the mark of the last key itself."""
    packed, here = node.start, node
    for depth, step in enumerate(path, 1):
        if isinstance(here, Block) and isinstance(step, str):
            wants_key = of_key and depth == len(path)
            packed = here.key_mark(step) if wants_key else here.value_mark(step)
        elif isinstance(here, Items) and isinstance(step, int):
            packed = here.marks[step]
        here = here[step]  # type: ignore[index]
    return packed
