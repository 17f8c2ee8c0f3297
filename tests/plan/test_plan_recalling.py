"""Plans that trust the state: what they would have to read, what they leave out, and how old it is in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import diff_cases
import pytest
from plan_shapes import plan_of

from catalogsync.model.remote import RemoteProduct
from catalogsync.model.snapshot import recalled, snapshot_of, updated
from catalogsync.model.state import Intent, State
from catalogsync.plan.changes import Await, Forget, Plan
from catalogsync.plan.codec import plan_document
from catalogsync.plan.diff import DiffOptions, diff
from catalogsync.plan.planner import plan
from catalogsync.plan.recalling import (
    age_note,
    contradicted,
    keys_to_read,
    trust_notice,
    trust_words,
    trusted,
    without_unknown,
)
from catalogsync.plan.steps import Polls

NOW = "2026-11-24T08:00:00Z"
CASE: dict[str, Any] = {
    "wanted": {
        "products": [{"sku_id": "A", "name": "Lamp", "outputs": ["ar"]}, {"sku_id": "B"}, {"sku_id": "NEW"}],
        "renders": [{"name": "room", "of": ["A", "B"]}],
    },
    "remembered": {
        "products": {"A": {"unicode": "u1"}, "B": {"unicode": "u2"}},
        "contents": {"A": {"unicode": "u1", "outputs": {"ar": "running"}}},
    },
}


def by_the_state(case: dict[str, Any] = CASE, **more: Any) -> tuple[Plan, State]:
    catalog = diff_cases.catalog_of(case)
    state = replace(diff_cases.state_of(case, catalog), **more)
    files = diff_cases.files_of(case, catalog)
    made = plan(catalog, recalled(state), state, files, api_url="", polls=Polls(), options=DiffOptions())
    return replace(made, trusted=trusted(state, recalled(state))), state


def told(made: Plan) -> list[str]:
    return [diff_cases.told(change) for change in made.changes]


def test_the_state_stands_for_the_remote_and_running_jobs_stay_pending() -> None:
    made, _ = by_the_state()
    assert told(made) == [
        "update product.A u1 name=->Lamp: newly managed",
        "await content.A ar",
        "create product.NEW fresh: it is new",
        "render render.room: it is new",
    ]


def test_every_row_needs_a_reading_of_its_product_but_jobs_that_run_on_and_what_is_forgotten() -> None:
    made, _ = by_the_state()
    assert keys_to_read(made) == {"A", "B", "NEW"}, "a render needs its products to be there"
    assert keys_to_read(plan_of([Await("content.A", ("ar",)), Forget("product.B", "removed")])) == set()


def test_products_that_we_deleted_are_not_recalled() -> None:
    _, state = by_the_state()
    assert set(recalled(replace(state, buried=frozenset({"u1"}))).by_unicode) == {"u2"}


def test_a_reading_is_put_over_what_is_recalled() -> None:
    _, state = by_the_state()
    known = recalled(state)
    seen = replace(snapshot_of([replace(known.by_unicode["u2"], sku_id="A")], spent=3, available=5), read_at="then")
    now = updated(known, seen, frozenset({"u1", "u2"}))
    assert {unicode: one.sku_id for unicode, one in now.by_unicode.items()} == {"u2": "A"}, "u1 is gone"
    assert now.by_sku["A"].unicode == "u2"
    assert (now.spent, now.available, now.read_at, now.recalled) == (3, 5, "then", frozenset())
    later = updated(known, seen, frozenset())
    assert later.by_sku["A"].unicode == "u2", "what was read goes before what is remembered"
    assert later.recalled == {"u1"}


@pytest.mark.parametrize(
    ("address", "step", "left"),
    [
        ("product.NEW", "create", ["update product.A", "await content.A", "render render.room"]),
        ("content.A", "submit-job", ["create product.NEW", "render render.room"]),
        ("replacement.A", "create", ["create product.NEW", "render render.room"]),
        ("render.room", "create-images", ["update product.A", "await content.A", "create product.NEW"]),
        (
            "render.A",
            "create-images",
            [*("update product.A", "await content.A"), "create product.NEW", "render render.room"],
        ),
    ],
)
def test_a_call_of_unknown_outcome_leaves_its_resource_out_and_is_said(
    address: str, step: str, left: list[str]
) -> None:
    made, state = by_the_state(intents=(Intent("i", "r", address, step, {}, ""),))
    made = without_unknown(made, state)
    assert [" ".join(row.split()[:2]).rstrip(":") for row in told(made)] == left
    assert len(made.prices) == len(left)
    assert all(before < len(left) and after < len(left) for before, after in made.edges)
    assert made.notices[-1].address == address
    assert f"whether an earlier run's {step} was done is not known" in made.notices[-1].text


def test_who_is_trusted_to_hold_what_a_reading_shows_with_another_is_read_too() -> None:
    _, state = by_the_state()
    known = recalled(state)
    assert contradicted(known, state) == set()
    theirs = RemoteProduct("theirs", "A", "", "", "")
    assert contradicted(updated(known, snapshot_of([theirs]), frozenset()), state) == {"A"}
    assert contradicted(updated(known, snapshot_of([theirs]), frozenset({"u1"})), state) == set(), "it was read"


FACTS = {"product.A": "2026-11-21T07:59:00.5+00:00", "product.B": NOW, "content.A": ""}
WORDS: list[tuple[dict[str, str], bool, str]] = [
    ({}, False, "Trusting nothing from the state; nothing was read."),
    ({}, True, "Trusting nothing from the state; what is to be changed was read."),
    ({"product.A": ""}, False, "Trusting 1 fact from the state, of unknown age; nothing was read."),
    (
        FACTS,
        False,
        (
            "Trusting 3 facts from the state, the oldest 3 days old (product.A, read 2026-11-21T07:59:00Z), "
            "1 of unknown age; nothing was read."
        ),
    ),
    (
        {"product.B": "2026-11-24T06:59:59+00:00"},
        True,
        (
            "Trusting 1 fact from the state, the oldest 1 hour old (product.B, read 2026-11-24T06:59:59Z); "
            "what is to be changed was read."
        ),
    ),
    (
        {"product.B": "2026-11-24T07:59:30+00:00"},
        False,
        (
            "Trusting 1 fact from the state, the oldest less than a minute old (product.B, read 2026-11-24T07:59:30Z); "
            "nothing was read."
        ),
    ),
    (
        {"product.B": "yesterday"},
        False,
        "Trusting 1 fact from the state, the oldest of unknown age (product.B, read yesterday); nothing was read.",
    ),
]


@pytest.mark.parametrize(("facts", "read", "words"), WORDS)
def test_how_much_is_trusted_and_how_old_it_is_in_words(facts: dict[str, str], read: bool, words: str) -> None:
    assert trust_words(facts, NOW, read=read) == words


def test_the_notice_beside_a_plan_has_times_for_it_may_be_shown_later() -> None:
    assert trust_notice({}) == ()
    (notice,) = trust_notice(FACTS)
    assert str(notice.text) == (
        "it is trusted, not the remote, for 3 facts, the oldest read 2026-11-21T07:59:00Z (product.A), 1 of unknown age"
    )


def test_each_row_says_what_it_rests_on() -> None:
    made, _ = by_the_state()
    made = replace(made, trusted=FACTS)
    assert [age_note(made, change) for change in made.changes] == [
        "not read: trusted as of 2026-11-21T07:59:00Z",
        "not read: trusted, of unknown age",
        "not read: the state does not know it",
        "not read: the state does not know it",
    ]
    assert {age_note(replace(made, trusted=None), change) for change in made.changes} == {""}
    assert age_note(replace(made, spent=1), made.changes[2]) == "", "what is not in the state was read then"


def test_the_document_of_a_plan_has_the_time_of_each_fact_that_was_not_read() -> None:
    made, state = by_the_state()
    assert plan_document(made)["trusted"] == dict.fromkeys(["product.A", "product.B", "content.A"], "")
    read = replace(recalled(state), recalled=frozenset(), read_at=NOW)
    assert trusted(state, read) == {"content.A": ""}, "its status was not read"
    assert plan_document(plan_of([]))["trusted"] is None


def test_a_diff_of_what_is_recalled_teaches_nothing_where_nothing_changed() -> None:
    case = CASE | {"wanted": {"products": [{"sku_id": "A"}, {"sku_id": "B"}]}}
    catalog = diff_cases.catalog_of(case)
    state = diff_cases.state_of(case, catalog)
    found = diff(catalog, recalled(state), state, diff_cases.files_of(case, catalog))
    assert (found.changes, found.learned) == ((), ())
