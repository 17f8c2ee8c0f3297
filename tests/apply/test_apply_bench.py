"""The workbench: what is remembered while a run goes on, and who may submit renders at the same time."""

from __future__ import annotations

import asyncio

import pytest

from catalogsync.apply.bench import Bench, Memory
from catalogsync.errors import CatalogSyncError, StorageFullError
from catalogsync.model.outputs import Progress
from catalogsync.model.state import (
    Bind,
    Binding,
    Bury,
    ContentBinding,
    Intend,
    Intent,
    Note,
    NoteCredits,
    Origin,
    Phase,
    ProductBinding,
    RenderBinding,
    Settle,
    Stage,
    State,
    Unbind,
    Write,
)

PRODUCT = ProductBinding("product.A", "u1", Origin.CREATED, Stage.FINALIZED, {"sku_id": "A"})
CONTENT = ContentBinding("content.A", "u1", {})
RENDER = RenderBinding("render.room", "r1", "mark", ("A",), Progress.RUNNING, "")
CREATE = Intent("i1", "run", "product.A", "create", {"sku_id": "A"}, "")


class Journal:
    """Keeps what it is given; `full` plays a disk without room."""

    def __init__(self) -> None:
        self.writes: list[Write] = []
        self.full = False

    async def commit(self, *writes: Write) -> None:
        if self.full:
            raise StorageFullError("no room")
        self.writes += writes


def memory_of(state: State | None = None) -> tuple[Memory, Journal]:
    journal = Journal()
    return Memory(state or State("lineage", 1), journal), journal


def remembered(memory: Memory) -> list[Binding]:
    return [*memory.products.values(), *memory.contents.values(), *memory.renders.values()]


def test_it_begins_with_the_state() -> None:
    state = State(
        "lineage", 1, {"product.A": PRODUCT}, {"content.A": CONTENT}, {"render.room": RENDER}, intents=(CREATE,)
    )
    memory, _ = memory_of(state)
    assert remembered(memory) == [PRODUCT, CONTENT, RENDER]
    assert memory.open_intents("product.A", "create") == [CREATE]


@pytest.mark.parametrize("binding", [PRODUCT, CONTENT, RENDER], ids=lambda binding: binding.address)
def test_a_binding_is_seen_at_once_and_forgotten_again(binding: Binding) -> None:
    memory, journal = memory_of()
    asyncio.run(memory.commit(Bind(binding)))
    assert remembered(memory) == [binding]
    asyncio.run(memory.commit(Unbind(binding.address), Unbind("product.never-there")))
    assert remembered(memory) == []
    assert journal.writes == [Bind(binding), Unbind(binding.address), Unbind("product.never-there")]


@pytest.mark.parametrize(
    ("phase", "still_open"),
    [(Phase.DONE, False), (Phase.FAILED, False), (Phase.UNKNOWN, True), (Phase.INTENT, True)],
)
def test_an_intent_is_open_until_its_outcome_is_known(phase: Phase, still_open: bool) -> None:
    memory, _ = memory_of()
    asyncio.run(memory.commit(Intend(CREATE)))
    asyncio.run(memory.commit(Settle("i1", phase)))
    assert bool(memory.open_intents("product.A", "create")) is still_open


def test_open_intents_are_those_of_the_address_and_the_step() -> None:
    others = [Intent("i2", "run", "product.B", "create", {}, ""), Intent("i3", "run", "product.A", "delete", {}, "")]
    memory, _ = memory_of()
    asyncio.run(memory.commit(*(Intend(intent) for intent in (CREATE, *others))))
    assert memory.open_intents("product.A", "create") == [CREATE]
    assert memory.settled("product.A", "create", Phase.DONE, "u1") == (Settle("i1", Phase.DONE, "u1"),)
    assert memory.settled("product.C", "create", Phase.DONE, "") == ()


def test_what_is_only_for_the_record_goes_to_the_journal_alone() -> None:
    memory, journal = memory_of()
    writes = (Bury("u1"), NoteCredits(5), Note("run", "product.A", "upload", Phase.DONE))
    asyncio.run(memory.commit(*writes))
    assert remembered(memory) == []
    assert tuple(journal.writes) == writes


def test_an_address_that_is_not_bound_is_said_so() -> None:
    memory, _ = memory_of()
    with pytest.raises(CatalogSyncError, match=r"product\.A is not bound"):
        memory.product("product.A")


def test_what_cannot_be_made_durable_is_told() -> None:
    memory, journal = memory_of()
    journal.full = True
    with pytest.raises(StorageFullError):
        asyncio.run(memory.commit(Bind(PRODUCT)))


def a_bench() -> Bench:
    memory, _ = memory_of()
    return Bench(None, memory, "run-1", now=lambda: "noon", new_id=lambda: "id-1", report=print)  # type: ignore[arg-type]


def test_an_intent_carries_its_run_and_its_time() -> None:
    assert a_bench().intent("product.A", "create", {"sku_id": "A"}) == Intent(
        "id-1", "run-1", "product.A", "create", {"sku_id": "A"}, "noon"
    )


@pytest.mark.parametrize(
    ("skus", "most"),
    [
        ([("A",), ("A",), ("A",)], 1),
        ([("A",), ("B",), ("C",)], 3),
        ([("A", "B"), ("B", "A")], 1),
        ([("A", "B"), ("B", "C"), ("C", "A")], 1),
        ([("A", "A"), ("B",)], 2),
    ],
    ids=["the same SKU", "different ones", "in another order", "in a ring", "one named twice"],
)
def test_submissions_that_share_a_sku_go_one_at_a_time(skus: list[tuple[str, ...]], most: int) -> None:
    bench, running, seen = a_bench(), 0, []

    async def submit(held: tuple[str, ...]) -> None:
        nonlocal running
        async with bench.holding_skus(held):
            running += 1
            seen.append(running)
            for _ in range(3):
                await asyncio.sleep(0)
            running -= 1

    async def all_of_them() -> None:
        await asyncio.gather(*(submit(held) for held in skus))

    asyncio.run(all_of_them())
    assert max(seen) == most
    assert len(seen) == len(skus)


def test_a_submission_that_fails_lets_the_next_one_go() -> None:
    bench = a_bench()

    async def twice() -> str:
        with pytest.raises(CatalogSyncError):
            async with bench.holding_skus(("A",)):
                raise CatalogSyncError("refused")
        async with bench.holding_skus(("A",)):
            return "went"

    assert asyncio.run(twice()) == "went"
