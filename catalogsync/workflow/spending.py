"""What runs cost: predicted beside charged, by run, resource or operation, and what no run was charged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise

from catalogsync.errors import UsageMistakeError
from catalogsync.state import ChargeRow, RunRow


class By(StrEnum):
    """What a row of spend is about."""

    RUN = "run"
    RESOURCE = "resource"
    OPERATION = "operation"


@dataclass(frozen=True, slots=True)
class Line:
    """Credits of one run (its id), address or operation. `predicted` is None for runs of before there was a ledger."""

    name: str
    predicted: int | None
    charged: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Credits that left the account during or after a run, by its balances, and that no run here was charged."""

    run: RunRow
    credits: int
    during: bool  # else between its last answer and the next run's first

    @property
    def cut_off(self) -> bool:
        """The run has no end, so calls of its own may have been charged that it never heard of."""
        return not self.run.ended_at


@dataclass(frozen=True, slots=True)
class Spend:
    """`runs` are the newest first; `lines` are as the question was, the dearest first, those of runs like `runs`."""

    runs: tuple[RunRow, ...]
    by: By
    lines: tuple[Line, ...]
    gaps: tuple[Gap, ...]

    @property
    def predicted(self) -> int:
        return sum(line.predicted or 0 for line in self.lines)

    @property
    def charged(self) -> int:
        return sum(line.charged for line in self.lines)


def spend_of(runs: Sequence[RunRow], charges: Iterable[ChargeRow], by: By, gaps: tuple[Gap, ...] = ()) -> Spend:
    """`runs` in the order in which they started; charges of other runs do not count."""
    wanted = {run.run_id for run in runs}
    found: dict[str, Line] = {}
    for row in charges:
        if row.run_id not in wanted:
            continue
        name = {By.RUN: row.run_id, By.RESOURCE: row.address, By.OPERATION: row.operation}[by]
        known = found.get(name, Line(name, 0, 0))
        found[name] = Line(name, (known.predicted or 0) + row.predicted, known.charged + row.charged)
    newest = tuple(reversed(runs))
    if by is By.RUN:
        lines = [_line_of(run, found.get(run.run_id)) for run in newest]
    else:
        lines = sorted(found.values(), key=lambda line: (-line.charged, -(line.predicted or 0), line.name))
    return Spend(newest, by, tuple(lines), gaps)


def _line_of(run: RunRow, line: Line | None) -> Line:
    """A run's own sum is what it said at its end; its rows are what is known until then."""
    return Line(run.run_id, None if line is None else line.predicted, run.credits_spent)


def gaps_of(runs: Sequence[RunRow]) -> tuple[Gap, ...]:
    """`runs` are all of the state, in the order in which they started. A balance that rose is no gap: it was bought."""
    told = [run for run in runs if run.balance_before is not None and run.balance_after is not None]
    found = [
        Gap(run, (run.balance_before or 0) - (run.balance_after or 0) - run.credits_spent, during=True) for run in told
    ]
    found += [
        Gap(run, (run.balance_after or 0) - (after.balance_before or 0), during=False) for run, after in pairwise(told)
    ]
    return tuple(gap for gap in found if gap.credits > 0)


def since(runs: Sequence[RunRow], date: str) -> list[RunRow]:
    """Runs that started at or after a date (`2026-11-24`) or time, in UTC unless it says otherwise.

    Raises UsageMistakeError for what is no date.
    """
    try:
        begin = datetime.fromisoformat(date)
    except ValueError:
        raise UsageMistakeError(f"--since={date}: that is no date.", hint="Write it as 2026-11-24.") from None
    begin = begin if begin.tzinfo else begin.replace(tzinfo=UTC)
    return [run for run in runs if datetime.fromisoformat(run.started_at) >= begin]


def run_named(runs: Sequence[RunRow], run_id: str) -> RunRow:
    """The run whose id begins so. Raises UsageMistakeError when there is none, or more than one."""
    found = [run for run in runs if run_id and run.run_id.startswith(run_id)]
    if len(found) == 1:
        return found[0]
    what = "there is no such run" if not found else f"{len(found)} runs begin so"
    raise UsageMistakeError(f"--run={run_id}: {what}.", hint="`catalogsync spend` shows the runs.")
