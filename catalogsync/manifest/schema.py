"""The schema as a gate: jsonschema-rs says which item is wrong, jsonschema and `words` say what is wrong with it.

The only module that knows the two validators. jsonschema-rs is a hundred times faster and refuses a little more than
jsonschema in Python does ($ before a final newline); what only it refuses is reported in its own words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from catalogsync.manifest.report import Report
from catalogsync.manifest.scalars import Shape, shape_of
from catalogsync.manifest.tree import Block, Items, mark_at, place_of
from catalogsync.manifest.words import Finding, findings_of

_LONGEST = 160  # letters of a message of jsonschema's, which quotes the whole value
_ITEM_LISTS = {"products": "product", "renders": "render"}
SCHEMAS = (
    "catalog",
    "plan",
    "state",
    "events",
    "drift",
    "sweep",
)  # the published ones; the first is the manifest's


def schema_text(name: str = SCHEMAS[0]) -> str:
    """A published JSON schema (2020-12): from the installed package, or from the checkout it was installed from."""
    package = Path(__file__).parent.parent
    file = f"{name}.schema.json"
    installed = package / "schemas" / file
    found = installed if installed.exists() else package.parent / "schemas" / file
    return found.read_text(encoding="utf-8")


def breaches(name: str, value: Any) -> list[str]:
    """What in a JSON value breaks a published schema, each with its JSON path, in the order of the paths."""
    from jsonschema import Draft202012Validator

    errors = Draft202012Validator(json.loads(schema_text(name))).iter_errors(value)
    return sorted(f"{error.json_path}: {_shortened(error.message)}" for error in errors)


def _shortened(message: str) -> str:
    return message if len(message) <= _LONGEST else f"{message[:_LONGEST]}..."


@lru_cache(maxsize=1)
def _schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(schema_text())
    return loaded


@lru_cache(maxsize=1)
def document_shape() -> Shape:
    """Where a manifest has numbers and booleans."""
    schema = _schema()
    return shape_of(schema, schema["$defs"])


def schema_for(part: str) -> dict[str, Any]:
    """The schema of one part: `document`, or the name of a definition such as `product`."""
    schema = _schema()
    return schema if part == "document" else {"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]}


@lru_cache(maxsize=8)
def gate(part: str) -> Callable[[Any], bool]:
    """The fast check of one part."""
    import jsonschema_rs

    is_valid: Callable[[Any], bool] = jsonschema_rs.Draft202012Validator(schema_for(part)).is_valid
    return is_valid


def _refusal(part: str, value: Any) -> str:
    """Why the gate refused, in its own words."""
    import jsonschema_rs

    errors = jsonschema_rs.Draft202012Validator(schema_for(part)).iter_errors(value)
    return "; ".join(error.message for error in errors)


@lru_cache(maxsize=8)
def _explainer(part: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema_for(part))


def explain(part: str, value: Any) -> Iterator[Finding]:
    """What is wrong with a value that the gate refused: at least one finding."""
    findings = [finding for error in _explainer(part).iter_errors(value) for finding in findings_of(error)]
    if not findings:
        findings = [Finding("schema", (), _refusal(part, value), "compare it with the format in docs/manifest.md")]
    yield from findings


def check(tree: Block, file: str, report: Report) -> tuple[bool, dict[str, set[int]]]:
    """Report what in a document breaks the schema.

    Returns whether all around the items is right, and the indexes of the wrong items of each item list.
    """
    lists = {name: tree[name] for name in _ITEM_LISTS if isinstance(tree.get(name), Items)}
    frame = tree.with_values({name: [] for name in lists})
    sound = gate("document")(frame)
    if not sound:
        _explain_into(report, file, "document", frame)
    wrong: dict[str, set[int]] = {}
    for name, items in lists.items():
        part = _ITEM_LISTS[name]
        passes = gate(part)
        wrong[name] = {index for index, item in enumerate(items) if not passes(item)}
        for index in wrong[name]:
            _explain_into(report, file, part, items[index], items.marks[index])
    return sound, wrong


def _explain_into(report: Report, file: str, part: str, value: Any, packed: int = 0) -> None:
    for finding in explain(part, value):
        at = mark_at(value, finding.path, of_key=finding.at_key) if isinstance(value, Block) else packed
        report.add(finding.rule, place_of(file, at), finding.message, finding.fix)
