"""Events: facts about a run, for people (progress) and machines. The executor tells them, renderers show them."""

from __future__ import annotations

from dataclasses import dataclass

from catalogsync.model.calls import CallMade, CallPaused


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
