"""What is told of calls: each try, and each pause between two. Apart from events.py, since a plan needs no others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallMade:
    """One try of a call ended: answered, refused, lost or cut off. Keys and presigned queries are not in it."""

    operation: str  # completes "Could not ..."
    method: str
    host: str  # with the port when the URL has one
    path: str  # without query
    status: int | None  # None when no answer came
    elapsed: float  # seconds between sending and the end of the answer
    attempt: int  # from 1
    credits_left: int | None  # the balance that the answer told
    error: str  # "" for a success
    address: str = ""  # what the call was made for, "" outside of changes
    step: str = ""
    sent: int = 0  # bytes of an upload, 0 for other calls
    credits: int = 0  # what the try cost
    route: str = ""  # the path with placeholders, "" when there are none to tell
    scheme: str = "https"


@dataclass(frozen=True, slots=True)
class CallPaused:
    """A call is tried again after so many seconds, because the try before failed in this way."""

    operation: str
    seconds: float
    because: str


CallEvent = CallMade | CallPaused
CallWatcher = Callable[[CallEvent], None]  # must not raise: what is told never decides how a call ends


def unwatched(_event: CallEvent) -> None:
    """The watcher of calls that nobody asks about."""
