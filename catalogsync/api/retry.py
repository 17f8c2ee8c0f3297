"""When a call is tried again, and after which pause. The decision is pure; `persist` carries it out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import TypeVar

from catalogsync.errors import (
    AnswerLostError,
    PauseTooLongError,
    RateLimitedError,
    RemoteError,
    ServerFaultError,
    UnreachableError,
    UploadRefusedError,
)

T = TypeVar("T")

LONGEST_BACKOFF = 30.0  # seconds
LONGEST_RETRY_AFTER = 600.0  # seconds: who is asked to wait longer is better served by an end that says so
TRIES_TO_CONNECT = 3
_A_YEAR = 365 * 86_400.0  # seconds: whatever is asked for beyond that is not a date that can be told
_BUCKET_FAULT = 500
_BUCKET_CODES = frozenset({"SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable"})


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how patiently one call is tried: `attempts` in all, `backoff` seconds first.

    `longest` is how many seconds it waits at most when the remote says how long to wait.
    """

    attempts: int
    backoff: float
    idempotent: bool
    longest: float = LONGEST_RETRY_AFTER

    def too_long(self, error: RemoteError) -> float | None:
        """Seconds that the remote asks to wait, when that is longer than patience is."""
        asked = _asked(error)
        return asked if asked is not None and asked > self.longest else None

    def pause(self, error: RemoteError, tries: int, chance: float) -> float | None:
        """Seconds until the next try after `tries` failed ones, None to give up. `chance` is in 0 to 1.

        What certainly never arrived is repeated for any operation; what may have arrived only for idempotent ones.
        """
        if tries >= self._most_tries(error):
            return None
        backoff = min(LONGEST_BACKOFF, self.backoff * 2.0 ** min(tries - 1, 30)) * (0.5 + chance / 2)
        asked = _asked(error)
        return backoff if asked is None else asked + self.backoff * chance

    def _most_tries(self, error: RemoteError) -> int:
        if isinstance(error, UnreachableError):
            return min(TRIES_TO_CONNECT, self.attempts)
        return self.attempts if self.idempotent and _passes(error) else 1


async def persist(
    attempt: Callable[[], Awaitable[T]],
    *,
    patience: Patience,
    sleep: Callable[[float], Awaitable[None]],
    random: Callable[[], float],
    repeated: Callable[[RemoteError], T | None] | None = None,
    pausing: Callable[[float, RemoteError], None] | None = None,
) -> T:
    """Await `attempt` until it succeeds or patience ends, then raise its last error.

    That is PauseTooLongError, whatever the operation, when the remote asks for a longer pause than patience has.

    `repeated` is asked about the error of a try that follows one with an unknown outcome: what it returns (unless
    None) is the result, since the lost try did the work. `pausing` is told of each pause before it begins.
    """
    doubtful = False
    for tries in count(1):
        try:
            return await attempt()
        except RemoteError as error:
            settled = repeated(error) if doubtful and repeated is not None else None
            if settled is not None:
                return settled
            asked = patience.too_long(error)
            if asked is not None:
                raise _too_long(error, asked, patience.longest) from error
            pause = patience.pause(error, tries, random())
            if pause is None:
                raise
            doubtful = doubtful or isinstance(error, AnswerLostError | ServerFaultError)
            if pausing is not None:
                pausing(pause, error)
        await sleep(pause)
    raise AssertionError  # pragma: no cover - count() never ends


def _asked(error: RemoteError) -> float | None:
    """Seconds that the remote itself asks to wait."""
    return error.retry_after if isinstance(error, RateLimitedError | ServerFaultError) else None


def _too_long(error: RemoteError, asked: float, longest: float) -> PauseTooLongError:
    until = datetime.now().astimezone() + timedelta(seconds=min(asked, _A_YEAR))
    return PauseTooLongError(
        f"{error} The remote asks to wait {asked:.0f} s, which is longer than the {longest:.0f} s that a run waits.",
        status=getattr(error, "status", 429),
        retry_after=asked,
        hint=f"Run again after {until:%Y-%m-%d %H:%M}: it goes on from here.",
    )


def _passes(error: RemoteError) -> bool:
    """True for a failure that may be gone the next time."""
    if isinstance(error, UploadRefusedError):
        return error.status >= _BUCKET_FAULT or error.code in _BUCKET_CODES
    return isinstance(error, AnswerLostError | ServerFaultError | RateLimitedError)
