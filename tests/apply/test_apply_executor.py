"""The executor: how many steps run at once, what an interrupt lets end, and what is told of each change."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from types import FrameType
from typing import Any

import pytest
from plan_shapes import await_render, create, forget, generate, plan_of, update

from catalogsync.apply import executor as executor_module
from catalogsync.apply import schedule as schedule_module
from catalogsync.apply.bench import Bench, Done, Memory, NotReady, Result
from catalogsync.apply.choices import Limits, WaitTiming
from catalogsync.apply.executor import HEARTBEAT, Executor
from catalogsync.apply.performers import PERFORMERS
from catalogsync.apply.schedule import Schedule
from catalogsync.errors import CatalogSyncError, CredentialsError
from catalogsync.model.events import (
    ChangeCompleted,
    ChangeFailed,
    ChangeLeft,
    ChangeSkipped,
    ChangeStarted,
    RunEvent,
    RunStopping,
    StillRunning,
)
from catalogsync.model.state import State
from catalogsync.plan.changes import Change
from catalogsync.plan.steps import Pool, StepKind, pool_of

ENDS = (ChangeCompleted, ChangeFailed, ChangeSkipped, ChangeLeft)
Perform = Callable[[StepKind, Change], Awaitable[Result]]


class Stage:
    """An executor whose steps are played by one function; what it tells is in `events`."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        perform: Perform,
        changes: Sequence[Change],
        *,
        edges: Sequence[tuple[int, int]] | None = None,
        timing: WaitTiming = WaitTiming(0.0, 0.0, 1000.0),
        **more: Any,
    ) -> None:
        for kind in StepKind:
            monkeypatch.setitem(PERFORMERS, kind, lambda _, change, kind=kind: perform(kind, change))
        self.events: list[RunEvent] = []
        memory = Memory(State("lineage", 1), journal=None)
        bench = Bench(None, memory, "run", now=str, new_id=str, report=self.events.append)
        self.executor = Executor(Schedule(plan_of(changes, edges=edges), timing), bench, **more)

    def told(self, *kinds: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kinds)]

    def ends(self) -> dict[str, str]:
        return {event.address: type(event).__name__.removeprefix("Change") for event in self.told(*ENDS)}

    def assert_each_told_once(self) -> None:
        ends = Counter(event.address for event in self.told(*ENDS))
        assert ends == {change.address: 1 for change in self.executor.schedule.changes}
        assert set(Counter(event.address for event in self.told(ChangeStarted)).values()) <= {1}


async def well(_: StepKind, __: Change) -> Result:
    return Done()


def test_each_pool_runs_half_as_many_steps_again_as_calls_of_it_may_be_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running: Counter[Pool] = Counter()
    most: Counter[Pool] = Counter()

    async def counted(kind: StepKind, _: Change) -> Result:
        pool = pool_of(kind)
        running[pool] += 1
        most[pool] = max(most[pool], running[pool])
        for _ in range(5):
            await asyncio.sleep(0)
        running[pool] -= 1
        return Done()

    changes = [change for n in range(20) for change in (create(f"A{n}", thumbnail=True), forget(f"B{n}"))]
    stage = Stage(monkeypatch, counted, changes, limits=Limits(api=3, upload=2))
    asyncio.run(stage.executor.run())
    assert most == {Pool.API: 4, Pool.UPLOAD: 3, Pool.STATE: 4}
    assert set(stage.ends().values()) == {"Completed"}


def test_an_interrupt_starts_nothing_new_and_lets_running_steps_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> Stage:
        gate, full = asyncio.Event(), asyncio.Event()
        begun: list[str] = []

        async def held(_: StepKind, change: Change) -> Result:
            begun.append(change.address)
            if len(begun) == 3:
                full.set()
            await gate.wait()
            return Done()

        changes = [update(key, "name:x>y") for key in "ABCDE"]
        stage = Stage(monkeypatch, held, changes, edges=[(0, 4)], limits=Limits(api=2))
        running = asyncio.create_task(stage.executor.run())
        await full.wait()
        stage.executor.interrupt("enough")
        gate.set()
        await running
        return stage

    stage = asyncio.run(run())
    assert stage.ends() == {
        "product.A": "Completed",
        "product.B": "Completed",
        "product.C": "Completed",
        "product.D": "Skipped",
        "product.E": "Skipped",
    }
    assert stage.told(RunStopping) == [RunStopping("enough")]
    stage.assert_each_told_once()


def test_a_check_that_waits_for_its_turn_when_the_run_is_interrupted_leaves_its_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def run() -> Stage:
        async def interrupting(_: StepKind, __: Change) -> Result:
            stage.executor.interrupt("enough")
            return NotReady()

        jobs = [await_render("room"), await_render("hall")]
        stage = Stage(monkeypatch, interrupting, jobs, limits=Limits(api=1))
        await stage.executor.run()
        return stage

    stage = asyncio.run(run())
    assert stage.ends() == {"render.room": "Left", "render.hall": "Left"}


