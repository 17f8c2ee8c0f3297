"""Any plan, any outcomes, in any order: what the schedule promises of all of them."""

from __future__ import annotations

from collections import defaultdict
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from plan_shapes import (
    adopt,
    archive,
    await_content,
    await_render,
    create,
    delete,
    forget,
    generate,
    park,
    plan_of,
    render,
    replacement,
    update,
)

from catalogsync.apply.choices import WaitTiming
from catalogsync.apply.schedule import Schedule
from catalogsync.apply.stepping import Outcome, Step, StepDone, StepEvent, StepFailed, StepNotReady, StepRestarts
from catalogsync.errors import CatalogSyncError, CredentialsError
from catalogsync.plan.changes import Change, Create, Plan
from catalogsync.plan.steps import WAITS, Program, StepKind, program_of

NOT_STARTED = {Outcome.SKIPPED, Outcome.BEHIND}
CHANGES: list[Change] = [
    create("A"),
    create("A", thumbnail=True),
    adopt("A", "name:x>y"),
    update("A", "name:x>y"),
    park("A", "sku_id:A>B"),
    replacement("A", archive=("*",)),
    delete("A", release=True),
    forget("A"),
    generate("A", archive=("*",)),
    archive("A", hide=()),
    render("room", "A"),
    await_content("A"),
    await_render("room"),
]
AGAIN = WAITS | {StepKind.COLLECT}


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Any changes in any order that has no circle. A plan with a conflict is never applied."""
    drawn = draw(st.lists(st.sampled_from(CHANGES), max_size=8))
    pairs = [(a, b) for b in range(len(drawn)) for a in range(b)]
    edges = draw(st.lists(st.sampled_from(pairs), max_size=10, unique=True)) if pairs else []
    return plan_of(drawn, edges=edges)


class Run:
    """Plays a plan to its end with chance deciding, and checks each step the moment it may start."""

    def __init__(self, plan: Plan, chance: Random, *, fail_fast: bool, wait: bool) -> None:
        self.schedule = Schedule(plan, WaitTiming(10.0, 5.0, 40.0, wait=wait), fail_fast)
        self.chance = chance
        self.now = 0.0
        self.running: list[Step] = []
        self.done: defaultdict[int, set[StepKind]] = defaultdict(set)
        self.before: defaultdict[int, set[int]] = defaultdict(set)
        for first, then in plan.edges:
            self.before[then].add(first)

    def play(self) -> None:
        self._started(self.schedule.begin(self.now))
        while self.running or self.schedule.next_check is not None:
            if self.chance.random() < 0.02:
                self.schedule.stop("by chance")
            elif self.running and self.chance.random() < 0.8:
                self._end(self.running.pop(self.chance.randrange(len(self.running))))
            elif self.schedule.next_check is not None:
                self.now = max(self.now, self.schedule.next_check)
                self._started(self.schedule.due(self.now))
        self.schedule.finish()

    def program(self, index: int) -> Program:
        return program_of(self.schedule.changes[index])

    def _started(self, steps: list[Step]) -> None:
        for step in steps:
            assert not self.schedule.stopped
            assert step.change not in self.schedule.outcomes
            assert step not in self.running
            assert all(self.schedule.outcomes.get(first) is Outcome.DONE for first in self.before[step.change])
            program = self.program(step.change)
            stage = next(number for number, kinds in enumerate(program) if step.kind in kinds)
            assert {kind for kinds in program[:stage] for kind in kinds} <= self.done[step.change]
        self.running += steps

    def _end(self, step: Step) -> None:
        event = self._event(step)
        if isinstance(event, StepDone):
            self.done[step.change].add(step.kind)
        if isinstance(event, StepRestarts):
            self.done[step.change].clear()
        self._started(self.schedule.handle(event, self.now))

    def _event(self, step: Step) -> StepEvent:
        luck = self.chance.random()
        if luck < 0.08:
            return StepFailed(step, CredentialsError("no", status=401) if luck < 0.01 else CatalogSyncError("no"))
        if luck < 0.16 and isinstance(self.schedule.changes[step.change], Create) and step.kind is StepKind.CREATE:
            return StepRestarts(step, create("again"), "by chance")
        return StepNotReady(step) if luck < 0.4 and step.kind in AGAIN else StepDone(step)


@given(plans(), st.integers(0, 2**32).map(Random), st.booleans(), st.booleans())
def test_every_change_ends_once_and_no_step_starts_before_what_it_waits_for_is_done(
    plan: Plan, chance: Random, fail_fast: bool, wait: bool
) -> None:
    run = Run(plan, chance, fail_fast=fail_fast, wait=wait)
    run.play()
    schedule = run.schedule
    assert sorted(schedule.news) == list(range(len(plan.changes)))
    for index, outcome in schedule.outcomes.items():
        assert (outcome is Outcome.FAILED) == (index in schedule.errors)
        assert (outcome in NOT_STARTED) == bool(schedule.because[index])
        if outcome is Outcome.DONE:
            assert run.done[index] == {kind for stage in run.program(index) for kind in stage}
        if any(schedule.outcomes.get(first) is not Outcome.DONE for first in run.before[index]):
            assert outcome in NOT_STARTED


@given(plans())
def test_when_all_goes_well_all_is_done(plan: Plan) -> None:
    well = Random()
    well.random = lambda: 0.7  # type: ignore[method-assign]
    run = Run(plan, well, fail_fast=True, wait=True)
    run.play()
    assert run.schedule.outcomes == dict.fromkeys(range(len(plan.changes)), Outcome.DONE)
