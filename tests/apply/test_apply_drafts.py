"""What a run remembers never says more than the journal: what could not be kept is taken back."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace

import pytest

from catalogsync.apply.bench import Memory
from catalogsync.errors import StorageFullError
from catalogsync.model.outputs import Progress
from catalogsync.model.state import (
    Bind,
    ContentBinding,
    Intend,
    Intent,
    NoteDuration,
    Origin,
    Phase,
    ProductBinding,
    RenderBinding,
    Settle,
    Stage,
    State,
    Unbind,
)

PRODUCT = ProductBinding("product.A", "u-A", Origin.CREATED, Stage.CREATED, {"sku_id": "A"})
CONTENT = ContentBinding("content.A", "u-A", {})
RENDER = RenderBinding("render.room", "r1", "mark", ("A",), Progress.RUNNING, "")
INTENT = Intent("i-1", "run", "product.A", "create", {}, "now")


class Journal:
    """Commits wait here until the test keeps the oldest of them, or refuses it."""

    def __init__(self) -> None:
        self.waiting: deque[asyncio.Future[None]] = deque()

    async def commit(self, *_) -> None:
        future = asyncio.get_running_loop().create_future()
        self.waiting.append(future)
        await future

    def keep(self) -> None:
        self.waiting.popleft().set_result(None)

    def refuse(self) -> None:
        self.waiting.popleft().set_exception(StorageFullError("no room"))


def said(memory: Memory) -> tuple:
    return memory.products, memory.contents, memory.renders, memory.intents, memory.durations


STATE = State(
    "l",
    1,
    products={"product.A": PRODUCT},
    contents={"content.A": CONTENT},
    renders={"render.room": RENDER},
    intents=(INTENT,),
    durations={"ar": (5.0,)},
)
WRITES = {
    "bind anew": Bind(replace(PRODUCT, address="product.B")),
    "bind another value": Bind(replace(PRODUCT, stage=Stage.FINALIZED)),
    "bind content": Bind(replace(CONTENT, unicode="v")),
    "bind a render": Bind(replace(RENDER, progress=Progress.DONE)),
    "unbind": Unbind("product.A"),
    "unbind what is not there": Unbind("product.Z"),
    "intend": Intend(replace(INTENT, id="i-2")),
    "settle": Settle("i-1", Phase.DONE),
    "learn how long a job takes": NoteDuration("ar", 9.0),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_write_is_seen_at_once_and_gone_when_it_could_not_be_kept(write):
    async def run() -> None:
        journal = Journal()
        memory = Memory(STATE, journal)
        before = said(Memory(STATE, journal))
        task = asyncio.create_task(memory.take(write, write))
        await asyncio.sleep(0)
        assert (said(memory) == before) is (write == Unbind("product.Z"))
        journal.refuse()
        with pytest.raises(StorageFullError):
            await task
        assert said(memory) == before

    asyncio.run(run())


@pytest.mark.parametrize(
    ("kept", "stage", "uploaded"),
    [
        ((True, True), Stage.FINALIZED, True),
        ((False, False), Stage.CREATED, False),
        ((False, True), Stage.FINALIZED, True),
        ((True, False), Stage.CREATED, True),
    ],
)
def test_of_two_commits_under_way_the_last_one_that_was_kept_counts(kept, stage, uploaded):
    """The second was made from what the first said."""

    async def run() -> None:
        journal = Journal()
        memory = Memory(STATE, journal)
        first = asyncio.create_task(memory.take(Bind(replace(PRODUCT, model_uploaded=True))))
        await asyncio.sleep(0)
        assert memory.products["product.A"].model_uploaded
        second = asyncio.create_task(memory.take(Bind(replace(memory.product("product.A"), stage=Stage.FINALIZED))))
        await asyncio.sleep(0)
        for one in kept:
            journal.keep() if one else journal.refuse()
        await asyncio.gather(first, second, return_exceptions=True)
        now = memory.products["product.A"]
        assert (now.stage, now.model_uploaded) == (stage, uploaded)

    asyncio.run(run())


def test_a_commit_whose_caller_stops_waiting_is_made_all_the_same():
    async def run() -> None:
        memory = Memory(STATE, Journal())
        task = asyncio.create_task(memory.take(Bind(replace(PRODUCT, stage=Stage.FINALIZED))))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert memory.products["product.A"].stage is Stage.FINALIZED

    asyncio.run(run())
