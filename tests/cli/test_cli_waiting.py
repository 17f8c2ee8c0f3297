"""Long pauses are said once, short ones not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from catalogsync.cli.waiting import PauseLines
from catalogsync.model.calls import CallPaused
from catalogsync.model.events import RunStopping

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
LIMITED = "Could not read the list: too many requests. Slow down. (HTTP 429)"


@pytest.mark.parametrize(
    ("seconds", "because", "line"),
    [
        (60.0, LIMITED, "The remote asks to wait 60 s (429); going on at 12:01:00."),
        (5.0, "It failed. (HTTP 503)", "The remote asks to wait 5 s (503); going on at 12:00:05."),
        (90.4, "It failed.", "The remote asks to wait 90 s; going on at 12:01:30."),
        (4.9, LIMITED, None),
    ],
)
def test_a_long_pause_is_said_with_its_reason_and_its_end(seconds, because, line):
    assert PauseLines(lambda: NOON).line_of(CallPaused("read", seconds, because)) == line


def test_calls_that_pause_together_are_said_once_and_a_longer_pause_again():
    times = iter([NOON, NOON + timedelta(seconds=1), NOON + timedelta(seconds=2), NOON + timedelta(seconds=61)])
    pauses = PauseLines(lambda: next(times))
    said = [pauses.line_of(CallPaused("read", seconds, LIMITED)) for seconds in (60.0, 60.0, 120.0, 120.0)]
    assert [line is not None for line in said] == [True, False, True, True]


def test_it_goes_to_stderr_and_other_events_are_not_its_business(capsys):
    pauses = PauseLines(lambda: NOON)
    pauses(CallPaused("read", 60.0, LIMITED))
    pauses(RunStopping("SIGINT received."))
    assert capsys.readouterr() == ("", "The remote asks to wait 60 s (429); going on at 12:01:00.\n")
