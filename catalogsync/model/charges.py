"""Who pays for a call: the tally that whatever runs in this context adds its credits to."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """Credits charged so far."""

    credits: int = 0


# A task of the event loop has a context of its own, so steps that run side by side do not see each other's tally.
TALLY: ContextVar[Tally | None] = ContextVar("tally", default=None)


def charge(cost: int) -> None:
    """Add credits to the tally of this context, if there is one."""
    tally = TALLY.get()
    if tally is not None:
        tally.credits += cost


def tallied() -> Tally:
    """Begin a tally for this context."""
    tally = Tally()
    TALLY.set(tally)
    return tally
