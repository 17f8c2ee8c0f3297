"""Event lines: each is what the published schema says, and every event has its lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest
from event_lines import SCHEMA, TYPES, check_lines

from catalogsync.cli import ndjson
from catalogsync.cli.audience import Audience
from catalogsync.cli.ndjson import ACTIONS, EventLines, ended_line, error_lines, problem_lines, result_lines
from catalogsync.errors import CatalogSyncError, ExitCode, ManifestError, Place, Problem, Severity
from catalogsync.model.calls import CallMade, CallPaused
from catalogsync.model.events import (
    ChangeCompleted,
    ChangeFailed,
    ChangeLeft,
    ChangeRecovered,
    ChangeSkipped,
    ChangeStarted,
    RunEvent,
    RunStopping,
    StillRunning,
    UploadProgress,
)
from catalogsync.plan import changes
from catalogsync.plan.counts import Counts
from catalogsync.workflow.running import RunResult

CALL = CallMade("read the list", "GET", "api.example", "/v1/x/", 429, 0.25, 2, 9, "Slow down.", "product.A", "create")
LINES: list[tuple[RunEvent, list[str]]] = [
    (ChangeStarted("product.A", "create"), ["apply_start"]),
    (StillRunning("product.A", "create", 10.0), ["apply_progress"]),
    (ChangeCompleted("product.A", "create", 1.23456, "u-1"), ["apply_complete"]),
    (ChangeFailed("product.A", "create", 1.0, "It broke.", "Mend it."), ["apply_errored", "diagnostic"]),
    (ChangeSkipped("content.A", "generate", "product.A failed"), ["change_skipped"]),
    (ChangeLeft("content.A", "generate"), ["change_left"]),
    (ChangeRecovered("product.A", "it was found"), ["change_recovered"]),
    (UploadProgress("product.A", "lamp.glb", 5, 10), ["upload_progress"]),
    (RunStopping("SIGINT received."), ["run_stopping"]),
    (CallPaused("read the list", 2.5, "Slow down."), ["call_paused"]),
    (CALL, ["call_made"]),
]
OTHERS = {"version", "log", "planned_change", "change_summary", "run_ended"}


@pytest.mark.parametrize(("event", "kinds"), LINES, ids=lambda value: type(value).__name__)
def test_an_event_has_its_lines(event: RunEvent, kinds: list[str]) -> None:
    lines = list(EventLines().of(event))
    assert [line["type"] for line in lines] == kinds
    check_lines(lines)


def test_events_and_the_schema_have_the_same_types() -> None:
    assert {type(event) for event, _ in LINES} == set(get_args(RunEvent))
    assert {kind for _, kinds in LINES for kind in kinds} | OTHERS == set(TYPES)
    assert [ref["$ref"].removeprefix("#/$defs/line_") for ref in SCHEMA["oneOf"]] == TYPES


def test_every_action_has_a_word_of_terraform() -> None:
    assert set(ACTIONS) == {kind.__name__.lower() for kind in get_args(changes.Change)}
    change = SCHEMA["$defs"]["change"]["properties"]
    assert set(ACTIONS) == set(change["catalogsync_action"]["enum"])
    assert set(ACTIONS.values()) == set(change["action"]["enum"])


def test_every_exit_code_is_an_outcome() -> None:
    lines = [ended_line("apply", code) for code in ExitCode]
    check_lines(lines)
    assert {line["outcome"] for line in lines} == set(
        SCHEMA["$defs"]["line_run_ended"]["properties"]["outcome"]["enum"]
    )


def test_a_failed_change_is_told_with_terraforms_keys() -> None:
    errored, diagnostic = EventLines().of(ChangeFailed("content.A", "generate", 1.0, "It broke.", "Mend it."))
    assert (errored["@level"], errored["@message"]) == ("error", "content.A: It broke.")
    assert errored["hook"] == {
        "resource": {"addr": "content.A", "resource_type": "content", "resource_name": "A"},
        "action": "create",
        "catalogsync_action": "generate",
        "elapsed_seconds": 1.0,
    }
    assert diagnostic["diagnostic"] == {
        "severity": "error",
        "summary": "It broke.",
        "detail": "Mend it.",
        "address": "content.A",
    }


def test_of_an_upload_each_tenth_is_told_once_and_the_end_always() -> None:
    lines = EventLines()
    told = [line["sent"] for sent in range(1, 1001) for line in lines.of(UploadProgress("product.A", "f", sent, 1000))]
    assert told == [1, *range(100, 1001, 100)]
    assert [line["sent"] for line in lines.of(UploadProgress("product.B", "empty", 0, 0))] == [0]


def test_the_problems_of_a_manifest_come_with_their_places() -> None:
    problem = Problem(Place("catalog.yaml", 3, 5), "unknown-key", "`nam` is no key", "write name")
    warning = Problem(Place("catalog.yaml"), "gtin-check", "odd", "look", Severity.WARNING)
    lines = list(error_lines(ManifestError([problem, warning])))
    check_lines([*lines, *problem_lines((warning,))])
    assert [line["@level"] for line in lines] == ["error", "warn", "error"]
    assert lines[0]["diagnostic"]["range"] == {"filename": "catalog.yaml", "start": {"line": 3, "column": 5}}
    assert lines[-1]["@message"] == "Error: The manifest has 1 error."


def test_the_summary_carries_the_credits() -> None:
    result = RunResult(Counts(added=2), (), (), ("content.A",), 9, None)
    (line,) = result_lines(result, "wait")
    check_lines([line])
    assert line["credits"] == {"spent": 9, "available": None}
    assert line["changes"]["operation"] == "wait"
    assert line["still_processing"] == 1
    assert (line["behind"], line["collected"]) == (0, 0)


class Pages:
    """A stream that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[dict[str, object]] = []

    def write(self, line: dict[str, object]) -> None:
        self.lines.append(line)

    def close(self) -> None:
        return None


