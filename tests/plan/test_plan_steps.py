"""Which steps a change takes, in which order, and what it costs."""

from __future__ import annotations

import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_shapes import (
    HIDDEN,
    SHOWN,
    adopt,
    archive,
    await_content,
    await_render,
    conflict,
    create,
    delete,
    forget,
    generate,
    park,
    plan_of,
    render,
    replacement,
    update,
)
from plan_strategies import changes

from catalogsync.plan.changes import Change, Price, Start
from catalogsync.plan.steps import WAITS, Polls, Pool, StepKind, pool_of, price_of, price_of_step, program_of

# The change, its steps (`a b` one after the other, `a|b` side by side), and its credits at least, expected, at most.
TABLE: list[tuple[str, Change, str, tuple[int, int, int]]] = [
    ("create", create("A"), "create upload-model finalize", (2, 2, 2)),
    (
        "create with a thumbnail",
        create("A", thumbnail=True),
        "create upload-model|upload-thumbnail finalize",
        (2, 2, 2),
    ),
    (
        "create from its uploads on",
        create("A", thumbnail=True, start=Start.UPLOADS, unicode="u"),
        "upload-model|upload-thumbnail finalize",
        (1, 1, 1),
    ),
    (
        "create after clearing away an orphan",
        create("A", start=Start.ORPHAN, unicode="u"),
        "release delete-orphan create upload-model finalize",
        (4, 4, 4),
    ),
    ("adopt", adopt("A"), "bind", (0, 0, 0)),
    ("adopt with edits", adopt("A", "name:x>y", "gtin:1>2"), "bind patch", (1, 1, 1)),
    ("update", update("A", "name:x>y"), "patch", (1, 1, 1)),
    ("update of several fields", update("A", "name:x>y", "sku_id:B>A", "gtin:1>2"), "patch", (1, 1, 1)),
    ("park", park("A", "sku_id:A>A~1"), "park", (1, 1, 1)),
    (
        "replace",
        replacement("A"),
        "create upload-model finalize submit-job wait-content collect release-old take delete-old",
        (8, 10, 32),
    ),
    (
        "replace and hide",
        replacement("A", archive=("*Black*",)),
        "create upload-model finalize submit-job wait-content hide collect release-old take delete-old",
        (9, 11, 33),
    ),
    ("replace with a complete product", replacement("A", done=True), "release-old take delete-old", (3, 3, 3)),
    ("delete", delete("A"), "delete", (1, 1, 1)),
    ("delete that frees its identifiers", delete("A", release=True), "release delete", (2, 2, 2)),
    ("forget", forget("A"), "forget", (0, 0, 0)),
    ("generate", generate("A"), "submit-job wait-content collect", (3, 5, 27)),
    ("generate several outputs", generate("A", "ar", "silo"), "submit-job wait-content collect", (3, 5, 27)),
    (
        "generate and hide",
        generate("A", "silo", archive=("*Black*",)),
        "submit-job wait-content hide collect",
        (4, 6, 28),
    ),
    ("archive", archive("A"), "hide", (1, 1, 1)),
    ("archive the other way", archive("A", hide=(), show=(HIDDEN,)), "show", (1, 1, 1)),
    ("archive both ways", archive("A", hide=(SHOWN,), show=(HIDDEN,)), "hide show", (2, 2, 2)),
    ("render", render("room", "A"), "submit-render wait-render", (2, 4, 26)),
    ("await content", await_content("A", "ar"), "wait-content collect", (2, 4, 26)),
    ("await content and hide", await_content("A", "silo", archive=("*",)), "wait-content hide collect", (3, 5, 27)),
    ("await a render", await_render("room"), "wait-render", (1, 3, 25)),
    ("conflict", conflict("A"), "", (0, 0, 0)),
]
POLLS = Polls(1, 3, 25)
FREE = {StepKind.UPLOAD_MODEL, StepKind.UPLOAD_THUMBNAIL, StepKind.BIND, StepKind.FORGET}


def told(change: Change) -> str:
    return " ".join("|".join(stage) for stage in program_of(change))


@pytest.mark.parametrize(("change", "steps", "price"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_steps_and_price_of(change: Change, steps: str, price: tuple[int, int, int]) -> None:
    assert told(change) == steps
    assert price_of(change, POLLS) == Price(*price)


def test_every_type_of_change_is_in_the_table() -> None:
    assert {type(row[1]) for row in TABLE} == set(typing.get_args(Change))


def test_every_kind_of_step_is_taken_by_a_change() -> None:
    assert {kind for row in TABLE for stage in program_of(row[1]) for kind in stage} == set(StepKind)


@pytest.mark.parametrize("kind", list(StepKind))
def test_a_call_costs_one_a_wait_its_polls_and_all_else_nothing(kind: StepKind) -> None:
    expected = Price(1, 3, 25) if kind in WAITS else Price() if kind in FREE else Price(1, 1, 1)
    assert price_of_step(kind, POLLS) == expected
    assert (pool_of(kind) is Pool.API) == (kind not in FREE)


@given(st.lists(changes()))
def test_a_plan_costs_what_its_changes_cost(drawn: list[Change]) -> None:
    plan = plan_of(drawn, edges=())
    for name in ("minimum", "expected", "maximum"):
        assert getattr(plan.price, name) == sum(getattr(price_of(change, Polls()), name) for change in drawn)
    assert 0 <= plan.price.minimum <= plan.price.expected <= plan.price.maximum


@given(changes())
def test_stages_are_never_empty_and_a_wait_is_alone_in_its_stage(change: Change) -> None:
    for stage in program_of(change):
        assert stage
        assert len(stage) == 1 or not WAITS.intersection(stage)
