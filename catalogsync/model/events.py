"""Events: facts about a run, for people (progress) and machines. The executor tells them, renderers show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChangeStarted:
    """The first step of a change begins. `action` is its name in lower case: create, update, generate, ..."""

    address: str
    action: str


@dataclass(frozen=True, slots=True)
class ChangeCompleted:
    address: str
    action: str
    elapsed: float  # seconds
    remote_id: str  # the product's unicode or the render's id, "" when there is none


@dataclass(frozen=True, slots=True)
class ChangeFailed:
    address: str
    action: str
    elapsed: float
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class ChangeSkipped:
    """Not started because something it waits for failed, or because the run is stopping."""

    address: str
    action: str
    because: str


@dataclass(frozen=True, slots=True)
class ChangeLeft:
    """The job runs on at the remote; a later apply or wait picks it up."""

    address: str
    action: str


@dataclass(frozen=True, slots=True)
class ChangeRecovered:
    """Something unexpected on the way was dealt with: said with the progress."""

    address: str
    message: str


@dataclass(frozen=True, slots=True)
class StillRunning:
    """Told every ten seconds for each change under way."""

    address: str
    action: str
    elapsed: float


@dataclass(frozen=True, slots=True)
class UploadProgress:
    """Bytes of a file that were handed to the connection so far."""

    address: str
    file: str
    sent: int
    size: int


@dataclass(frozen=True, slots=True)
class RunStopping:
    """No new step is started any more."""

    because: str


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


RunEvent = (
    ChangeStarted
    | ChangeCompleted
    | ChangeFailed
    | ChangeSkipped
    | ChangeLeft
    | ChangeRecovered
    | StillRunning
    | UploadProgress
    | RunStopping
    | CallMade
    | CallPaused
)
