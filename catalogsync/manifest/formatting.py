"""Brings manifest files into one form: order of keys, indentation, sorted products. What they mean stays the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalogsync.errors import ManifestError, Place, Problem
from catalogsync.manifest.reader import read_yaml
from catalogsync.manifest.report import Report
from catalogsync.manifest.schema import document_shape, schema_text
from catalogsync.manifest.sources import YAML_EXTENSIONS, Sources
from catalogsync.manifest.tree import Block, Items

_ROUNDS = 6
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_RULE = "cannot-format"


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file as it is and as it would be."""

    path: Path
    before: bytes
    after: bytes

    @property
    def changed(self) -> bool:
        return self.before != self.after


def format_files(
    paths: Sequence[Path], *, by_sku: bool = False, allow_outside: bool = False
) -> tuple[list[Formatted], tuple[Problem, ...]]:
    """Every YAML file of a manifest, included ones too, and what is wrong with those that could not be formatted.

    Nothing is written. Values that are wrong are no obstacle, only text that cannot be read.
    """
    report = Report()
    sources = Sources(report, allow_outside=allow_outside)
    sources.read(paths)
    formatted, problems = [], _unreadable(report, {source.file for source in sources.found})
    for source in sources.found:
        path = Path(source.file)
        if source.file.endswith(YAML_EXTENSIONS):
            before = path.read_bytes()
            try:
                formatted.append(Formatted(path, before, format_text(before, by_sku=by_sku)))
            except ValueError as error:
                fix = "correct what `catalogsync validate` says of it, or leave the file as it is"
                problems.append(Problem(Place(source.file), _RULE, str(error), fix))
    return formatted, tuple(problems)


def _unreadable(report: Report, read: set[str]) -> list[Problem]:
    """Of what is wrong, what keeps files from being read: the values in files that were read are not our business."""
    try:
        report.outcome(strict=True)
    except ManifestError as error:
        lost = ("include-", "file-")
        return [one for one in error.problems if one.place.file not in read or one.rule.startswith(lost)]
    return []


def format_text(data: bytes, *, by_sku: bool = False) -> bytes:
    """The form of one file. Raises ValueError when it cannot be formatted without a change of its meaning.

    The form is what formatting does not change any more, so that formatting twice is formatting once.
    """
    from catalogsync.manifest.ordering import reordered
    from catalogsync.manifest.roundtrip import NotFormattableError, comments_of, indented

    data = data.removeprefix(_BYTE_ORDER_MARK)
    ends = "\r\n" if b"\r\n" in data else "\n"
    text, orders = data.decode().replace("\r\n", "\n"), key_orders()
    try:
        for _ in range(_ROUNDS):
            former, text = text, reordered(indented(text), orders, by_sku=by_sku)
            if former == text:
                break
        else:
            raise ValueError("no stable form was found")
    except NotFormattableError as error:
        raise ValueError(f"the file cannot be formatted: {error}") from error
    after = text.replace("\n", ends).encode()
    if _meaning(data, by_sku=by_sku) != _meaning(after, by_sku=by_sku):
        raise ValueError("formatting would have changed what the file means, so it was left as it is")
    if comments_of(data.decode()) != comments_of(after.decode()):
        raise ValueError("formatting would have lost a comment, so the file was left as it is")
    return after


def _meaning(data: bytes, *, by_sku: bool) -> Any:
    """What our own reader makes of a file. Sorting the products is no change."""
    problems: list[str] = []
    tree = read_yaml(data, lambda rule, _, message, __: problems.append(f"{rule} {message}"))
    if tree is None or problems:
        return problems
    plain = _plain(document_shape().apply(tree, 0))
    if by_sku and isinstance(plain.get("products"), list):
        plain["products"].sort(key=lambda product: json.dumps(product, sort_keys=True))
    return plain


def _plain(value: Any) -> Any:
    """Mappings without the order of their keys; numbers are kept apart from booleans, which Python takes for equal."""
    if isinstance(value, Block):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, Items):
        return [_plain(one) for one in value]
    return f"{type(value).__name__} {value}"


def key_orders() -> dict[str, tuple[str, ...]]:
    """The schema's order of keys by where a mapping stands: `products[]`, `settings.guards`, "" for the file."""
    schema = json.loads(schema_text())
    orders: dict[str, tuple[str, ...]] = {}
    _collect(schema, "", schema["$defs"], orders)
    return orders


def _collect(
    schema: dict[str, Any], where: str, definitions: dict[str, Any], orders: dict[str, tuple[str, ...]]
) -> None:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if "properties" in schema:
        orders[where] = tuple(schema["properties"])
        for key, inner in schema["properties"].items():
            _collect(inner, f"{where}.{key}".lstrip("."), definitions, orders)
    if "items" in schema:
        _collect(schema["items"], f"{where}[]", definitions, orders)
    for branch in schema.get("anyOf", ()):
        _collect(branch, where, definitions, orders)
