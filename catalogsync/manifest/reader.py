"""YAML text to a tree with places, from PyYAML's event stream. The only module that knows PyYAML.

Events, not PyYAML's own construction: that would read `gtin: 0012` as octal, take seven times as long and lose the
places. Anchors, aliases and merge keys work as in YAML 1.1; what they may blow up to is bounded.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from catalogsync.manifest.tree import LINE_SHIFT, Block, Items, line_of, mark

DEEPEST = 64
ALIASES_FREE = 100_000
ALIASES_PER_NODE = 20
_TAG = "tag:yaml.org,2002:"
_TAGS = {_TAG + "str": 0, "!": 0, _TAG + "int": 1, _TAG + "float": 1, _TAG + "bool": 1, _TAG + "null": 1}
_CONTAINER_TAGS = {None, "!", _TAG + "map", _TAG + "seq"}

Note = Callable[[str, int, str, str], None]
"""Called with rule, mark, message and fix."""


class UnreadableError(Exception):
    """The file cannot be read any further; what is wrong was noted."""


@dataclass(frozen=True, slots=True)
class _Anchor:
    value: Any
    plain: int
    size: int


def read_yaml(data: bytes, note: Note) -> Block | None:
    """The mapping that `data` (UTF-8) holds; None when there is none. Everything wrong is passed to `note`."""
    loader = yaml.CSafeLoader(data)
    try:
        return _Builder(loader.get_event, note).document()
    except UnreadableError:
        return None
    except yaml.MarkedYAMLError as error:
        _note_syntax(error, data, note)
        return None
    except yaml.reader.ReaderError as error:
        _note_character(error, data, note)
        return None
    finally:
        loader.dispose()


def _note_syntax(error: yaml.MarkedYAMLError, data: bytes, note: Note) -> None:
    at = error.problem_mark or error.context_mark
    line, column = (at.line, at.column) if at else (0, 0)
    message = ", ".join(filter(None, (error.problem, error.context)))
    text = data.splitlines()[line : line + 1]
    if text and b"\t" in text[0][: len(text[0]) - len(text[0].lstrip())]:
        fix = "indent with spaces; YAML does not allow tabs there"
    else:
        fix = "look at this line and the one before it: indentation, a missing quote, ':' or bracket"
    note("yaml-syntax", mark(line, column), message, fix)


def _note_character(error: yaml.reader.ReaderError, data: bytes, note: Note) -> None:
    before = data[: error.position].decode(errors="replace")
    line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
    note("yaml-syntax", mark(line, column), f"{error.reason} (#x{error.character:04x})", "remove the character")


def _mark(event: Any, plain: int = 0) -> int:
    start = event.start_mark
    return mark(start.line, start.column, plain)


class _Builder:
    """Builds one document from events. `_written` and `_repeated` count nodes, to bound what aliases expand to."""

    def __init__(self, get_event: Callable[[], Any], note: Note) -> None:
        self._get = get_event
        self._note = note
        self._anchors: dict[str, _Anchor | None] = {}
        self._written = 0
        self._repeated = 0
        self._depth = 0

    def document(self) -> Block | None:
        self._get()
        opening = self._get()
        if isinstance(opening, StreamEndEvent):
            self._note_nothing()
            return None
        first = self._get()
        value, _ = self._node(first)
        self._get()
        if isinstance(more := self._get(), DocumentStartEvent):
            fix = "put each document into a file of its own and include it"
            self._note("several-documents", _mark(more), "the file has more than one YAML document", fix)
            return None
        if value is None:
            self._note_nothing()
            return None
        if not isinstance(value, Block):
            fix = "start with `version: 1`, then `catalog:` and `products:`"
            self._note("wrong-type", _mark(first), "a manifest must be a mapping of keys", fix)
            return None
        return value

    def _note_nothing(self) -> None:
        self._note("empty-file", 0, "the file has nothing in it", "write products into it, or remove it")

    def _node(self, event: Any) -> tuple[Any, int]:
        """The value that starts with `event`, and 1 when it is a scalar without quotes."""
        if type(event) is ScalarEvent and event.tag is None and event.anchor is None:
            return (event.value or None, 1) if event.implicit[0] else (event.value, 0)
        if isinstance(event, AliasEvent):
            return self._alias(event)
        size, name = self._written + self._repeated, event.anchor
        if name:
            self._anchors[name] = None
        value, plain = self._tagged_scalar(event) if isinstance(event, ScalarEvent) else (self._container(event), 0)
        if name:
            self._anchors[name] = _Anchor(value, plain, self._written + self._repeated - size + 1)
        return value, plain

    def _alias(self, event: Any) -> tuple[Any, int]:
        anchor = self._anchors.get(event.anchor)
        if anchor is None:
            inside = event.anchor in self._anchors
            message = f"the alias *{event.anchor} " + (
                "is inside what it names" if inside else "has no anchor before it"
            )
            self._note("unknown-alias", _mark(event), message, f"write &{event.anchor} at a value above this line")
            raise UnreadableError
        self._repeat(event, anchor.size)
        return anchor.value, anchor.plain

    def _repeat(self, event: Any, size: int) -> None:
        self._repeated += size
        if self._repeated > ALIASES_FREE + ALIASES_PER_NODE * self._written:
            message = f"aliases expand to more than {ALIASES_FREE:,} values"
            self._note("too-many-aliases", _mark(event), message, "write the values out, or alias smaller parts")
            raise UnreadableError

    def _tagged_scalar(self, event: Any) -> tuple[Any, int]:
        if event.tag is None:
            plain = int(event.implicit[0])
        elif event.tag in _TAGS:
            plain = _TAGS[event.tag]
        else:
            self._note_tag(event)
            plain = 0
        return (event.value or None if plain else event.value), plain

    def _note_tag(self, event: Any) -> None:
        tag = event.tag.replace(_TAG, "!!")
        self._note("yaml-tag", _mark(event), f"the tag {tag} has no meaning here", "remove the tag")

    def _container(self, event: Any) -> Block | Items:
        if event.tag not in _CONTAINER_TAGS:
            self._note_tag(event)
        if self._depth == DEEPEST:
            message = f"more than {DEEPEST} lists and mappings inside each other"
            self._note(
                "too-deep", _mark(event), message, "nothing in a manifest is nested that deep; look for a stray '['"
            )
            raise UnreadableError
        self._depth += 1
        built = self._block(event) if isinstance(event, MappingStartEvent) else self._items(event)
        self._depth -= 1
        return built

    def _items(self, opening: SequenceStartEvent) -> Items:
        get, node = self._get, self._node
        items = Items(_mark(opening))
        append, put = items.append, items.marks.append
        while type(event := get()) is not SequenceEndEvent:
            value, plain = node(event)
            append(value)
            at = event.start_mark
            put(at.line << LINE_SHIFT | at.column << 1 | plain)
        self._written += len(items) + 1
        return items

    def _block(self, opening: MappingStartEvent) -> Block:
        """A mapping. This loop runs for every key of a manifest: what `_key`, `_node` and `_mark` do is in it."""
        get, intern = self._get, sys.intern
        block = Block(_mark(opening))
        put, merges = block.marks.append, None
        while type(key_event := get()) is not MappingEndEvent:
            odd = type(key_event) is not ScalarEvent or key_event.anchor is not None
            key = self._key(key_event) if odd else intern(key_event.value)
            event = get()
            if type(event) is ScalarEvent and event.tag is None and event.anchor is None:
                value, plain = (event.value or None, 1) if event.implicit[0] else (event.value, 0)
            else:
                value, plain = self._node(event)
            if key == "<<" and key_event.implicit[0]:
                merges = merges or []
                merges.append((event, value))
            elif key is None or key in block:
                self._note_repeated(block, key, key_event)
            else:
                block[key] = value
                at = key_event.start_mark
                put(at.line << LINE_SHIFT | at.column << 1)
                at = event.start_mark
                put(at.line << LINE_SHIFT | at.column << 1 | plain)
        self._written += len(block) + 1
        for event, value in merges or ():
            self._merge(block, event, value)
        return block

    def _key(self, event: Any) -> str | None:
        """The key that an event which is not simply text stands for."""
        value, _ = self._node(event)
        if isinstance(value, str):
            return value
        fix = "write the key as text; put quotes around a value that begins with '{' or '['"
        self._note("key-not-text", _mark(event), "a key must be text", fix)
        return None

    def _note_repeated(self, block: Block, key: str | None, event: Any) -> None:
        if key is not None:
            lines = f"first in line {line_of(block.key_mark(key))}, again in line {line_of(_mark(event))}"
            message = f"`{key}` is given twice in one mapping, {lines}"
            self._note("duplicate-key", _mark(event), message, "keep one of them")

    def _merge(self, block: Block, event: Any, value: Any) -> None:
        """Add the keys of one mapping, or of each in a list, that the block does not have."""
        for source in value if isinstance(value, Items) else (value,):
            if not isinstance(source, Block):
                fix = "merge a mapping: `<<: *name`, or a list of them"
                self._note("merge-value", _mark(event), "`<<` names something that is not a mapping", fix)
                continue
            self._repeat(event, len(source))
            for position, (key, inherited) in enumerate(source.items()):
                if key not in block:
                    block.put(key, inherited, source.marks[2 * position], source.marks[2 * position + 1])
