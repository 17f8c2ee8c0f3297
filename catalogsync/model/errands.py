"""What a call is made for: the address and step of the change that whatever runs in this context works on."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Errand:
    """`step` is the name of a kind of step; both are "" outside of changes."""

    address: str = ""
    step: str = ""


# A task of the event loop has a context of its own, so steps that run side by side do not see each other's errand.
ERRAND: ContextVar[Errand] = ContextVar("errand", default=Errand())  # noqa: B039 - frozen
