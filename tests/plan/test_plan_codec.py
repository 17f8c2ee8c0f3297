"""The plan as JSON, held to its published schema."""

from __future__ import annotations

import copy
import json
import typing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema_rs import Draft202012Validator, ValidationError, meta
from plan_shapes import adopt, conflict, create, delete, generate, plan_of, render, replacement, update
from plan_strategies import changes, found_objections, plans

from catalogsync.plan.changes import Change, Plan
from catalogsync.plan.codec import FORMAT_VERSION, document_text, plan_document
from catalogsync.plan.guards import Objection

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "plan.schema.json").read_text())


def closed(node: Any, *, outermost: bool = True) -> Any:
    """The schema with no room for keys it does not name: what we write, as opposed to what readers must accept."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    strict = {
        key: {name: closed(part, outermost=False) for name, part in value.items()}
        if key == "$defs"
        else value
        if key == "allOf" and "if" not in value[0]
        else closed(value)
        for key, value in node.items()
    }
    if "$ref" in node or ("properties" in node and "type" in node and outermost):
        strict["unevaluatedProperties"] = False
    return strict


PUBLISHED = Draft202012Validator(SCHEMA)
CLOSED = Draft202012Validator(closed(SCHEMA))


def actions() -> set[str]:
    return {kind.__name__.lower() for kind in typing.get_args(Change)}


def written(plan: Plan, objections: tuple[Objection, ...] = ()) -> Any:
    return json.loads(json.dumps(plan_document(plan, objections), allow_nan=False))


def test_the_schema_is_one() -> None:
    meta.validate(SCHEMA)


@given(plans(), found_objections())
def test_any_plan_is_a_document_of_the_schema_and_has_no_key_that_is_not_in_it(
    plan: Plan, objections: tuple[Objection, ...]
) -> None:
    document = written(plan, objections)
    PUBLISHED.validate(document)
    CLOSED.validate(document)


def _spots(document: Any) -> list[Any]:
    """Places where a later minor version may write more."""
    change = document["changes"][0]
    return [document, document["credits"], change, change["details"], change["details"]["model"]]


@pytest.mark.parametrize("spot", range(5))
def test_a_key_that_the_schema_does_not_know_is_accepted_by_readers_and_never_written(spot: int) -> None:
    document = written(plan_of([create("A")]))
    _spots(document)[spot]["new_key"] = 1
    PUBLISHED.validate(document)
    with pytest.raises(ValidationError):
        CLOSED.validate(document)


@given(changes())
def test_no_detail_may_be_missing(change: Change) -> None:
    document = written(plan_of([change], edges=()))
    details = document["changes"][0]["details"]
    for name in list(details):
        without = copy.deepcopy(document)
        del without["changes"][0]["details"][name]
        with pytest.raises(ValidationError):
            PUBLISHED.validate(without)


def test_every_type_of_change_is_an_action_with_details_in_the_schema() -> None:
    definitions = SCHEMA["$defs"]
    branches = definitions["change"]["allOf"]
    assert set(definitions["change"]["properties"]["action"]["enum"]) == actions()
    assert {branch["if"]["properties"]["action"]["const"] for branch in branches} == actions()
    for branch in branches:
        action = branch["if"]["properties"]["action"]["const"]
        assert branch["then"]["properties"]["details"] == {"$ref": f"#/$defs/{action}"}
        assert "description" in definitions[action]


def _properties(node: Any) -> list[tuple[str, Any]]:
    if isinstance(node, list):
        return [found for item in node for found in _properties(item)]
    if not isinstance(node, dict):
        return []
    own = list(node["properties"].items()) if "properties" in node and "type" in node else []
    return own + [found for item in node.values() for found in _properties(item)]


def test_every_property_of_the_schema_has_words() -> None:
    silent = {name for name, schema in _properties(SCHEMA) if not {"description", "$ref"}.intersection(schema)}
    assert silent == set()


def test_the_document_of_a_plan() -> None:
    changes = [create("NEW", gtin="1"), delete("OLD", gtin="1"), generate("NEW", "silo"), update("B", "name:x>y")]
    document = written(plan_of(changes))
    assert document["format_version"] == FORMAT_VERSION
    assert document["made_from"] == {
        "lineage": "lineage",
        "serial": 1,
        "api_url": "https://api.example",
        "catalog": "shop",
        "state_catalog": "",
        "state_api_url": "",
        "moved_by": "",
        "catalog_digest": "",
        "choices": {
            "refresh": "auto",
            "adopt": "trust",
            "retry_failed": False,
            "replace": [],
            "max_credits": None,
            "destroy": False,
            "target": [],
            "exclude": [],
            "among": None,
        },
    }
    assert [(change["address"], change["action"]) for change in document["changes"]] == [
        ("product.NEW", "create"),
        ("product.OLD", "delete"),
        ("content.NEW", "generate"),
        ("product.B", "update"),
    ]
    assert document["edges"] == [{"first": 0, "then": 2}, {"first": 1, "then": 0}]
    assert document["summary"] == {"adopted": 0, "added": 2, "changed": 1, "destroyed": 1, "forgotten": 0}
    total = [sum(change["credits"][name] for change in document["changes"]) for name in ("minimum", "maximum")]
    assert [document["credits"]["minimum"], document["credits"]["maximum"]] == total
    assert document["changes"][3] == {
        "address": "product.B",
        "action": "update",
        "reason": "edited",
        "credits": {"minimum": 1, "expected": 1, "maximum": 1},
        "details": {
            "unicode": "u-B",
            "edits": [{"name": "name", "before": "x", "after": "y"}],
            "moved_from": "",
        },
    }


def test_the_text_of_a_document_has_a_line_for_each_change_and_edge() -> None:
    document = plan_document(plan_of([create("NEW", gtin="1"), delete("OLD", gtin="1")]))
    text = document_text(document)
    lines = [line.strip().rstrip(",") for line in text.splitlines()]
    assert json.loads(text) == document
    assert all(lines.count(json.dumps(row)) == 1 for row in (*document["changes"], *document["edges"]))


def test_an_adoption_with_edits_counts_twice_and_a_replacement_too() -> None:
    summary = written(plan_of([adopt("A", "name:x>y"), adopt("B"), replacement("C"), render("room", "C")]))["summary"]
    assert summary == {"adopted": 2, "added": 2, "changed": 1, "destroyed": 1, "forgotten": 0}


def test_objections_make_a_plan_inapplicable() -> None:
    objection = Objection("conflict", "it cannot be", "change it")
    document = written(plan_of([conflict("A")]), (objection,))
    assert document["applicable"] is False
    assert document["objections"] == [{"guard": "conflict", "message": "it cannot be", "override": "change it"}]
    assert written(plan_of([]))["applicable"] is True
