"""Long pauses are said aloud: a call that waits because the remote asks for it is no silence of ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from catalogsync.model.calls import CallPaused

if TYPE_CHECKING:
    from catalogsync.model.events import RunEvent

SAID_FROM = 5.0  # seconds: shorter pauses pass before a line about them is read
_STATUS = re.compile(r"\bHTTP (\d{3})\b")


def _now() -> datetime:
    return datetime.now().astimezone()


@dataclass(slots=True)
class PauseLines:
    """Listens to a command and says each long pause on stderr, once for all calls that pause together."""

    now: Callable[[], datetime] = _now
    _said_until: datetime | None = None

    def __call__(self, event: RunEvent) -> None:
        if isinstance(event, CallPaused) and (line := self.line_of(event)):
            click.echo(line, err=True)

    def line_of(self, event: CallPaused) -> str | None:
        """`The remote asks to wait 60 s (429); going on at 12:03:05.`; None for a pause that is said or short."""
        until = self.now() + timedelta(seconds=event.seconds)
        known = self._said_until
        if event.seconds < SAID_FROM or (known is not None and until <= known + timedelta(seconds=SAID_FROM)):
            return None
        self._said_until = until
        status = _STATUS.search(event.because)
        why = f" ({status[1]})" if status else ""
        return f"The remote asks to wait {event.seconds:.0f} s{why}; going on at {until:%H:%M:%S}."
