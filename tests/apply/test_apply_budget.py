"""The run's credits: what may start, what is left alone, and what a call that was not sent leaves behind."""

from __future__ import annotations

import asyncio

import pytest
from drive import driven
from plan_shapes import adopt, create, generate, render, update
from step_world import BINDING, World

from catalogsync.apply.budget import Budget
from catalogsync.errors import CatalogSyncError, CreditLimitError, UnreachableError
from catalogsync.model.charges import charge, tallied
from catalogsync.model.state import Intent
from catalogsync.plan.changes import Change, Price
from catalogsync.plan.steps import StepKind

LIMIT = CreditLimitError("The limit is reached.")


@pytest.mark.parametrize(
    ("limit", "available", "started"),
    [
        (None, None, ["A", "B", "C"]),
        (3, None, ["A", "B", "C"]),
        (2, None, ["A", "B"]),
        (0, None, []),
        (None, 3, ["A", "B", "C"]),
        (None, 1, ["A"]),
        (None, 0, []),
        (2, 1, ["A"]),
    ],
)
def test_changes_start_as_long_as_the_run_and_the_account_have_credits_for_them(
    limit: int | None, available: int | None, started: list[str]
) -> None:
    drive = driven([update(key, "name:x>y") for key in "ABC"], budget=Budget(limit, available))
    assert drive.begin() == [f"patch product.{key}" for key in started]
    assert drive.schedule.limited is (len(started) < 3)
    assert [a for a, outcome in drive.outcomes().items() if outcome == "skipped"] == [
        f"product.{key}" for key in "ABC" if key not in started
    ]


def test_what_costs_nothing_starts_without_credits() -> None:
    drive = driven([adopt("A")], budget=Budget(0, 0))
    assert drive.begin() == ["bind product.A"]


def test_what_depends_on_a_change_that_is_too_dear_is_skipped_with_it() -> None:
    drive = driven([create("A"), render("room", "A")], budget=Budget(1))
    assert drive.begin() == []
    assert drive.outcomes() == {"product.A": "skipped", "render.room": "skipped"}
    assert drive.schedule.because[1] == (
        "product.A was not started: 2 credits are more than what is left of the run's 1"
    )


def test_a_cheaper_change_behind_a_dear_one_may_fit() -> None:
    drive = driven([create("A"), update("B", "name:x>y")], budget=Budget(1))
    assert drive.begin() == ["patch product.B"]


def test_a_plan_that_fits_exactly_is_applied_wholly_whatever_ends_first() -> None:
    changes: list[Change] = [create("A"), create("B"), update("C", "name:x>y"), update("D", "name:x>y")]
    drive = driven([*changes, update("E", "name:x>y")], edges=[(0, 4)], budget=Budget(7, 7))
    assert len(drive.begin()) == 4
    assert drive.done("create product.B", spent=1) == ["upload-model product.B"]
    assert drive.done("create product.A", spent=1) == ["upload-model product.A"]
    drive.done("upload-model product.A", spent=0)
    assert drive.done("finalize product.A", spent=1) == ["patch product.E"]
    assert not drive.schedule.limited


def test_retries_are_paid_from_what_is_left_for_others() -> None:
    drive = driven([update("A", "name:x>y"), update("B", "name:x>y")], edges=[(0, 1)], budget=Budget(3))
    drive.begin()
    assert drive.done("patch product.A", spent=3) == []
    assert drive.schedule.limited


def test_at_the_hard_limit_nothing_more_starts() -> None:
    drive = driven([update("A", "name:x>y"), create("B"), generate("B")], budget=Budget(100))
    drive.begin()
    drive.fails("patch product.A", LIMIT)
    assert drive.schedule.stopped == "The limit is reached."
    assert drive.schedule.limited


@pytest.mark.parametrize("not_sent", [LIMIT, UnreachableError("no route")], ids=["the limit", "no connection"])
@pytest.mark.parametrize(
    ("operation", "kind", "change", "bound"),
    [
        ("create_product", StepKind.CREATE, create("NEW"), False),
        ("create_images", StepKind.SUBMIT_RENDER, render("room", "A"), True),
    ],
)
def test_a_repeat_that_was_not_sent_leaves_the_first_call_in_doubt(
    operation: str, kind: StepKind, change: Change, bound: bool, not_sent: CatalogSyncError
) -> None:
    world = World(*([BINDING] if bound else []), faults={operation: ["refuse", not_sent]})
    assert world.refuses(kind, change) is not_sent
    (intent,) = world.store.load().intents
    assert isinstance(intent, Intent)
    assert intent.address == change.address


def test_a_first_call_that_was_not_sent_is_settled() -> None:
    world = World(faults={"create_product": [LIMIT]})
    assert world.refuses(StepKind.CREATE, create("NEW")) is LIMIT
    assert world.store.load().intents == ()


def test_steps_that_run_side_by_side_pay_for_themselves_alone() -> None:
    async def step(calls: int) -> int:
        tally = tallied()
        for _ in range(calls):
            charge(1, "read")
            await asyncio.sleep(0)
        return tally.credits

    async def together() -> list[int]:
        return await asyncio.gather(step(3), step(1), step(0))

    assert asyncio.run(together()) == [3, 1, 0]


def test_what_nobody_tallies_is_not_charged_to_anybody() -> None:
    charge(1, "read")


def test_a_budget_gives_back_what_a_change_did_not_need() -> None:
    budget = Budget(10)
    assert budget.admit(0, Price(2, 10, 20)) == ""
    assert budget.admit(1, Price(1, 1, 1)) == "1 credit is more than what is left of the run's 10"
    budget.charge(0, 4)
    budget.release(0)
    assert budget.admit(1, Price(6, 6, 6)) == ""
    assert budget.admit(2, Price(1, 1, 1)) != ""