def test_a_fatal_error_is_told_as_the_reason_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(_: StepKind, __: Change) -> Result:
        raise CredentialsError("the key is wrong", status=401)

    stage = Stage(monkeypatch, refused, [forget("A"), forget("B"), forget("C")], limits=Limits(api=1))
    asyncio.run(stage.executor.run())
    assert stage.ends() == {"product.A": "Failed", "product.B": "Skipped", "product.C": "Skipped"}
    assert [event.because for event in stage.told(RunStopping)] == [stage.executor.schedule.stopped]


def test_a_change_under_way_is_told_of_every_ten_seconds_from_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> Stage:
        gate = asyncio.Event()
        now = [100.0]

        async def timed(kind: StepKind, change: Change) -> Result:
            if kind is StepKind.PATCH:
                await gate.wait()
            elif change.address == "product.B7":
                gate.set()
            now[0] += 0.0 if kind is StepKind.PATCH else 4.0
            return Done()

        chain = [forget(f"B{n}") for n in range(8)]
        edges = [(n, n + 1) for n in range(1, 8)]
        changes = [update("A", "name:x>y"), *chain]
        stage = Stage(monkeypatch, timed, changes, edges=edges, clock=lambda: now[0])
        await stage.executor.run()
        return stage

    stage = asyncio.run(run())
    assert HEARTBEAT == 10.0
    beats = stage.told(StillRunning)
    assert {(beat.address, beat.action) for beat in beats} == {("product.A", "update")}
    assert [beat.elapsed for beat in beats][:2] == [12.0, 20.0]
    elapsed = {event.address: event.elapsed for event in stage.told(ChangeCompleted)}
    assert elapsed == {"product.A": 32.0, **{f"product.B{n}": 4.0 for n in range(8)}}


def mixed() -> list[Change]:
    return [change for n in range(6) for change in (create(f"A{n}", thumbnail=True), generate(f"A{n}"))]


@pytest.mark.parametrize("wait", [True, False])
def test_each_change_is_told_once_however_it_ends(monkeypatch: pytest.MonkeyPatch, wait: bool) -> None:
    looks: Counter[str] = Counter()

    async def uneven(kind: StepKind, change: Change) -> Result:
        await asyncio.sleep(0)
        if (kind, change.address) in {(StepKind.CREATE, "product.A1"), (StepKind.WAIT_CONTENT, "content.A2")}:
            raise CatalogSyncError("it broke", hint="mend it")
        looks[f"{kind} {change.address}"] += 1
        first = looks[f"{kind} {change.address}"] == 1
        return NotReady() if first and kind in {StepKind.WAIT_CONTENT, StepKind.COLLECT} else Done()

    stage = Stage(monkeypatch, uneven, mixed(), timing=WaitTiming(0.0, 0.0, 1000.0, wait=wait))
    asyncio.run(stage.executor.run())
    stage.assert_each_told_once()
    contents = {"A1": "Skipped", "A2": "Failed" if wait else "Left"}
    for n in range(6):
        assert stage.ends()[f"content.A{n}"] == contents.get(f"A{n}", "Completed" if wait else "Left")


def test_a_cancelled_run_cancels_its_steps_and_still_tells_of_each_change(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> tuple[Stage, list[str]]:
        begun, cancelled = asyncio.Event(), []

        async def endless(_: StepKind, change: Change) -> Result:
            begun.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(change.address)
                raise
            return Done()

        stage = Stage(monkeypatch, endless, [create("A"), generate("A")])
        running = asyncio.create_task(stage.executor.run())
        await begun.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        return stage, cancelled

    stage, cancelled = asyncio.run(run())
    assert cancelled == ["product.A"]
    stage.assert_each_told_once()


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of the schedule and the executor run: work that does not depend on the machine."""
    files = {schedule_module.__file__, executor_module.__file__}
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        if frame.f_code.co_filename not in files:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("shape", ["independent", "one after the other", "all behind one"])
def test_work_grows_as_the_number_of_changes_does(monkeypatch: pytest.MonkeyPatch, shape: str) -> None:
    def run(number: int) -> int:
        order = {
            "independent": [],
            "one after the other": [(n, n + 1) for n in range(number - 1)],
            "all behind one": [(0, n) for n in range(1, number)],
        }
        stage = Stage(monkeypatch, well, [forget(str(n)) for n in range(number)], edges=order[shape])
        return lines_run(lambda: asyncio.run(stage.executor.run()))

    assert run(400) < 4.5 * run(100)
