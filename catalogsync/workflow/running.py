"""Run a plan to its end, whatever happens on the way."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from catalogsync.api import ApiSettings, ImagineClient
from catalogsync.apply.bench import Bench, Memory
from catalogsync.apply.budget import Budget
from catalogsync.apply.choices import ApplyOptions, Cutoff
from catalogsync.apply.executor import Executor
from catalogsync.apply.ledger import Ledger
from catalogsync.apply.looks import ages_of
from catalogsync.apply.ports import Reporter
from catalogsync.apply.schedule import Schedule
from catalogsync.apply.stepping import Outcome
from catalogsync.errors import CatalogSyncError, ExitCode, StateError
from catalogsync.model.spend import Charge, NoteCharges, Predict
from catalogsync.model.state import NoteCredits, NoteScope, RunEnded, RunStarted
from catalogsync.plan.changes import Await, Change, Conflict, Plan
from catalogsync.plan.counts import Counts, count
from catalogsync.plan.spending import forecast
from catalogsync.state import Store
from catalogsync.workflow.planning import Planned

LEAST_PATIENCE = 60.0  # seconds that a call may be asked to wait however short --wait-timeout is


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended. `left` are addresses whose jobs run on; `failed` and `skipped` say why.

    `behind` were not started since they wait for one of `left`; `collected` are jobs of an earlier run that are done.
    """

    counts: Counts
    failed: tuple[tuple[str, CatalogSyncError], ...]
    skipped: tuple[tuple[str, str], ...]
    left: tuple[str, ...]
    spent: int
    available: int | None
    stopped: str = ""
    interrupted: bool = False
    limited: bool = False  # something was not done for want of credits
    behind: tuple[tuple[str, str], ...] = ()
    collected: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """The worst that happened: interrupted, out of credits, state, failures, then jobs that run on."""
        errors = [error for _, error in self.failed]
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if self.limited:
            return ExitCode.CREDIT_LIMIT
        if of_the_state := [error.exit_code for error in errors if isinstance(error, StateError)]:
            return max(of_the_state)  # a lock that was lost says more than that something failed
        if errors or self.skipped:
            return ExitCode.SOME_CHANGES_FAILED
        return ExitCode.STILL_PROCESSING if self.left or self.behind else ExitCode.OK


@dataclass(slots=True)
class Run:
    """One run of a plan. `interrupt` may be called from a signal handler while `apply` is awaited."""

    made: Plan
    store: Store
    api: ApiSettings
    options: ApplyOptions
    report: Reporter
    plan_id: str = ""  # of the saved plan that is applied
    reading: tuple[Charge, ...] = ()  # what reading for the plan was charged
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    _executor: Executor | None = field(default=None, init=False)
    _interrupted: bool = field(default=False, init=False)

    async def apply(self, command: str) -> RunResult:
        """Apply the plan. Whatever happens to single changes is in the result; every exit path saves the state."""
        state = self.store.load()
        scope = NoteScope(self.made.made_from.catalog, self.made.made_from.api_url)
        await self.store.commit(
            RunStarted(self.run_id, command, _now(), self.plan_id),
            Predict(self.run_id, (*self.reading, *forecast(self.made))),
            NoteCharges(self.run_id, self.reading, self.made.available),
            scope,
        )
        budget = Budget(self.options.max_credits, self.made.available)
        hard = self.options.max_credits if self.options.cutoff is Cutoff.HARD else None
        patient = min(self.api.longest_pause, max(LEAST_PATIENCE, self.options.timing.timeout))
        settings = replace(self.api, max_credits=hard, on_call=self.report, longest_pause=patient)
        async with ImagineClient(settings) as client:
            memory = Memory(state, self.store, Ledger(self.run_id, lambda: client.credits.available), _now)
            await memory.take(*self.made.learned, *self.made.confirmed)
            bench = Bench(
                client,
                memory,
                self.run_id,
                _now,
                lambda: uuid.uuid4().hex,
                self.report,
                settle_time=self.options.settle_time,
                floor=self.options.timing.initial,
            )
            timing, fail_fast = self.options.timing, self.options.fail_fast
            schedule = Schedule(self.made, timing, fail_fast, budget, memory.durations, ages_of(state, _now()))
            self._executor = Executor(schedule, bench, self.options.limits)
            try:
                await self._executor.run()
            except asyncio.CancelledError:
                self._interrupted = True
            result = self._result(schedule, client)
            return await self._closed(memory, result)

    def interrupt(self, because: str) -> None:
        """Start nothing more; what runs may finish."""
        self._interrupted = True
        if self._executor is not None:
            self._executor.interrupt(because)

    def _result(self, schedule: Schedule, client: ImagineClient) -> RunResult:
        by_outcome: dict[Outcome, list[int]] = {outcome: [] for outcome in Outcome}
        for index, outcome in schedule.outcomes.items():
            by_outcome[outcome].append(index)
        changes = schedule.changes
        return RunResult(
            counts=count(_of(changes, by_outcome[Outcome.DONE])),
            failed=tuple((changes[i].address, schedule.errors[i]) for i in by_outcome[Outcome.FAILED]),
            skipped=tuple((changes[i].address, schedule.because[i]) for i in by_outcome[Outcome.SKIPPED]),
            left=tuple(changes[i].address for i in by_outcome[Outcome.LEFT]),
            spent=client.credits.spent,
            available=client.credits.available,
            stopped=schedule.stopped,
            interrupted=self._interrupted,
            limited=schedule.limited,
            behind=tuple((changes[i].address, schedule.because[i]) for i in by_outcome[Outcome.BEHIND]),
            collected=tuple(changes[i].address for i in by_outcome[Outcome.DONE] if isinstance(changes[i], Await)),
        )

    async def _closed(self, memory: Memory, result: RunResult) -> RunResult:
        """The result, once it is remembered. Where it cannot be, that is part of it: what was done is told anyway."""
        balance = [] if result.available is None else [NoteCredits(result.available)]
        spent = result.spent + sum(charge.credits for charge in self.reading)
        ended = RunEnded(self.run_id, result.exit_code.name.lower(), spent, _now())
        try:
            await memory.commit(*balance, ended)
        except StateError as error:
            return replace(result, failed=(*result.failed, ("state", error)))
        return result


def only_read(store: Store, planned: Planned, command: str, outcome: str) -> None:
    """Remember a run that read and then changed nothing. The state stays what it is for saved plans."""
    made, run_id = planned.plan, uuid.uuid4().hex
    balance = [] if made.available is None else [NoteCredits(made.available)]
    store.commit_now(
        RunStarted(run_id, command, _now(), made.made_from.moved_by),
        Predict(run_id, planned.reading),
        NoteCharges(run_id, planned.reading, made.available),
        *balance,
        *made.confirmed,
        RunEnded(run_id, outcome, sum(charge.credits for charge in planned.reading), _now()),
    )


def _of(changes: Sequence[Change], indexes: list[int]) -> tuple[Change, ...]:
    return tuple(changes[index] for index in indexes if not isinstance(changes[index], Conflict))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
