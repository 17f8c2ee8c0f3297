"""A saved plan comes back as it was; what is no such plan is refused in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from plan_shapes import create, generate, plan_of, replacement, update
from plan_strategies import found_objections, plans

from catalogsync.errors import SavedPlanError
from catalogsync.plan.changes import Create, Plan, Replace
from catalogsync.plan.codec import document_text, plan_document, plan_id_of, portable
from catalogsync.plan.guards import Objection
from catalogsync.plan.loader import load_plan

PLAN = plan_of([create("A", thumbnail=True), generate("A", "silo"), update("B", "name:x>y")])


def saved(plan: Plan, objections: tuple[Objection, ...] = ()) -> str:
    return document_text(plan_document(plan, objections))


@settings(max_examples=50)
@given(plans(max_changes=2), found_objections())
def test_what_was_saved_is_what_is_loaded(plan: Plan, objections: tuple[Objection, ...]) -> None:
    loaded = load_plan(saved(plan, objections))
    assert (loaded.plan, loaded.objections) == (plan, objections)
    assert json.dumps(plan_document(loaded.plan, loaded.objections)) == json.dumps(loaded.document)


@settings(max_examples=20)
@given(plans(max_changes=2))
def test_a_plan_has_the_same_id_however_its_document_is_laid_out(plan: Plan) -> None:
    document = plan_document(plan)
    turned = dict(reversed(document.items()))
    assert load_plan(json.dumps(turned)).plan_id == document["plan_id"]


def _set(*path: Any, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        spot: Any = document
        for step in path[:-1]:
            spot = spot[step]
        spot[path[-1]] = to

    return change


@pytest.mark.parametrize(
    "edit",
    [
        _set("changes", 0, "details", "fields", "sku_id", to="B"),
        _set("changes", 0, "address", to="product.C"),
        _set("objections", to=[{}]),
        _set("made_from", "serial", to=0),
        _set("new_key", to=1),
        _set("plan_id", to="0" * 64),
        _set("plan_id", to=None),
    ],
)
def test_an_edited_plan_is_refused(edit: Callable[[dict[str, Any]], None]) -> None:
    document = plan_document(PLAN)
    edit(document)
    with pytest.raises(SavedPlanError, match="was changed after it was made"):
        load_plan(json.dumps(document))


@pytest.mark.parametrize(
    "edit",
    [
        _set("changes", 0, "action", to="explode"),
        _set("changes", 0, "details", to=[]),
        _set("changes", 0, "details", "model", to=7),
        _set("changes", 0, "details", "start", to="somewhere"),
        _set("changes", 0, "details", "protect", to=1),
        _set("edges", to=[{"first": "0", "then": 1}]),
        _set("made_from", to=None),
        _set("notices", to={"address": "a"}),
        _set("changes", 1, "details", "outputs", to="silo"),
    ],
)
def test_a_broken_plan_is_refused_even_with_a_right_id(edit: Callable[[dict[str, Any]], None]) -> None:
    document = plan_document(PLAN)
    edit(document)
    document["plan_id"] = plan_id_of(document)
    with pytest.raises(SavedPlanError, match="cannot be understood"):
        load_plan(json.dumps(document))


@pytest.mark.parametrize("version", ["2.0", "10.1", "0.9"])
def test_another_major_format_is_refused_whatever_its_id(version: str) -> None:
    with pytest.raises(SavedPlanError, match="has format"):
        load_plan(json.dumps({"format_version": version, "other": 1}))


def test_keys_of_a_newer_minor_format_are_ignored() -> None:
    document = plan_document(PLAN)
    document["format_version"] = "1.99"
    document["changes"][0]["details"]["new_key"] = 1
    document["plan_id"] = plan_id_of(document)
    assert load_plan(json.dumps(document)).plan == PLAN


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "{}", '{"format_version": 1}', "[" * 100_000])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(SavedPlanError, match="is no saved plan"):
        load_plan(text)


def test_a_plan_from_before_plans_were_saved_is_refused() -> None:
    with pytest.raises(SavedPlanError, match="it has no plan_id"):
        load_plan(json.dumps({"format_version": "1.0"}))


def test_a_portable_plan_has_its_paths_from_the_root_and_nothing_else_changed() -> None:
    plan = plan_of([create("A", thumbnail=True), replacement("B"), update("C", "name:x>y")])
    moved = portable(plan, "/shop/deep")
    made, replaced, _ = moved.changes
    assert isinstance(made, Create)
    assert isinstance(replaced, Replace)
    assert made.thumbnail is not None
    assert replaced.create is not None
    paths = [made.model.path, made.thumbnail.path, replaced.create.model.path]
    assert paths == ["../lamp.glb", "../lamp.png", "../lamp.glb"]
