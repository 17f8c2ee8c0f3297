"""Progress in Terraform's words: a line for each event, and live bars only where a person looks."""

from __future__ import annotations

import io
import sys
from typing import get_args

import click
import pytest

from catalogsync.cli.progress import elapsed_text, is_live, line_of, reporting
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

LINES: list[tuple[RunEvent, str | None]] = [
    (ChangeStarted("product.A", "create"), "product.A: Creating..."),
    (ChangeStarted("product.A", "replace"), "product.A: Replacing..."),
    (ChangeStarted("product.A", "update"), "product.A: Modifying..."),
    (ChangeStarted("product.A", "delete"), "product.A: Destroying..."),
    (ChangeStarted("product.A", "adopt"), "product.A: Importing..."),
    (ChangeStarted("content.A", "await"), "content.A: Waiting..."),
    (StillRunning("content.A", "generate", 10.0), "content.A: Still creating... [10s elapsed]"),
    (StillRunning("content.A", "generate", 130.9), "content.A: Still creating... [2m10s elapsed]"),
    (ChangeCompleted("product.A", "create", 12.3, "u-1"), "product.A: Creation complete after 12s [id=u-1]"),
    (ChangeCompleted("product.A", "update", 0.9, ""), "product.A: Modifications complete after 0s"),
    (ChangeCompleted("product.A", "delete", 1.0, ""), "product.A: Destruction complete after 1s"),
    (ChangeFailed("product.A", "create", 1.0, "It broke.", "Mend it."), "Error: product.A: It broke.\n  Mend it."),
    (ChangeFailed("product.A", "create", 1.0, "It broke.", ""), "Error: product.A: It broke."),
    (ChangeSkipped("content.A", "generate", "product.A failed"), "content.A: Skipped (product.A failed)"),
    (
        ChangeLeft("content.A", "generate"),
        "content.A: Still processing at the remote; a later apply or wait picks it up",
    ),
    (ChangeRecovered("product.A", "it was found"), "Note: product.A: it was found"),
    (
        RunStopping("SIGINT received."),
        "Stopping: SIGINT received. What runs is finished and saved; nothing new is started.",
    ),
    (UploadProgress("product.A", "lamp.glb", 5, 10), None),
    (CallMade("read", "GET", "api.example", "/v1/", 200, 0.1, 1, 9, ""), None),
    (CallPaused("read the list of products", 1.0, "It broke."), None),
]


@pytest.mark.parametrize(("event", "line"), LINES, ids=str)
def test_an_event_reads_as_agreed(event: RunEvent, line: str | None) -> None:
    said = line_of(event)
    assert (said if said is None else click.unstyle(said)) == line


def test_every_event_has_a_line_or_none() -> None:
    assert {type(event) for event, _ in LINES} == set(get_args(RunEvent))


def test_every_action_has_words() -> None:
    """A conflict is never applied, so nothing is told of it."""
    actions = {kind.__name__.lower() for kind in get_args(changes.Change)} - {"conflict"}
    for action in actions:
        assert line_of(ChangeStarted("x", action))
        assert line_of(ChangeCompleted("x", action, 1.0, ""))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0s"),
        (59.9, "59s"),
        (60.0, "1m0s"),
        (185.0, "3m5s"),
        (3599.0, "59m59s"),
        (3600.0, "1h0m"),
        (7325.0, "2h2m"),
    ],
)
def test_elapsed_time_is_short(seconds: float, text: str) -> None:
    assert elapsed_text(seconds) == text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "live"),
    [
        (Terminal(), {"TERM": "xterm"}, True),
        (Terminal(), {"TERM": "xterm", "CI": "true"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {"TERM": "xterm"}, False),
    ],
    ids=["a terminal", "CI", "a dumb terminal", "a pipe"],
)
def test_bars_are_live_only_where_a_person_looks(
    stream: io.StringIO, environment: dict[str, str], live: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(sys, "stderr", stream)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert is_live() is live


STORY: list[RunEvent] = [
    ChangeStarted("product.A", "create"),
    UploadProgress("product.A", "lamp.glb", 5, 10),
    UploadProgress("product.A", "lamp.glb", 10, 10),
    ChangeCompleted("product.A", "create", 1.0, "u-1"),
    ChangeFailed("product.B", "create", 1.0, "It broke [here].", "Mend it."),
]


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()], ids=["live", "lines"])
def test_lines_are_whole_whether_bars_are_live_or_not(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stream)
    with reporting(color=False, total=2) as report:
        for event in STORY:
            report(event)
    said = click.unstyle(stream.getvalue()).replace("\r", "")
    for event in STORY:
        for line in click.unstyle(line_of(event) or "").splitlines():
            assert line in said
