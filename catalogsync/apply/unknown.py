"""What makes the outcome of a call unknown, and how patiently it is looked into."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from math import inf

from catalogsync.apply.bench import Bench
from catalogsync.errors import (
    AnswerLostError,
    CreditLimitError,
    PauseTooLongError,
    RateLimitedError,
    RemoteError,
    ServerFaultError,
    UnexpectedAnswerError,
    UnreachableError,
)
from catalogsync.model.state import Intent, Phase

# A 429 is among them: remotes are known to refuse by rate after having done the work.
OUTCOME_UNKNOWN = (AnswerLostError, ServerFaultError, RateLimitedError, UnexpectedAnswerError)
NOT_SENT = (CreditLimitError, UnreachableError)
TRIES = 3  # of a call whose effect never shows
_SHARES = (1 / 15, 4 / 15, 10 / 15)  # of the settle time, between one look and the next


def give_up_if_told_to_wait(error: RemoteError) -> None:
    """Raise the error of a remote that wants no call for longer than a run waits: the next run looks for the effect."""
    if isinstance(error, PauseTooLongError):
        raise error


def phase_of(error: RemoteError, *, suspected: bool) -> Phase:
    """What a failed call's intent becomes. A repeat that was never sent says nothing of the one that was suspected."""
    return Phase.UNKNOWN if suspected and isinstance(error, NOT_SENT) else Phase.FAILED


def pauses(settle_time: float) -> tuple[float, ...]:
    """Seconds between looks for the effect of an unanswered call: soon at first, `settle_time` in all."""
    return tuple(share * settle_time for share in _SHARES)


async def shows_up(bench: Bench, look: Callable[[], Awaitable[bool]], settle_time: float) -> bool:
    """Whether the effect of an unanswered call shows within `settle_time` seconds. A remote may be slow to show it."""
    for pause in pauses(settle_time) if settle_time > 0 else ():
        if await look():
            return True
        await bench.sleep(pause)
    return await look()


def time_left(bench: Bench, intent: Intent) -> float:
    """Seconds for which an earlier run's unanswered call may still come to show; 0 when it is long ago."""
    return max(0.0, bench.settle_time - _age(bench, intent))


def overdue(bench: Bench, job: Intent) -> bool:
    """Whether an unanswered job may be asked for, and must show by now if it was ever accepted."""
    return _age(bench, job) >= max(bench.floor, bench.settle_time)


def _age(bench: Bench, intent: Intent) -> float:
    """Seconds since it was sent; without end when that is not known."""
    try:
        age = (datetime.fromisoformat(bench.now()) - datetime.fromisoformat(intent.at)).total_seconds()
    except (ValueError, TypeError):
        return inf
    return max(0.0, age)
