"""What runs are charged: credits by address and operation, and the writes that keep them."""

from __future__ import annotations

from dataclasses import dataclass

READING = "reading"  # stands where an address does for what is read before a plan; no address is without a dot


@dataclass(frozen=True, slots=True)
class Charge:
    """Credits of one operation of the remote (its name completes "Could not ...") for one address, or `READING`."""

    address: str
    operation: str
    credits: int


@dataclass(frozen=True, slots=True)
class NoteCharges:
    """Remember what calls of a run were charged, beside what is remembered already.

    `available` is the balance after them, None when it was not told.
    """

    run_id: str
    charges: tuple[Charge, ...]
    available: int | None = None


@dataclass(frozen=True, slots=True)
class Predict:
    """Remember what a run is expected to be charged."""

    run_id: str
    charges: tuple[Charge, ...]
