"""The whole loop on the fake remote: observe, plan, apply, as the workflow does, without HTTP and without time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fake_remote import FakeRemote

from catalogsync.apply.bench import Bench, Memory
from catalogsync.apply.choices import WaitTiming
from catalogsync.apply.executor import Executor
from catalogsync.apply.schedule import Schedule
from catalogsync.model.catalog import Catalog, FileFacts
from catalogsync.model.events import RunEvent
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import Write
from catalogsync.observe import Observation, observe
from catalogsync.plan.changes import Plan
from catalogsync.plan.diff import DiffOptions
from catalogsync.plan.planner import plan
from catalogsync.plan.steps import Polls
from catalogsync.state import MemoryStore
from catalogsync.workflow.trusting import read_what_changes


class Killed(BaseException):
    """The process ends here: nothing behind this point happens."""


@dataclass
class MortalJournal:
    """A journal that kills the run at its n-th commit, before or after it is durable."""

    store: MemoryStore
    dies_at: int | None = None
    after: bool = False
    commits: int = 0

    dead: bool = False

    async def commit(self, *writes: Write) -> None:
        self.commits += 1
        dying = self.commits == self.dies_at
        if self.dead or (dying and not self.after):
            self._die()
        await self.store.commit(*writes)
        if dying:
            self._die()

    def _die(self) -> None:
        """Steps that are not cancelled yet write nothing any more either."""
        self.dead = True
        raise Killed


@dataclass
class Shop:
    """A catalog, a remote and a state: what `catalogsync` sees of the world."""

    remote: FakeRemote
    catalog: Catalog
    files: dict[str, FileFacts]
    store: MemoryStore = field(default_factory=MemoryStore)
    events: list[RunEvent] = field(default_factory=list)
    timing: WaitTiming = WaitTiming(0.0, 0.0, 1000.0)
    options: DiffOptions = DiffOptions()
    trusting: bool = False  # plan with --refresh=none, as apply does
    clock: Callable[[], float] | None = None  # in seconds; None for the loop's own
    floor: float = 0.0  # seconds before a job is looked at, on the remote's clock
    _ids: Any = field(default_factory=itertools.count)

    async def plan(self) -> Plan:
        state = self.store.load()
        how = Observation(workers=2, now=self.remote.now)

        def plan_of(snapshot: Snapshot) -> Plan:
            return plan(self.catalog, snapshot, state, self.files, api_url="fake", polls=Polls(), options=self.options)

        if self.trusting:
            return plan_of(await read_what_changes(self.remote, self.catalog, state, plan_of, how))
        return plan_of(await observe(self.remote, self.catalog, state, how))

    async def apply(self, made: Plan, journal: MortalJournal | None = None) -> Schedule:
        memory = Memory(self.store.load(), journal or self.store)
        await memory.commit(*made.learned)
        schedule = Schedule(made, self.timing)
        bench = Bench(self.remote, memory, "run", self.remote.now, self._new_id, self.events.append, _no_sleep)
        bench.floor = self.floor
        await (Executor(schedule, bench, clock=self.clock) if self.clock else Executor(schedule, bench)).run()
        return schedule

    def _new_id(self) -> str:
        return f"i{next(self._ids)}"

    async def run(self, journal: MortalJournal | None = None) -> Schedule:
        return await self.apply(await self.plan(), journal)


async def _no_sleep(_: float) -> None:
    await asyncio.sleep(0)


def until_killed(shop: Shop, journal: MortalJournal) -> bool:
    """Run once; True when the journal killed it."""
    try:
        asyncio.run(shop.run(journal))
    except Killed:
        return True
    return False


def ran(action: Callable[[], Any]) -> Any:
    return asyncio.run(action())
