"""Ends a process that takes too long, or that has hung: it is there and does nothing."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Self

# Whatever waits its turn on the busiest machine gets a hundredth of a second of the processor within this time.
STILL_SECONDS = 60.0
LOOK_SECONDS = 5.0


class Watch:
    """Looks after process `pid` until it is left; `end` ends it. Afterwards `reason` is why it was ended, or None.

    That a process does nothing is seen where the system tells (Linux); elsewhere only the time counts.
    """

    def __init__(self, pid: int, seconds: float, end: Callable[[], None]) -> None:
        self.reason: str | None = None
        self._pid, self._seconds, self._end = pid, seconds, end
        self._left = Event()
        self._thread = Thread(target=self._look, name="sandbox-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._thread.join()

    def _look(self) -> None:
        began = moved = time.monotonic()
        spent = spent_by(self._pid)
        pause = min(LOOK_SECONDS, STILL_SECONDS / 2, self._seconds / 2)
        while not self._left.wait(pause):
            now, spent_now = time.monotonic(), spent_by(self._pid)
            if spent_now is None or spent_now != spent:
                spent, moved = spent_now, now
            if now - began >= self._seconds:
                self.reason = f"it took longer than {self._seconds:.0f} s"
            elif now - moved >= STILL_SECONDS:
                self.reason = f"it did nothing for {STILL_SECONDS:.0f} s"
            if self.reason:
                return self._end()
        return None


def spent_by(pid: int) -> int | None:
    """Ticks of the processor that a process took, with all its threads; None where the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        # Behind the name, which may have spaces and parentheses: utime and stime, fields 14 and 15 of proc(5).
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    return None
