"""A schedule driven by hand: events by the name of their step in, names of steps out. No event loop, no time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plan_shapes import plan_of

from catalogsync.apply.choices import WaitTiming
from catalogsync.apply.schedule import Schedule
from catalogsync.apply.stepping import Step, StepDone, StepEvent, StepFailed, StepNotReady, StepRestarts
from catalogsync.errors import CatalogSyncError
from catalogsync.plan.changes import Change
from catalogsync.plan.steps import StepKind

TIMING = WaitTiming(initial=180.0, interval=150.0, timeout=1000.0)


@dataclass
class Drive:
    """Steps are named `create product.A`."""

    schedule: Schedule
    now: float = 0.0

    def begin(self) -> list[str]:
        return self._named(self.schedule.begin(self.now))

    def done(self, *names: str, spent: int = 0) -> list[str]:
        """Each of these steps is done, for so many credits; what the last one lets start."""
        started: list[str] = []
        for name in names:
            started = self._handle(StepDone(self._step(name), spent))
        return started

    def not_ready(self, name: str) -> list[str]:
        return self._handle(StepNotReady(self._step(name)))

    def fails(self, name: str, error: CatalogSyncError | None = None) -> list[str]:
        return self._handle(StepFailed(self._step(name), error or CatalogSyncError("it broke")))

    def restarts(self, name: str, change: Change) -> list[str]:
        return self._handle(StepRestarts(self._step(name), change, "it was not as planned"))

    def at(self, now: float) -> list[str]:
        """The time is `now`: the checks that are due."""
        self.now = now
        return self._named(self.schedule.due(now))

    def outcomes(self) -> dict[str, str]:
        return {self.schedule.changes[index].address: found.value for index, found in self.schedule.outcomes.items()}

    def end(self) -> dict[str, str]:
        self.schedule.finish()
        return self.outcomes()

    def _handle(self, event: StepEvent) -> list[str]:
        return self._named(self.schedule.handle(event, self.now))

    def _step(self, name: str) -> Step:
        kind, _, address = name.partition(" ")
        addresses = [change.address for change in self.schedule.changes]
        return Step(addresses.index(address), StepKind(kind))

    def _named(self, steps: list[Step]) -> list[str]:
        return [f"{step.kind.value} {self.schedule.changes[step.change].address}" for step in steps]


def driven(
    changes: Sequence[Change],
    *,
    edges: Sequence[tuple[int, int]] | None = None,
    timing: WaitTiming = TIMING,
    **more: Any,
) -> Drive:
    return Drive(Schedule(plan_of(changes, edges=edges), timing, **more))
