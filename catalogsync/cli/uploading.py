"""How an upload is told: how much, how fast, how long still. For lines and for live bars."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from catalogsync.cli.render.printable import printable
from catalogsync.cli.render.rows import size_text
from catalogsync.model.events import UploadProgress

RHYTHM = 10.0  # seconds between two lines about one file, as between two "Still creating..."
WINDOW = 15.0  # seconds that a rate is taken over: long enough to be calm, short enough to follow the network


@dataclass(slots=True)
class Pace:
    """One pass of one file: what was sent when, for its rate."""

    size: int
    began: float
    seen: list[tuple[float, int]] = field(default_factory=list)  # time and bytes, within the window, oldest first

    def sent(self, now: float, amount: int) -> None:
        self.seen.append((now, amount))
        while len(self.seen) > 2 and now - self.seen[0][0] > WINDOW:  # noqa: PLR2004 - a rate needs two points
            self.seen.pop(0)

    @property
    def amount(self) -> int:
        return self.seen[-1][1] if self.seen else 0

    @property
    def rate(self) -> float | None:
        """Bytes a second, None while too little was seen to say."""
        since, before = self.seen[0] if len(self.seen) > 1 else (self.began, 0)
        until, amount = self.seen[-1] if self.seen else (self.began, 0)
        return (amount - before) / (until - since) if until - since > 0 and amount > before else None

    @property
    def text(self) -> str:
        """`3.0 MiB of 12.0 MiB, 1.0 MiB/s, 9s left`."""
        parts = [f"{size_text(self.amount)} of {size_text(self.size)}"]
        if self.rate is not None:
            left = (self.size - self.amount) / self.rate
            parts += [f"{size_text(int(self.rate))}/s", f"{elapsed_text(left)} left"]
        return ", ".join(parts)


@dataclass(slots=True)
class Uploads:
    """The uploads of a run, by address and file: also those that ended, since they may start over."""

    clock: Callable[[], float] = time.monotonic
    _paces: dict[tuple[str, str], Pace] = field(default_factory=dict)
    _told: dict[tuple[str, str], float] = field(default_factory=dict)

    def pace_of(self, event: UploadProgress) -> Pace:
        """Where the file stands. One that starts over begins a new pass."""
        key, now = (event.address, event.file), self.clock()
        pace = self._paces.get(key)
        if pace is None or event.sent < pace.amount:
            pace = self._paces[key] = Pace(event.size, now)
            self._told[key] = now
        pace.sent(now, event.sent)
        return pace

    def line_of(self, event: UploadProgress) -> str | None:
        """A line every so often for a file that takes long, and one at its end if there was any before."""
        key = (event.address, event.file)
        again = key in self._paces and event.sent < self._paces[key].amount
        pace, now = self.pace_of(event), self.clock()
        address, file = printable(event.address), printable(event.file)
        if again:
            return f"{address}: Uploading {file} starts over"
        if event.sent == event.size and self._told[key] > pace.began:
            took = now - pace.began
            rate = f", {size_text(int(event.size / took))}/s" if took > 0 else ""
            return f"{address}: Uploaded {file} after {elapsed_text(took)} ({size_text(event.size)}{rate})"
        if event.sent < event.size and now - self._told[key] >= RHYTHM:
            self._told[key] = now
            return f"{address}: Uploading {file}... [{pace.text}]"
        return None


def elapsed_text(seconds: float) -> str:
    """`12s`, `3m5s`, `1h2m`."""
    whole = int(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
