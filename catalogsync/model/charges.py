"""Who pays for a call: the tally that whatever runs in this context adds its credits to."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

Payer = Callable[[str, int], None]  # told the operation's name and its credits


@dataclass(slots=True)
class Tally:
    """Credits charged so far, and who is told of each charge as it comes."""

    credits: int = 0
    payer: Payer | None = None


# A task of the event loop has a context of its own, so steps that run side by side do not see each other's tally.
TALLY: ContextVar[Tally | None] = ContextVar("tally", default=None)


def charge(cost: int, operation: str) -> None:
    """Add the credits of an operation to the tally of this context, if there is one."""
    tally = TALLY.get()
    if tally is None:
        return
    tally.credits += cost
    if tally.payer is not None:
        tally.payer(operation, cost)


def tallied(payer: Payer | None = None) -> Tally:
    """Begin a tally for this context."""
    tally = Tally(payer=payer)
    TALLY.set(tally)
    return tally
