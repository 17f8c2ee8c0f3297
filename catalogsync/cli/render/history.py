"""The journal in words: what was sent for a resource, when, by which run, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import click

from catalogsync.cli.render.printable import printable
from catalogsync.model.state import Phase
from catalogsync.state import JournalRow, RunRow

_WORDS = {
    Phase.INTENT: "about to be sent",
    Phase.DONE: "done",
    Phase.FAILED: "failed",
    Phase.UNKNOWN: "not answered, so not known",
}
_COLOURS = {Phase.DONE: "green", Phase.FAILED: "red", Phase.UNKNOWN: "yellow"}


def history_text(rows: Sequence[JournalRow], runs: Sequence[RunRow]) -> Iterator[str]:
    """Line by line, under a heading for each run. A run without an end was killed, or still runs."""
    by_id = {run.run_id: run for run in runs}
    current = None
    for row in rows:
        if row.run_id != current:
            if current is not None:
                yield ""
            current = row.run_id
            yield _heading(row.run_id, by_id.get(row.run_id))
        yield _line(row)


def _heading(run_id: str, run: RunRow | None) -> str:
    if run is None:
        return f"# run {run_id[:8]}"
    ended = f"ended {run.outcome}, {run.credits_spent:,} credits spent" if run.ended_at else "without an end"
    return f"# {printable(run.command)} of {_time(run.started_at)} (run {run_id[:8]}): {ended}"


def _line(row: JournalRow) -> str:
    said = click.style(_WORDS[row.phase], fg=_COLOURS.get(row.phase))
    detail = printable(row.detail or _asked(row))
    return f"  {_time(row.at)}  {printable(row.address)}  {row.step}: {said}" + (f" ({detail})" if detail else "")


def _asked(row: JournalRow) -> str:
    """What tells one call from another: its identity, or the outputs that it asks for."""
    shown = ("sku_id", "gtin", "outputs", "unicode")
    return ", ".join(f"{name} {row.request[name]}" for name in shown if row.request.get(name))


def _time(at: str) -> str:
    return at[:19].replace("T", " ")


def history_document(rows: Sequence[JournalRow], runs: Sequence[RunRow]) -> dict[str, object]:
    """The same for machines. `runs` are those that the rows are of."""
    seen = {row.run_id for row in rows}
    return {
        "runs": [asdict(run) for run in runs if run.run_id in seen],
        "journal": [{**asdict(row), "phase": row.phase.value} for row in rows],
    }
