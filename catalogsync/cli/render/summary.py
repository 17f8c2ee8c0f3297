"""How a run ended, in words: printed on every exit path, from what was journalled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from catalogsync.cli.render.closing import and_available, listed
from catalogsync.cli.render.printable import printable
from catalogsync.cli.render.text import applied_line
from catalogsync.model.addresses import REPLACEMENT_CONTENT, kind_of

if TYPE_CHECKING:
    from catalogsync.workflow.running import RunResult

SHARED = 5  # so many rows with one reason are listed below it


def result_text(result: RunResult) -> str:
    return "\n".join(_lines(result))


def closing_line(result: RunResult) -> str:
    """`Apply complete! Resources: 2 added, ...`, or how it was not completed."""
    line = applied_line(result.counts)
    if _complete(result):
        return line
    title = "Apply interrupted." if result.interrupted else "Apply incomplete."
    return title + line.removeprefix("Apply complete!")


def _complete(result: RunResult) -> bool:
    return not (result.failed or result.skipped or result.behind or result.interrupted)


def _lines(result: RunResult) -> Iterator[str]:
    complete = _complete(result)
    yield click.style(closing_line(result), fg="green" if complete else "red", bold=True)
    yield f"Credits: {result.spent:,} spent applying{and_available(result.available)}."
    yield from listed("collected, left running by an earlier run", result.collected)
    yield from listed("failed", [f"{address}: {error}" for address, error in result.failed])
    yield from _not_started(result.skipped)
    yield from listed("still processing at the remote", result.left)
    yield from listed("not started yet", [f"{address} ({why})" for address, why in result.behind])
    if result.left:
        yield "Run `catalogsync wait`, or the next apply, to pick them up; nothing is submitted twice."
    if not complete or any(kind_of(address) == REPLACEMENT_CONTENT for address in result.collected):
        yield "Run apply again: it goes on from here."


def _not_started(skipped: Sequence[tuple[str, str]]) -> Iterator[str]:
    """A reason that many share, such as an interrupt or a full disk, is said once."""
    sharing = Counter(why for _, why in skipped)
    shared = [why for why, number in sharing.items() if number >= SHARED]
    for why in shared:
        yield from listed(f"not started ({printable(why.rstrip('.'))})", [one for one, its in skipped if its == why])
    yield from listed("not started", [f"{address} ({why})" for address, why in skipped if why not in shared])


def result_document(result: RunResult) -> dict[str, object]:
    """The end of a run for machines."""
    return {
        "outcome": result.exit_code.name.lower(),
        "exit_code": int(result.exit_code),
        "summary": {
            "imported": result.counts.adopted,
            "added": result.counts.added,
            "changed": result.counts.changed,
            "destroyed": result.counts.destroyed,
            "forgotten": result.counts.forgotten,
        },
        "failed": [{"address": address, "message": str(error), "hint": error.hint} for address, error in result.failed],
        "skipped": [{"address": address, "because": why} for address, why in result.skipped],
        "still_processing": list(result.left),
        "behind": [{"address": address, "because": why} for address, why in result.behind],
        "collected": list(result.collected),
        "credits": {"spent": result.spent, "available": result.available},
    }
