"""What runs cost, as a table and as a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from catalogsync.cli.render.printable import printable
from catalogsync.model.counting import counted
from catalogsync.state import RunRow
from catalogsync.workflow.spending import By, Gap, Spend

ID_LETTERS = 8
_HEADS = {By.RESOURCE: "RESOURCE", By.OPERATION: "OPERATION"}


def spend_text(spend: Spend) -> Iterator[str]:
    """Line by line."""
    if not spend.runs:
        yield "No run was charged anything."
        return
    yield from _table(_rows_of_runs(spend) if spend.by is By.RUN else _rows(spend))
    runs, charged = counted(len(spend.runs), "run"), counted(spend.charged, "credit")
    yield f"Total of {runs}: {spend.predicted:,} predicted, {charged} charged."
    for gap in spend.gaps:
        yield click.style("Note: ", fg="yellow") + gap_text(gap)


def _rows_of_runs(spend: Spend) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("RUN", "WHEN", "COMMAND", "OUTCOME", "PREDICTED", "CHARGED")]
    for run, line in zip(spend.runs, spend.lines, strict=True):
        when, outcome = run.started_at[:16].replace("T", " "), _outcome(run)
        rows.append(
            (run.run_id[:ID_LETTERS], when, printable(run.command), outcome, *_numbers(line.predicted, line.charged))
        )
    return rows


def _rows(spend: Spend) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [(_HEADS[spend.by], "PREDICTED", "CHARGED")]
    return rows + [(printable(line.name), *_numbers(line.predicted, line.charged)) for line in spend.lines]


def _outcome(run: RunRow) -> str:
    return run.outcome.replace("_", " ") if run.ended_at else "without an end"


def _numbers(predicted: int | None, charged: int) -> tuple[str, str]:
    return "-" if predicted is None else f"{predicted:,}", f"{charged:,}"


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """The last two columns are numbers."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    words = len(widths) - 2
    for row in rows:
        cells = zip(row, widths, strict=True)
        yield "  ".join(f"{cell:<{w}}" if i < words else f"{cell:>{w}}" for i, (cell, w) in enumerate(cells))


def gap_text(gap: Gap) -> str:
    """What the balance shows and no run was charged, and whose it may be."""
    where = "during" if gap.during else "after"
    whose = "plans, other reading commands and other users of the account"
    if gap.cut_off:
        whose = f"calls that were cut off with it, {whose}"
    left = counted(gap.credits, "credit")
    return f"{left} left the account {where} run {gap.run.run_id[:ID_LETTERS]} in no run: {whose}."


def spend_document(spend: Spend) -> dict[str, object]:
    """The same for machines. `predicted` is null for runs of before there was a ledger."""
    return {
        "by": spend.by.value,
        "runs": [
            {
                "run_id": run.run_id,
                "command": run.command,
                "started_at": run.started_at,
                "ended_at": run.ended_at,
                "outcome": run.outcome,
                "charged": run.credits_spent,
                "balance_before": run.balance_before,
                "balance_after": run.balance_after,
            }
            for run in spend.runs
        ],
        "rows": [{"name": line.name, "predicted": line.predicted, "charged": line.charged} for line in spend.lines],
        "total": {"predicted": spend.predicted, "charged": spend.charged},
        "unattributed": [
            {"run_id": gap.run.run_id, "credits": gap.credits, "during": gap.during, "cut_off": gap.cut_off}
            for gap in spend.gaps
        ],
    }