def test_whoever_listens_hears_everything_and_the_end() -> None:
    pages, heard, ends = Pages(), [], []
    with Audience("apply") as audience:
        audience.tell(CALL)
        audience.open(pages)
        audience.listen(heard.append, ends.append)
        audience.tell(CALL)
        assert audience.end(7, CatalogSyncError("It broke.")) == ()
        audience.tell(CALL)
    assert [line["type"] for line in pages.lines] == ["version", "call_made", "diagnostic", "run_ended"]
    assert (heard, ends) == ([CALL], [7])
    check_lines(pages.lines)


def test_a_mistake_of_ours_ends_the_lines_too() -> None:
    pages = Pages()
    audience = Audience("apply")
    audience.open(pages)
    with pytest.raises(ZeroDivisionError), audience:
        raise ZeroDivisionError
    assert pages.lines[-1]["exit_code"] == 1


def test_lines_are_not_made_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def lines():
        raise AssertionError
        yield

    Audience().say(lines())


def test_a_stdout_without_room_is_told_at_the_end_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def full(text: str) -> None:
        said.append(text)
        raise CatalogSyncError("The output could not be written: No space left on device.")

    monkeypatch.setattr(ndjson.click, "echo", full)
    stream = ndjson.StdoutStream()
    for kind in ("log", "log"):
        stream.write({"type": kind})
    assert len(said) == 1
    assert "No space left" in str(stream.close())


def test_calls_are_not_told_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    stream = ndjson.StdoutStream()
    for line in EventLines().of(CALL):
        stream.write(line)
    stream.write(ndjson.note_line("Ä"))
    assert json.loads(capsys.readouterr().out)["@message"] == "Ä"


def test_the_page_about_events_names_every_type() -> None:
    page = (Path(__file__).parents[2] / "docs" / "observability.md").read_text(encoding="utf-8")
    assert [kind for kind in TYPES if f"`{kind}`" not in page] == []
