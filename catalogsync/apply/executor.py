"""The executor: the one event loop. It starts what the schedule says, awaits it and tells the schedule."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from catalogsync.apply.bench import Bench, Done, NotReady, Restart, Result
from catalogsync.apply.choices import Limits
from catalogsync.apply.performers import PERFORMERS
from catalogsync.apply.queues import Queues
from catalogsync.apply.schedule import Schedule
from catalogsync.apply.stepping import (
    Outcome,
    Step,
    StepDone,
    StepEvent,
    StepFailed,
    StepNotReady,
    StepRestarts,
)
from catalogsync.errors import CatalogSyncError
from catalogsync.model.charges import tallied
from catalogsync.model.errands import ERRAND, Errand
from catalogsync.model.events import (
    ChangeCompleted,
    ChangeFailed,
    ChangeLeft,
    ChangeSkipped,
    ChangeStarted,
    RunStopping,
    StillRunning,
)
from catalogsync.plan.changes import Change, action_of
from catalogsync.plan.steps import Pool, part_of, with_part

HEARTBEAT = 10.0  # seconds between two "Still creating..."


@dataclass(slots=True)
class Executor:
    """Runs a schedule to its end. Also the place that turns outcomes into events for people."""

    schedule: Schedule
    bench: Bench
    limits: Limits = Limits()
    clock: Callable[[], float] = field(default=lambda: asyncio.get_running_loop().time())
    _ready: Queues = field(init=False)
    _tasks: dict[asyncio.Task[StepEvent], Pool] = field(default_factory=dict, init=False)
    _busy: Counter[Pool] = field(default_factory=Counter, init=False)
    _ended: deque[asyncio.Task[StepEvent]] = field(default_factory=deque, init=False)  # not yet told to the schedule
    _began: dict[int, float] = field(default_factory=dict, init=False)
    _beats: deque[tuple[float, int]] = field(default_factory=deque, init=False)  # when each change is next told of
    _wake: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def __post_init__(self) -> None:
        self._ready = Queues(self.limits)

    async def run(self) -> None:
        """Return when nothing runs and nothing waits. Cancelling it cancels the running steps."""
        self._ready.put(self.schedule.begin(self.clock()), self._began)
        try:
            while self._tasks or self.schedule.next_check is not None or self._ready:
                self._start_ready()
                await self._wait()
        finally:
            await self._cancel_running()
            self.schedule.finish()
            self._tell_outcomes()

    def interrupt(self, because: str) -> None:
        """Start nothing more; what runs may finish. Safe to call from a signal handler of the loop."""
        self.schedule.stop(because)
        self._ready.clear()
        self.bench.report(RunStopping(because))
        self._wake.set()

    async def _cancel_running(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    def _start_ready(self) -> None:
        for pool in Pool:
            while self._busy[pool] < self.limits.steps(pool) and (step := self._ready.take(pool)):
                self._note_start(step)
                self._busy[pool] += 1
                task = asyncio.create_task(self._perform(step))
                self._tasks[task] = pool
                task.add_done_callback(self._note_end)

    def _note_end(self, task: asyncio.Task[StepEvent]) -> None:
        self._ended.append(task)
        self._wake.set()

    async def _perform(self, step: Step) -> StepEvent:
        change = self.schedule.changes[step.change]
        ERRAND.set(Errand(change.address, step.kind.value))
        tally = tallied(self.bench.memory.payer(change.address))
        try:
            result = await self._result(step, change)
        except CatalogSyncError as error:
            return StepFailed(step, error, tally.credits)
        match result:
            case Done():
                return StepDone(step, tally.credits)
            case NotReady():
                return StepNotReady(step, tally.credits)
            case Restart(changed, why):
                return StepRestarts(step, with_part(change, changed), why, tally.credits)

    async def _result(self, step: Step, change: Change) -> Result:
        """What it was charged is durable when it returns, and told to the schedule only then."""
        try:
            return await PERFORMERS[step.kind](self.bench, part_of(change, step.kind))
        finally:
            await self.bench.memory.keep_charges()

    async def _wait(self) -> None:
        """Until a step ends, a check is due, the heartbeat is due, or somebody interrupts."""
        timeout = self._timeout()
        alarm = None if timeout is None else asyncio.get_running_loop().call_later(timeout, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            if alarm is not None:
                alarm.cancel()
        self._wake.clear()
        while self._ended:
            task = self._ended.popleft()
            self._busy[self._tasks.pop(task)] -= 1
            stopped_before = self.schedule.stopped
            self._ready.put(self.schedule.handle(task.result(), self.clock()), self._began)
            if self.schedule.stopped and not stopped_before:
                self.interrupt(self.schedule.stopped)
        self._ready.put(self.schedule.due(self.clock()), self._began)
        self._tell_outcomes()
        self._heartbeat()

    def _timeout(self) -> float | None:
        times = [self._beats[0][0]] if self._beats else []
        if self.schedule.next_check is not None:
            times.append(self.schedule.next_check)
        return max(0.0, min(times) - self.clock()) if times else None

    def _note_start(self, step: Step) -> None:
        if step.change not in self._began:
            self._began[step.change] = self.clock()
            self._beats.append((self.clock() + HEARTBEAT, step.change))
            change = self.schedule.changes[step.change]
            self.bench.report(ChangeStarted(change.address, action_of(change)))

    def _heartbeat(self) -> None:
        """Tell of each change every ten seconds from its own start. The deque is in order, since all wait as long."""
        now = self.clock()
        while self._beats and self._beats[0][0] <= now:
            due, index = self._beats.popleft()
            if index in self._began:
                change = self.schedule.changes[index]
                self.bench.report(StillRunning(change.address, action_of(change), now - self._began[index]))
                self._beats.append((due + HEARTBEAT, index))

    def _tell_outcomes(self) -> None:
        for index in self.schedule.news:
            self._tell(index)
        self.schedule.news.clear()

    def _tell(self, index: int) -> None:
        change = self.schedule.changes[index]
        address, action = change.address, action_of(change)
        elapsed = self.clock() - self._began.pop(index, self.clock())
        match self.schedule.outcomes[index]:
            case Outcome.DONE:
                self.bench.report(ChangeCompleted(address, action, elapsed, self._remote_id(address)))
            case Outcome.FAILED:
                error = self.schedule.errors[index]
                self.bench.report(ChangeFailed(address, action, elapsed, str(error), error.hint))
            case Outcome.LEFT:
                self.bench.report(ChangeLeft(address, action))
            case Outcome.SKIPPED | Outcome.BEHIND:
                self.bench.report(ChangeSkipped(address, action, self.schedule.because[index]))

    def _remote_id(self, address: str) -> str:
        memory = self.bench.memory
        if address in memory.products:
            return memory.products[address].unicode
        if address in memory.renders:
            return memory.renders[address].render_id
        return ""
