"""What `wait` takes of a plan: jobs that run already, also those behind a replacement."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plan_shapes import await_content, await_render, create, generate, plan_of, replacement, update

from catalogsync.model.state import Intent
from catalogsync.plan.changes import Await, Change, Replace
from catalogsync.plan.steps import Polls, price_of
from catalogsync.plan.waiting import only_waiting

POLLS = Polls(1, 2, 9)


def running(key: str, **more: object) -> Replace:
    """A replacement whose product is made and whose job runs."""
    return replace(replacement(key, **more), create=None, generate=None)


def test_running_jobs_are_taken_and_nothing_else():
    made = plan_of([create("A"), await_content("B"), generate("C"), await_render("hero"), update("D")])
    assert only_waiting(made).changes == (await_content("B"), await_render("hero"))


def test_the_job_behind_a_replacement_is_waited_for_at_its_own_price():
    change = running("A", archive=("*",))
    made = replace(plan_of([change]), prices=(price_of(change, POLLS),))
    awaited = Await("replacement-content.A", ("ar",), ("*",))
    waiting = only_waiting(made)
    assert waiting.changes == (awaited,)
    assert waiting.prices == (price_of(awaited, POLLS),)


def test_a_replacement_that_is_not_that_far_or_further_has_nothing_to_wait_for():
    assert only_waiting(plan_of([replacement("A"), replacement("B", done=True)])).changes == ()


def sent(address: str, outputs: str, step: str = "submit-job") -> Intent:
    return Intent("i", "run", address, step, {"unicode": "u", "outputs": outputs}, "")


@pytest.mark.parametrize(
    ("change", "intent", "awaited"),
    [
        (generate("A", "ar", "silo"), sent("content.A", "silo"), [Await("content.A", ("silo",))]),
        (generate("A", "ar"), sent("content.A", "silo"), []),
        (generate("A", "ar"), sent("content.B", "ar"), []),
        (generate("A", "ar"), sent("content.A", "ar", "create"), []),
        (
            replace(replacement("A"), create=None),
            sent("replacement-content.A", "ar"),
            [Await("replacement-content.A", ("ar",))],
        ),
        (replacement("A"), sent("replacement-content.A", "ar"), []),
    ],
    ids=["a part of it", "another output", "another product", "another call", "a replacement's", "that is made anew"],
)
def test_a_job_that_was_not_answered_may_run_and_is_waited_for(change: Change, intent: Intent, awaited: list[Await]):
    assert list(only_waiting(plan_of([change]), (intent,)).changes) == awaited
