"""The ledger of a run: what was charged is kept with the next commit, and never twice or not at all."""

from __future__ import annotations

import asyncio

import pytest
from plan_shapes import await_render, create, delete, generate, plan_of, render, update

from catalogsync.apply.bench import Bench, Done, Memory, NotReady, Result
from catalogsync.apply.choices import WaitTiming
from catalogsync.apply.executor import Executor
from catalogsync.apply.ledger import Ledger
from catalogsync.apply.performers import PERFORMERS
from catalogsync.apply.schedule import Schedule
from catalogsync.errors import CatalogSyncError, StorageFullError
from catalogsync.model.charges import charge
from catalogsync.model.spend import Charge, NoteCharges
from catalogsync.model.state import Note, Phase, RunStarted
from catalogsync.plan.spending import OPERATIONS, forecast
from catalogsync.plan.steps import Pool, StepKind, pool_of
from catalogsync.state import MemoryStore

NOTE = Note("run", "product.A", "create", Phase.DONE)


class Written:
    """A journal that keeps what it is given, and fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.commits: list[tuple] = []
        self.failures = failures

    async def commit(self, *writes) -> None:
        if self.failures:
            self.failures -= 1
            raise StorageFullError("no room")
        self.commits.append(writes)


def memory_with(journal, balance=lambda: 90) -> tuple[Memory, Ledger]:
    ledger = Ledger("run", balance)
    return Memory(MemoryStore().load(), journal, ledger), ledger


def test_charges_go_with_the_next_commit_and_once_only():
    journal = Written()
    memory, ledger = memory_with(journal)
    pay = ledger.payer("product.A")
    pay("create the product", 1)
    pay("create the product", 1)
    asyncio.run(memory.commit(NOTE))
    asyncio.run(memory.commit(NOTE))
    kept = NoteCharges("run", (Charge("product.A", "create the product", 2),), 90)
    assert journal.commits == [(NOTE, kept), (NOTE,)]


def test_charges_that_could_not_be_kept_go_with_the_commit_after():
    journal = Written(failures=1)
    memory, ledger = memory_with(journal)
    ledger.payer("product.A")("read", 1)
    with pytest.raises(StorageFullError):
        asyncio.run(memory.commit(NOTE))
    ledger.payer("product.A")("read", 1)
    asyncio.run(memory.keep_charges())
    assert journal.commits == [(NoteCharges("run", (Charge("product.A", "read", 2),), 90),)]


def test_nothing_is_written_when_nothing_was_charged():
    journal = Written()
    memory, _ = memory_with(journal)
    asyncio.run(memory.keep_charges())
    assert journal.commits == []


def ran(monkeypatch, perform, changes) -> MemoryStore:
    """The store after a run of changes whose steps are played by `perform`."""
    store = MemoryStore()
    store.commit_now(RunStarted("run", "apply", "now"))

    async def apply() -> None:
        for kind in StepKind:
            monkeypatch.setitem(PERFORMERS, kind, lambda bench, change, kind=kind: perform(kind))
        memory = Memory(store.load(), store, Ledger("run", lambda: None))
        bench = Bench(None, memory, "run", now=str, new_id=str, report=lambda _: None)
        await Executor(Schedule(plan_of(changes), WaitTiming(0.0, 0.0, 1000.0)), bench).run()

    asyncio.run(apply())
    return store


def test_each_change_is_charged_for_its_own_steps_also_for_those_that_fail_or_find_nothing_yet(monkeypatch):
    looks = iter((NotReady(), NotReady(), Done()))

    async def perform(kind: StepKind) -> Result:
        if pool_of(kind) is Pool.API:
            charge(1, OPERATIONS[kind])
        await asyncio.sleep(0)
        if kind is StepKind.PATCH:
            raise CatalogSyncError("refused")
        return next(looks) if kind is StepKind.WAIT_RENDER else Done()

    store = ran(monkeypatch, perform, [create("A"), update("B"), await_render("hero")])
    assert [(row.address, row.operation, row.charged) for row in store.charges()] == [
        ("product.A", "create the product", 1),
        ("product.A", "mark the upload as successful", 1),
        ("product.B", "update the product", 1),
        ("render.hero", "read the render images", 3),
    ]
    assert store.runs()[0].credits_spent == 6


def test_a_plan_is_predicted_to_cost_its_price():
    made = plan_of([create("A"), generate("A"), render("hero"), update("B"), delete("C")])
    assert sum(one.credits for one in forecast(made)) == made.price.expected
    assert {one.address for one in forecast(made)} == {change.address for change in made.changes}


def test_every_step_that_calls_has_an_operation():
    assert set(OPERATIONS) == {kind for kind in StepKind if pool_of(kind) is Pool.API}
