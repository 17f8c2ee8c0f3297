"""How a run ended: in words, for machines, and as an exit code."""

from __future__ import annotations

import click
import pytest

from catalogsync.cli.render.closing import LISTED
from catalogsync.cli.render.summary import SHARED, result_document, result_text
from catalogsync.errors import CatalogSyncError, ExitCode, StorageFullError
from catalogsync.plan.counts import Counts
from catalogsync.workflow.running import RunResult

BROKEN = ("product.A", CatalogSyncError("It broke.", hint="Mend it."))
NO_ROOM = ("product.C", StorageFullError("There is no room left."))
SKIPPED = ("content.A", "product.A failed")


def result(**more: object) -> RunResult:
    values = {"counts": Counts(added=2), "failed": (), "skipped": (), "left": (), "spent": 9, "available": 1234}
    return RunResult(**(values | more))


def text(found: RunResult) -> str:
    return click.unstyle(result_text(found))


def test_a_complete_run_is_told_as_terraform_does() -> None:
    counts = Counts(adopted=1, added=2, changed=3, destroyed=4, forgotten=5)
    assert text(result(counts=counts)) == (
        "Apply complete! Resources: 1 imported, 2 added, 3 changed, 4 destroyed, 5 forgotten.\n"
        "Credits: 9 spent applying, 1,234 available."
    )
    assert text(result(available=None)) == (
        "Apply complete! Resources: 2 added, 0 changed, 0 destroyed.\nCredits: 9 spent applying."
    )


def test_an_incomplete_run_tells_what_failed_and_what_was_not_started() -> None:
    assert text(result(failed=(BROKEN,), skipped=(SKIPPED,))) == (
        "Apply incomplete. Resources: 2 added, 0 changed, 0 destroyed.\n"
        "Credits: 9 spent applying, 1,234 available.\n"
        "1 failed:\n"
        "  product.A: It broke.\n"
        "1 not started:\n"
        "  content.A (product.A failed)\n"
        "Run apply again: it goes on from here."
    )


def test_a_reason_that_many_share_is_said_once() -> None:
    stopped = tuple((f"product.{number}", "SIGINT received.") for number in range(SHARED))
    lines = text(result(skipped=(*stopped, SKIPPED), interrupted=True)).splitlines()
    assert lines[2:5] == ["5 not started (SIGINT received):", "  product.0", "  product.1"]
    assert lines[8:10] == ["1 not started:", "  content.A (product.A failed)"]
    few = text(result(skipped=stopped[1:], interrupted=True))
    assert "4 not started:\n  product.1 (SIGINT received.)\n" in few


def test_jobs_that_run_on_do_not_make_a_run_incomplete() -> None:
    assert text(result(left=("content.A",))) == (
        "Apply complete! Resources: 2 added, 0 changed, 0 destroyed.\n"
        "Credits: 9 spent applying, 1,234 available.\n"
        "1 still processing at the remote:\n"
        "  content.A\n"
        "Run `catalogsync wait`, or the next apply, to pick them up; nothing is submitted twice."
    )


def test_what_waits_behind_a_job_that_runs_on_has_not_failed() -> None:
    assert text(result(left=("product.A",), behind=(("render.room", "product.A is still processing"),))) == (
        "Apply incomplete. Resources: 2 added, 0 changed, 0 destroyed.\n"
        "Credits: 9 spent applying, 1,234 available.\n"
        "1 still processing at the remote:\n"
        "  product.A\n"
        "1 not started yet:\n"
        "  render.room (product.A is still processing)\n"
        "Run `catalogsync wait`, or the next apply, to pick them up; nothing is submitted twice.\n"
        "Run apply again: it goes on from here."
    )


def test_what_was_collected_is_told_and_a_replacement_wants_another_apply() -> None:
    none = Counts()
    assert text(result(counts=none, collected=("content.A",))) == (
        "Apply complete! Resources: 0 added, 0 changed, 0 destroyed.\n"
        "Credits: 9 spent applying, 1,234 available.\n"
        "1 collected, left running by an earlier run:\n"
        "  content.A"
    )
    assert text(result(counts=none, collected=("replacement-content.A",))).endswith(
        "  replacement-content.A\nRun apply again: it goes on from here."
    )


def test_an_interrupted_run_says_so() -> None:
    assert text(result(interrupted=True)).startswith("Apply interrupted. Resources: 2 added")


def test_long_lists_are_cut() -> None:
    said = text(result(left=tuple(f"content.{number}" for number in range(LISTED + 5))))
    assert f"{LISTED + 5} still processing" in said
    assert "  ... and 5 more\n" in said
    assert said.count("  content.") == LISTED


CODES: list[tuple[dict[str, object], ExitCode]] = [
    ({}, ExitCode.OK),
    ({"left": ("content.A",)}, ExitCode.STILL_PROCESSING),
    ({"skipped": (SKIPPED,)}, ExitCode.SOME_CHANGES_FAILED),
    ({"behind": (SKIPPED,), "left": ("product.A",)}, ExitCode.STILL_PROCESSING),
    ({"behind": (SKIPPED,), "skipped": (SKIPPED,)}, ExitCode.SOME_CHANGES_FAILED),
    ({"failed": (BROKEN,), "left": ("content.A",)}, ExitCode.SOME_CHANGES_FAILED),
    ({"failed": (BROKEN, NO_ROOM)}, ExitCode.ERROR),
    ({"failed": (BROKEN, NO_ROOM), "limited": True}, ExitCode.CREDIT_LIMIT),
    ({"skipped": (SKIPPED,), "limited": True, "interrupted": True}, ExitCode.INTERRUPTED),
]


@pytest.mark.parametrize(("how", "code"), CODES)
def test_the_exit_code_is_the_worst_that_happened(how: dict[str, object], code: ExitCode) -> None:
    assert result(**how).exit_code is code


def test_machines_are_told_the_same() -> None:
    document = result_document(result(failed=(BROKEN,), skipped=(SKIPPED,), left=("content.B",)))
    assert document == {
        "outcome": "some_changes_failed",
        "exit_code": 3,
        "summary": {"imported": 0, "added": 2, "changed": 0, "destroyed": 0, "forgotten": 0},
        "failed": [{"address": "product.A", "message": "It broke.", "hint": "Mend it."}],
        "skipped": [{"address": "content.A", "because": "product.A failed"}],
        "still_processing": ["content.B"],
        "behind": [],
        "collected": [],
        "credits": {"spent": 9, "available": 1234},
    }
