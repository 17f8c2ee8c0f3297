"""Which step may start when: events in, steps out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from drive import TIMING, Drive, driven
from plan_shapes import (
    archive,
    await_content,
    await_render,
    conflict,
    create,
    delete,
    forget,
    generate,
    render,
    replacement,
    update,
)

from catalogsync.apply.breaker import FAILURES_IN_A_ROW
from catalogsync.apply.choices import WaitTiming
from catalogsync.apply.schedule import FATAL, MAX_RESTARTS
from catalogsync.errors import (
    CatalogSyncError,
    CredentialsError,
    CreditLimitError,
    CreditsExhaustedError,
    ForbiddenError,
    InvalidRequestError,
    PauseTooLongError,
    RateLimitedError,
    ServerFaultError,
    StateError,
    StorageFullError,
    UsageMistakeError,
)
from catalogsync.plan.changes import Change, Start

CREATED = ("create", "upload-model", "finalize")


def finished(drive: Drive, address: str, *kinds: str) -> list[str]:
    """Each step of a change done after the other; what the last one lets start."""
    return drive.done(*(f"{kind} {address}" for kind in kinds))


def test_all_that_waits_for_nothing_starts_at_once_in_the_order_of_the_plan() -> None:
    drive = driven([create("A"), update("B", "name:x>y"), delete("C"), forget("D")])
    assert drive.begin() == ["create product.A", "patch product.B", "delete product.C", "forget product.D"]


def test_there_are_no_levels_a_change_starts_as_soon_as_its_own_predecessors_are_done() -> None:
    drive = driven([create("A"), generate("A"), create("B"), generate("B")])
    assert drive.begin() == ["create product.A", "create product.B"]
    assert finished(drive, "product.A", *CREATED) == ["submit-job content.A"]
    assert finished(drive, "product.B", *CREATED) == ["submit-job content.B"]


def test_a_change_waits_for_the_last_of_its_predecessors() -> None:
    drive = driven([create("A"), create("B"), render("room", "A", "B")])
    drive.begin()
    assert finished(drive, "product.A", *CREATED) == []
    assert finished(drive, "product.B", *CREATED) == ["submit-render render.room"]


def test_stages_run_one_after_the_other_and_the_steps_of_one_side_by_side() -> None:
    drive = driven([create("A", thumbnail=True)])
    assert drive.begin() == ["create product.A"]
    assert drive.done("create product.A") == ["upload-model product.A", "upload-thumbnail product.A"]
    assert drive.done("upload-thumbnail product.A") == []
    assert drive.done("upload-model product.A") == ["finalize product.A"]
    assert drive.done("finalize product.A") == []
    assert drive.outcomes() == {"product.A": "done"}


def test_a_stage_ends_before_its_first_failure_is_told() -> None:
    drive = driven([create("A", thumbnail=True)])
    drive.begin()
    drive.done("create product.A")
    assert drive.fails("upload-model product.A", CatalogSyncError("first")) == []
    assert drive.outcomes() == {}
    assert drive.fails("upload-thumbnail product.A", CatalogSyncError("second")) == []
    assert drive.outcomes() == {"product.A": "failed"}
    assert str(drive.schedule.errors[0]) == "first"


def test_a_failure_skips_what_depends_on_it_however_far_and_nothing_else() -> None:
    drive = driven([create("A"), generate("A"), render("room", "A"), create("B"), generate("B")], edges=None)
    drive.begin()
    drive.fails("create product.A")
    assert drive.outcomes() == {"product.A": "failed", "content.A": "skipped", "render.room": "skipped"}
    assert set(drive.schedule.because.values()) == {"", "product.A failed"}
    assert finished(drive, "product.B", *CREATED) == ["submit-job content.B"]


def test_what_two_failures_have_in_common_is_skipped_once() -> None:
    chain = driven([forget("A"), forget("B"), forget("C"), forget("D")], edges=[(0, 2), (1, 2), (2, 3)])
    chain.begin()
    chain.fails("forget product.A")
    chain.fails("forget product.B")
    assert sorted(chain.schedule.news) == [0, 1, 2, 3]


def test_a_change_without_steps_is_done_and_lets_the_next_start_once() -> None:
    drive = driven([archive("A", hide=(), show=()), forget("B")], edges=[(0, 1)])
    assert drive.begin() == ["forget product.B"]
    assert drive.outcomes() == {"content.A": "done"}


def test_a_conflict_is_never_started_and_has_no_outcome() -> None:
    drive = driven([conflict("A"), forget("B")])
    assert drive.begin() == ["forget product.B"]
    drive.done("forget product.B")
    assert drive.end() == {"product.B": "done"}


def test_a_restarted_change_begins_anew_in_its_other_form() -> None:
    drive = driven([create("A"), generate("A")])
    drive.begin()
    again = create("A", start=Start.ORPHAN, unicode="u1")
    assert drive.restarts("create product.A", again) == ["release product.A"]
    assert drive.schedule.changes[0] is again
    assert finished(drive, "product.A", "release", "delete-orphan", *CREATED) == ["submit-job content.A"]


def test_a_change_is_restarted_so_often_and_then_fails() -> None:
    drive = driven([create("A"), generate("A")])
    drive.begin()
    for _ in range(MAX_RESTARTS):
        assert drive.restarts("create product.A", create("A")) == ["create product.A"]
    assert drive.restarts("create product.A", create("A")) == []
    assert drive.outcomes() == {"product.A": "failed", "content.A": "skipped"}
    assert str(drive.schedule.errors[0]) == "Gave up after 3 tries: it was not as planned."


def test_a_failure_beside_a_restart_is_a_failure() -> None:
    drive = driven([create("A", thumbnail=True)])
    drive.begin()
    drive.done("create product.A")
    drive.restarts("upload-model product.A", create("A"))
    drive.fails("upload-thumbnail product.A")
    assert drive.outcomes() == {"product.A": "failed"}


RESUMED = replace(replacement("A", done=True), awaiting=await_content("A"))
# What waits, the steps before its wait, and after how many seconds the first check is due.
FIRST_CHECKS: list[tuple[str, Change, tuple[str, ...], float]] = [
    ("a fresh job", generate("A"), ("submit-job content.A",), TIMING.initial),
    ("a fresh render", render("room"), ("submit-render render.room",), TIMING.initial),
    ("a job of an earlier run", await_content("A"), (), TIMING.interval),
    ("a render of an earlier run", await_render("room"), (), TIMING.interval),
    (
        "a replacement's fresh job",
        replacement("A"),
        ("create product.A", "upload-model product.A", "finalize product.A", "submit-job product.A"),
        TIMING.initial,
    ),
    ("a replacement's job of an earlier run", RESUMED, (), TIMING.interval),
]


@pytest.mark.parametrize(
    ("change", "before", "first"), [row[1:] for row in FIRST_CHECKS], ids=[r[0] for r in FIRST_CHECKS]
)
def test_the_first_check_of(change: Change, before: tuple[str, ...], first: float) -> None:
    drive = driven([change])
    drive.begin()
    assert drive.done(*before) == []
    assert drive.schedule.next_check == first
    assert drive.at(first - 1) == []
    assert len(drive.at(first)) == 1
    assert drive.schedule.next_check is None


def test_a_job_of_which_nothing_is_known_is_looked_at_ever_more_rarely_and_for_the_last_time_at_the_deadline() -> None:
    drive = driven([generate("A"), render("room", "A")], edges=[(0, 1)])
    drive.begin()
    drive.done("submit-job content.A")
    for due in (180.0, 330.0, 495.0, 742.5, 1000.0):
        assert drive.schedule.next_check == due
        assert drive.at(due) == ["wait-content content.A"]
        drive.not_ready("wait-content content.A")
    assert drive.schedule.next_check is None
    assert drive.outcomes() == {"content.A": "left", "render.room": "behind"}
    assert drive.schedule.because[1] == "content.A is still processing"


@pytest.mark.parametrize("change", [generate("A"), render("A")], ids=["content", "a render"])
def test_a_job_that_is_begun_anew_waits_as_a_fresh_one_does_and_is_given_up_after_three(change: Change) -> None:
    drive = driven([change])
    submit = drive.begin()
    for due in (180.0, 360.0, 540.0):
        drive.done(*submit)
        assert drive.schedule.next_check == due
        (look,) = drive.at(due)
        submit = drive.restarts(look, change)
    assert submit == []
    assert str(drive.schedule.errors[0]) == "Gave up after 3 tries: it was not as planned."


def test_a_job_that_is_ready_goes_on() -> None:
    drive = driven([generate("A", archive=("*",))])
    drive.begin()
    drive.done("submit-job content.A")
    drive.at(180.0)
    assert drive.done("wait-content content.A") == ["hide content.A"]
    assert drive.done("hide content.A") == ["collect content.A"]
    assert drive.not_ready("collect content.A") == []
    assert drive.at(330.0) == ["collect content.A"]
    assert drive.done("collect content.A") == []
    assert drive.outcomes() == {"content.A": "done"}


def test_checks_are_due_in_the_order_of_their_times() -> None:
    drive = driven([generate("A"), await_content("B")])
    drive.begin()
    drive.done("submit-job content.A")
    assert drive.at(500.0) == ["wait-content content.B", "wait-content content.A"]


@pytest.mark.parametrize("change", [generate("A"), await_content("A")], ids=["fresh", "of an earlier run"])
def test_who_does_not_wait_leaves_jobs_at_once(change: Change) -> None:
    drive = driven([change], timing=WaitTiming(wait=False))
    for name in drive.begin():
        assert drive.done(name) == []
    assert drive.schedule.next_check is None
    assert drive.outcomes() == {"content.A": "left"}


def test_stopping_starts_nothing_more_leaves_jobs_and_skips_the_rest() -> None:
    drive = driven([create("A"), generate("A"), generate("B"), update("C", "name:x>y"), generate("D")])
    drive.begin()
    drive.done("submit-job content.B")
    drive.schedule.stop("interrupted")
    assert drive.outcomes() == {"content.B": "left"}
    assert drive.schedule.next_check is None
    assert drive.done("create product.A") == []
    assert drive.done("patch product.C") == []
    assert drive.done("submit-job content.D") == []
    assert drive.end() == {
        "product.A": "skipped",
        "content.A": "skipped",
        "content.B": "left",
        "product.C": "done",
        "content.D": "left",
    }
    assert drive.schedule.because[0] == "interrupted"


def test_a_check_under_way_when_the_run_stops_leaves_its_job_or_completes_it() -> None:
    drive = driven([await_render("room"), await_render("hall"), await_render("yard")])
    drive.begin()
    drive.at(150.0)
    drive.schedule.stop("interrupted")
    drive.not_ready("wait-render render.room")
    drive.done("wait-render render.hall")
    assert drive.end() == {"render.room": "left", "render.hall": "done", "render.yard": "left"}


def test_a_failure_is_told_though_the_rest_of_its_stage_never_came_to_run() -> None:
    drive = driven([create("A", thumbnail=True), generate("A")], fail_fast=True)
    drive.begin()
    drive.done("create product.A")
    drive.fails("upload-model product.A")
    assert drive.end() == {"product.A": "failed", "content.A": "skipped"}
    assert str(drive.schedule.errors[0]) == "it broke"


def test_the_first_reason_to_stop_is_the_one_that_is_told() -> None:
    drive = driven([forget("A"), forget("B")], edges=[(0, 1)])
    drive.schedule.stop("first")
    drive.schedule.stop("second")
    assert drive.begin() == []
    assert drive.end() == {"product.A": "skipped", "product.B": "skipped"}
    assert set(drive.schedule.because.values()) == {"first"}


@pytest.mark.parametrize("fail_fast", [False, True])
def test_a_failure_stops_the_run_only_with_fail_fast(fail_fast: bool) -> None:
    drive = driven([forget("A"), forget("B"), forget("C")], edges=[(1, 2)], fail_fast=fail_fast)
    drive.begin()
    drive.fails("forget product.A")
    assert bool(drive.schedule.stopped) == fail_fast
    assert drive.done("forget product.B") == ([] if fail_fast else ["forget product.C"])


def _error(kind: type[CatalogSyncError]) -> CatalogSyncError:
    error = kind.__new__(kind)
    CatalogSyncError.__init__(error, f"a {kind.__name__}")
    return error


STOPPING = (*FATAL, StorageFullError)
HARMLESS = (CatalogSyncError, InvalidRequestError, RateLimitedError, ServerFaultError)


def test_fatal_are_the_errors_that_every_later_step_would_meet_too() -> None:
    assert set(FATAL) == {
        CredentialsError,
        CreditLimitError,
        CreditsExhaustedError,
        ForbiddenError,
        PauseTooLongError,
        StateError,
        UsageMistakeError,
    }


@pytest.mark.parametrize("kind", [*STOPPING, *HARMLESS], ids=lambda kind: kind.__name__)
def test_a_fatal_error_stops_the_run_and_says_so(kind: type[CatalogSyncError]) -> None:
    drive = driven([forget("A"), forget("B"), forget("C")], edges=[(1, 2)])
    drive.begin()
    drive.fails("forget product.A", _error(kind))
    assert drive.schedule.stopped == (f"a {kind.__name__}" if kind in STOPPING else "")
    assert drive.done("forget product.B") == ([] if kind in STOPPING else ["forget product.C"])


def test_when_the_remote_fails_change_after_change_nothing_more_is_started() -> None:
    drive = driven([update(f"P{number}", "name:x>y") for number in range(12)])
    drive.begin()
    for number in range(FAILURES_IN_A_ROW):
        assert not drive.schedule.stopped
        drive.fails(f"patch product.P{number}", ServerFaultError("500", status=500))
    assert drive.schedule.stopped.startswith("the remote seems to be down: 10 changes failed one after the other")


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(None, id="a success between them"),
        pytest.param(InvalidRequestError("taken", status=400), id="a refusal that is the change's own fault"),
    ],
)
def test_an_answer_between_the_failures_says_that_the_remote_is_there(between: CatalogSyncError | None) -> None:
    drive = driven([update(f"P{number}", "name:x>y") for number in range(24)])
    drive.begin()
    for number in range(24):
        step = f"patch product.P{number}"
        if number % 3 != 2:
            drive.fails(step, ServerFaultError("500", status=500))
        elif between is None:
            drive.done(step)
        else:
            drive.fails(step, between)
    assert not drive.schedule.stopped


@pytest.mark.parametrize(
    ("learned", "first"), [((400.0,) * 3, 400.0), ((10.0,) * 3, TIMING.initial), ((), TIMING.initial)]
)
def test_the_first_look_is_at_the_learned_time_and_never_before_the_configured_one(
    learned: tuple[float, ...], first: float
) -> None:
    drive = driven([generate("A", "ar")], durations={"ar": learned})
    drive.begin()
    drive.done("submit-job content.A")
    assert drive.schedule.next_check == first
