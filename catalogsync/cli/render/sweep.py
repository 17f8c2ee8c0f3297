"""Leftovers as text and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from catalogsync.cli.render.closing import and_available
from catalogsync.cli.render.printable import printable
from catalogsync.cli.render.rows import paint
from catalogsync.cli.render.summary import result_document, result_text
from catalogsync.plan.changes import Delete
from catalogsync.plan.steps import Polls, price_of
from catalogsync.plan.sweep import Leftover, Proof
from catalogsync.workflow.running import RunResult
from catalogsync.workflow.sweeping import SweepLook

FORMAT_VERSION = "1.0"  # minor: keys are added; major: readers must refuse

_PROOFS = {
    Proof.STATE: "the state knows it",
    Proof.JOURNAL: "the journal has its create",
    Proof.MODEL: "its sku_id has the digits of the manifest's model",
    Proof.NAME: "its sku_id is made like a temporary one",
    Proof.RELEASED: "its sku_id is one that is given to a product before it is deleted",
}


def sweep_text(look: SweepLook) -> str:
    """A block for each leftover, then how many would be deleted and what that costs."""
    return "\n".join(_lines(look))


def _lines(look: SweepLook) -> Iterator[str]:
    for one in look.found:
        yield from _block(one)
        yield ""
    deleted = len(look.plan.changes)
    if not look.found:
        yield click.style("Nothing is left over.", bold=True, fg="green")
    else:
        yield click.style(f"Sweep: {deleted} to clear away, {len(look.found) - deleted} kept.", bold=True)
    available = and_available(look.plan.available)
    yield f"Credits: {look.plan.price.expected:,} expected{available}; {look.plan.spent:,} spent reading."
    for objection in look.objections:
        yield click.style(f"Refused by {objection.guard}: {printable(objection.message)}.", fg="red")


def _block(one: Leftover) -> Iterator[str]:
    if one.change is None:
        yield printable(f"  # {one.address} is kept: {one.reason}")
    else:
        fate = "will be destroyed" if isinstance(one.change, Delete) else "will be forgotten"
        yield printable(f"  # {one.address} {fate}: {one.reason}")
    if one.unicode:
        symbol = paint("-") if one.change is not None else " "
        yield f"  {symbol}     {printable(one.sku_id)} ({printable(one.unicode)}): {_PROOFS[one.proof]}"


def swept_text(result: RunResult, deleted: int) -> str:
    """How a sweep ended."""
    if result.failed or result.skipped or result.interrupted:
        return result_text(result)
    done = click.style(f"Sweep complete! {deleted} cleared away.", bold=True, fg="green")
    return f"{done}\nCredits: {result.spent:,} spent{and_available(result.available)}."


def sweep_document(look: SweepLook, result: RunResult | None) -> dict[str, Any]:
    """All that was found, and how deleting it ended; null when nothing was deleted."""
    return {
        "format_version": FORMAT_VERSION,
        "leftovers": [_row(one) for one in look.found],
        "objections": [{"guard": one.guard, "message": one.message} for one in look.objections],
        "credits": {
            "expected": look.plan.price.expected,
            "spent_reading": look.plan.spent,
            "available": look.plan.available,
        },
        "result": result_document(result) if result else None,
    }


def _row(one: Leftover) -> dict[str, Any]:
    return {
        "address": one.address,
        "unicode": one.unicode,
        "sku_id": one.sku_id,
        "proof": one.proof.value,
        "action": "keep" if one.change is None else "delete" if isinstance(one.change, Delete) else "forget",
        "reason": one.reason,
        "credits": 0 if one.change is None else price_of(one.change, Polls()).expected,
    }
