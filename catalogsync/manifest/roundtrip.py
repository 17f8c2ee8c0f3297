"""YAML text to YAML text with comments, quotes, anchors and blank lines. The only module that knows ruamel.yaml.

Imported only where a file is formatted: reading a manifest never needs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import Node, ScalarNode
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.tag import Tag

_TEXT = Tag(suffix="tag:yaml.org,2002:str")
_NEVER = 1 << 20  # columns: lines are not broken, since a broken plain scalar is harder to read and to diff


class NotFormattableError(Exception):
    """The text cannot be taken apart and put together again; says why."""


class _Verbatim(VersionedResolver):
    """Every scalar is text, so that 0012, NO, 1e5 and 12:30:45 go out as they came in."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        if kind is ScalarNode and value != "<<":
            return _TEXT
        return super().resolve(kind, value, implicit)


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.Resolver = _Verbatim
    yaml.preserve_quotes = True
    yaml.width = _NEVER
    yaml.brace_single_entry_mapping_in_flow_sequence = True  # [{sku_id: A}] and not [sku_id: A], which few can read
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def indented(text: str) -> str:
    """`text` with the form's indentation: 2 for a mapping, 2 for a list below its key. Raises NotFormattableError."""
    yaml = _yaml()
    yaml.explicit_start = any(line.startswith("---") for line in text.splitlines())
    try:
        document = yaml.load(text)
        out = StringIO()
        yaml.dump(document, out)
    except (YAMLError, ValueError, TypeError, AttributeError, NotImplementedError) as error:
        raise NotFormattableError(_reason(error)) from error
    return out.getvalue()


def nodes_of(text: str) -> Node:
    """The node tree, with the marks of each node. Raises NotFormattableError."""
    try:
        node: Node = _yaml().compose(StringIO(text))
    except YAMLError as error:
        raise NotFormattableError(_reason(error)) from error
    return node


def comments_of(text: str) -> list[str]:
    """The comments of a text that `nodes_of` takes, sorted: what stands behind a # outside of all scalars."""
    spans = sorted(set(_scalar_spans(nodes_of(text))))
    outside, at = [], 0
    for start, end in spans:
        outside.append(text[at:start])
        at = max(at, end)
    outside.append(text[at:])
    between = "\0".join(outside)
    return sorted(line.partition("#")[2].strip() for line in between.split("\n") if "#" in line)


def _scalar_spans(node: Any) -> Iterator[tuple[int, int]]:
    """Where scalars begin and end, in letters. An alias has no span, and no end: nodes are visited once."""
    waiting, seen = [node], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, ScalarNode):
            yield node.start_mark.index, node.end_mark.index
        elif node is not None:
            waiting += node.value if node.id == "sequence" else [one for pair in node.value for one in pair]


def _reason(error: Exception) -> str:
    """The problem in one line; ruamel.yaml's own text begins with where it was found."""
    return str(getattr(error, "problem", None) or error).partition("\n")[0]
