"""When running jobs are looked at. A look costs a credit, so it is made when it is likely to find the job done. Pure.

While it is not known how long jobs of some kinds take, a few scouts are looked at; the others of these kinds wait for
what the scouts teach.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from catalogsync.apply.choices import WaitTiming
from catalogsync.model.durations import GROWTH, Durations, first_look, next_look
from catalogsync.model.state import State
from catalogsync.plan.steps import WAITS, StepKind

SCOUTS = 3  # as many as it takes samples to know a kind
BEHIND = 0.25  # of an interval after a scout's look, its answer is in

Kinds = tuple[str, ...]


def ages_of(state: State, now: str) -> dict[str, float]:
    """Seconds since running jobs were submitted, by the address that remembers them; of several the youngest counts.

    A job that was found and not submitted by us has none. One that was not answered is as old as its call.
    """
    times = {
        binding.address: [record.requested_at for record in binding.outputs.values() if not record.progress.final]
        for binding in state.contents.values()
    }
    times |= {one.address: [one.requested_at] for one in state.renders.values() if not one.progress.final}
    for intent in state.intents:
        if intent.step == StepKind.SUBMIT_JOB:
            times[intent.address] = [*times.get(intent.address, ()), intent.at]
    return {address: _seconds(max(known), now) for address, known in times.items() if known and all(known)}


def _seconds(since: str, until: str) -> float:
    return max(0.0, (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds())


@dataclass(slots=True)
class _Job:
    """`since` is its submission, or when its wait began where that is not known. `fresh`: nobody looked at it yet."""

    kind: StepKind
    kinds: Kinds
    since: float
    deadline: float
    fresh: bool
    at: float = 0.0  # of its next look; in the past while a look is under way


@dataclass(slots=True)
class Looks:
    """`durations` may grow meanwhile: what the first jobs teach is used for the looks at the others."""

    timing: WaitTiming
    durations: Durations
    _jobs: dict[int, _Job] = field(default_factory=dict, init=False)
    _heap: list[tuple[float, int]] = field(default_factory=list, init=False)
    _scouts: defaultdict[Kinds, set[int]] = field(default_factory=lambda: defaultdict(set), init=False)

    def begin(
        self, index: int, kind: StepKind, kinds: Kinds, now: float, deadline: float, *, age: float | None
    ) -> None:
        """Watch a job. `age`: seconds since its submission, None when that is not known.

        One of an earlier run whose first look was due before this run has just been looked at for the plan.
        """
        self._jobs[index] = job = _Job(kind, kinds, now - (age or 0.0), deadline, fresh=age is not None)
        first = self._first(index, job, now) if job.fresh else now
        if age is None or (age and first <= now):
            job.fresh, first = False, now + self.timing.interval
        self._look_at(index, first)

    def again(self, index: int, kind: StepKind, now: float) -> None:
        """It still runs, or its fruits cannot be had yet (then `kind` is the step that looks at them)."""
        job = self._jobs[index]
        job.kind, job.fresh = kind, False
        self._look_at(index, max(now + self.timing.interval, self._next(job, now)))

    def due(self, now: float) -> list[tuple[int, StepKind]]:
        """The looks whose time has come. One that is better made later is put off."""
        found = []
        while self._heap and self._heap[0][0] <= now:
            at, index = heapq.heappop(self._heap)
            job = self._jobs.get(index)
            if job is None or job.at != at:
                continue
            better = self._first(index, job, now) if job.fresh else now
            if better > now:
                self._look_at(index, better)
            else:
                found.append((index, job.kind))
        return found

    @property
    def next(self) -> float | None:
        """When the next look is due, None when nothing is watched."""
        return self._heap[0][0] if self._heap else None

    def ended(self, index: int) -> None:
        """It is not looked at any more."""
        job = self._jobs.pop(index, None)
        if job is not None:
            self._scouts[job.kinds].discard(index)
        while self._heap and self._heap[0][1] not in self._jobs:
            heapq.heappop(self._heap)

    def clear(self) -> list[int]:
        """Look at nothing any more. Returns what was to be looked at."""
        indexes = [index for at, index in self._heap if index in self._jobs and self._jobs[index].at == at]
        self._heap.clear()
        self._jobs.clear()
        self._scouts.clear()
        return indexes

    def _look_at(self, index: int, at: float) -> None:
        job = self._jobs[index]
        job.at = min(at, job.deadline)
        heapq.heappush(self._heap, (job.at, index))

    def _first(self, index: int, job: _Job, now: float) -> float:
        """The best time for the first look; `now` or earlier when it is due."""
        learned = first_look(self.durations, job.kinds)
        if not self.timing.frugal:
            best = job.since + self.timing.initial
        elif learned is not None:
            best = job.since + max(self.timing.initial, learned)
        elif self._is_scout(index, job):
            best = job.since + self.timing.initial
        else:
            best = max(job.since + self.timing.initial, self._after_scouts(job.kinds, now))
        return min(best, job.deadline)

    def _is_scout(self, index: int, job: _Job) -> bool:
        scouts = self._scouts[job.kinds]
        if len(scouts) < SCOUTS:
            scouts.add(index)
        return index in scouts

    def _after_scouts(self, kinds: Kinds, now: float) -> float:
        """When a scout that still runs will have been looked at next."""
        return max(now, min(self._jobs[index].at for index in self._scouts[kinds])) + BEHIND * self.timing.interval

    def _next(self, job: _Job, now: float) -> float:
        if job.kind not in WAITS or not self.timing.frugal:
            return now
        age = now - job.since
        if first_look(self.durations, job.kinds) is None:
            return now + GROWTH * age
        return job.since + next_look(self.durations, job.kinds, age)
