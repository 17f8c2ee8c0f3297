"""The schedule: which step may start when. A pure state machine: events in, steps out; it never awaits.

A change starts when all changes it waits for are done, without barriers between levels. Its stages run one after
the other, the steps of a stage side by side. A wait occupies nothing: it is a time on a heap at which to look again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from catalogsync.apply.breaker import Breaker
from catalogsync.apply.budget import Budget
from catalogsync.apply.choices import WaitTiming
from catalogsync.apply.looks import Looks
from catalogsync.apply.stepping import Outcome, Step, StepEvent, StepFailed, StepNotReady, StepRestarts
from catalogsync.errors import (
    CatalogSyncError,
    CredentialsError,
    CreditLimitError,
    CreditsExhaustedError,
    ForbiddenError,
    PauseTooLongError,
    StateError,
    UsageMistakeError,
)
from catalogsync.model.durations import Durations
from catalogsync.plan.changes import Change, Conflict, Plan
from catalogsync.plan.graph import successors_of
from catalogsync.plan.steps import WAITS, Pool, Program, StepKind, job_address, jobs_of, pool_of, program_of

MAX_RESTARTS = 2
FATAL = (
    *(CredentialsError, CreditLimitError, CreditsExhaustedError, ForbiddenError),
    *(PauseTooLongError, StateError, UsageMistakeError),
)


@dataclass(slots=True)
class _Progress:
    """Where one change stands."""

    program: Program
    stage: int = -1
    outstanding: int = 0
    restarts: int = 0
    deadline: float = 0.0  # of the wait, and of what looks at its fruits
    restart_as: StepRestarts | None = None
    error: CatalogSyncError | None = None


@dataclass(slots=True)
class Schedule:
    """The machine. `outcomes` and `errors` are by index of the change; `changes` reflects restarts.

    `durations` is looked into anew for each look at a job: what is learned meanwhile counts.
    """

    plan: Plan
    timing: WaitTiming = WaitTiming()
    fail_fast: bool = False
    budget: Budget = field(default_factory=Budget)
    durations: Durations = field(default_factory=dict)
    ages: Mapping[str, float] = field(default_factory=dict)  # seconds since jobs of earlier runs were submitted
    changes: list[Change] = field(init=False)
    outcomes: dict[int, Outcome] = field(default_factory=dict, init=False)
    errors: dict[int, CatalogSyncError] = field(default_factory=dict, init=False)
    because: dict[int, str] = field(default_factory=dict, init=False)
    stopped: str = field(default="", init=False)
    limited: bool = field(default=False, init=False)  # something was not done for want of credits
    news: list[int] = field(default_factory=list, init=False)  # changes that ended, not yet told by the executor
    _breaker: Breaker = field(default_factory=Breaker, init=False)
    _progress: dict[int, _Progress] = field(default_factory=dict, init=False)
    _successors: list[list[int]] = field(init=False)
    _blocked: Counter[int] = field(init=False)
    _looks: Looks = field(init=False)

    def __post_init__(self) -> None:
        self.changes = list(self.plan.changes)
        self._looks = Looks(self.timing, self.durations)
        self._successors = successors_of(len(self.changes), self.plan.edges)
        self._blocked = Counter(after for _, after in self.plan.edges)

    def begin(self, now: float) -> list[Step]:
        """The steps that can start at once."""
        free = [index for index in range(len(self.changes)) if self._blocked[index] == 0]
        return [
            step for index in free if not isinstance(self.changes[index], Conflict) for step in self._start(index, now)
        ]

    def handle(self, event: StepEvent, now: float) -> list[Step]:
        """Take in what became of a step; returns the steps that can start now."""
        step = event.step
        progress = self._progress[step.change]
        self.budget.charge(step.change, event.spent)
        if pool_of(step.kind) is Pool.API and not isinstance(event, StepFailed):
            self._breaker.succeeded()
        if isinstance(event, StepNotReady):
            return self._look_later(step, progress, now)
        progress.outstanding -= 1
        if isinstance(event, StepFailed):
            progress.error = progress.error or event.error
            self._maybe_stop(step.kind, event.error)
        elif isinstance(event, StepRestarts):
            progress.restart_as = event
        if progress.outstanding:
            return []
        return self._after_stage(step.change, progress, now)

    def due(self, now: float) -> list[Step]:
        """The checks whose time has come."""
        return [Step(index, kind) for index, kind in self._looks.due(now)]

    @property
    def next_check(self) -> float | None:
        """When the next check is due, None when nothing waits."""
        return self._looks.next

    def stop(self, because: str) -> None:
        """Start nothing more. Waits are given up: their jobs run on at the remote."""
        if self.stopped:
            return
        self.stopped = because
        for index in self._looks.clear():
            self._leave(index)

    def finish(self) -> None:
        """After the last step: what never started was skipped, what was cut off in the middle is told as far as it
        came.
        """
        for index, change in enumerate(self.changes):
            if index in self.outcomes or isinstance(change, Conflict):
                continue
            progress = self._progress.get(index)
            if progress is None:
                self._end(index, Outcome.SKIPPED, self.stopped or "the run ended")
            elif progress.error is not None:
                self._fail(index, progress.error)
            else:
                self._skip_rest(index, progress.program[progress.stage])

    def _end(self, index: int, outcome: Outcome, because: str = "") -> None:
        self.outcomes[index] = outcome
        self.because[index] = because
        self.budget.release(index)
        self._looks.ended(index)
        self.news.append(index)

    def _start(self, index: int, now: float) -> list[Step]:
        if self.stopped:
            return []
        if too_dear := self.budget.admit(index, self.plan.prices[index]):
            self.limited = True
            self._end(index, Outcome.SKIPPED, too_dear)
            self._skip_dependents(index, f"{self.changes[index].address} was not started: {too_dear}")
            return []
        self._progress[index] = _Progress(program_of(self.changes[index]))
        return self._next_stage(index, self._progress[index], now)

    def _next_stage(self, index: int, progress: _Progress, now: float) -> list[Step]:
        progress.stage += 1
        if progress.stage == len(progress.program):
            return self._complete(index, now)
        stage = progress.program[progress.stage]
        if self.stopped:
            self._skip_rest(index, stage)
            return []
        progress.outstanding = len(stage)
        if stage[0] not in WAITS:
            return [Step(index, kind) for kind in stage]
        progress.deadline = now + self.timing.timeout
        if not self.timing.wait:
            self._leave(index)
            return []
        change = self.changes[index]
        age = 0.0 if progress.stage else self.ages.get(job_address(change))
        self._looks.begin(index, stage[0], jobs_of(change), now, progress.deadline, age=age)
        return []

    def _skip_rest(self, index: int, stage: tuple[StepKind, ...]) -> None:
        """The run is stopping in the middle of this change: a submitted job is left, anything else is unfinished."""
        if stage[0] in WAITS:
            self._leave(index)
        else:
            self._end(index, Outcome.SKIPPED, self.stopped or "the run ended")

    def _look_later(self, step: Step, progress: _Progress, now: float) -> list[Step]:
        if self.stopped or now >= progress.deadline or not self.timing.wait:
            self._leave(step.change)
            return []
        self._looks.again(step.change, step.kind, now)
        return []

    def _after_stage(self, index: int, progress: _Progress, now: float) -> list[Step]:
        if progress.error is not None:
            self._fail(index, progress.error)
            return []
        if progress.restart_as is not None:
            return self._restart(index, progress, progress.restart_as, now)
        return self._next_stage(index, progress, now)

    def _restart(self, index: int, progress: _Progress, event: StepRestarts, now: float) -> list[Step]:
        if progress.restarts == MAX_RESTARTS:
            self._fail(index, CatalogSyncError(f"Gave up after {MAX_RESTARTS + 1} tries: {event.why}."))
            return []
        self.changes[index] = event.change
        fresh = _Progress(program_of(event.change), restarts=progress.restarts + 1)
        self._progress[index] = fresh
        return self._next_stage(index, fresh, now)

    def _complete(self, index: int, now: float) -> list[Step]:
        self._end(index, Outcome.DONE)
        started: list[Step] = []
        for after in self._successors[index]:
            self._blocked[after] -= 1
            if self._blocked[after] == 0 and after not in self.outcomes:
                started += self._start(after, now)
        return started

    def _fail(self, index: int, error: CatalogSyncError) -> None:
        self._end(index, Outcome.FAILED)
        self.errors[index] = error
        self._skip_dependents(index, f"{self.changes[index].address} failed")

    def _leave(self, index: int) -> None:
        self._end(index, Outcome.LEFT)
        self._skip_dependents(index, f"{self.changes[index].address} is still processing", Outcome.BEHIND)

    def _skip_dependents(self, index: int, because: str, outcome: Outcome = Outcome.SKIPPED) -> None:
        waiting = list(self._successors[index])
        while waiting:
            after = waiting.pop()
            if after not in self.outcomes:
                self._end(after, outcome, because)
                waiting += self._successors[after]

    def _maybe_stop(self, kind: StepKind, error: CatalogSyncError) -> None:
        self.limited = self.limited or isinstance(error, CreditLimitError | CreditsExhaustedError)
        if isinstance(error, FATAL):
            self.stop(str(error))
        elif self.fail_fast:
            self.stop("a change failed and --fail-fast is set")
        elif pool_of(kind) is Pool.API and (down := self._breaker.failed(error)):
            self.stop(down)
