"""A remote with a product A, a state, and one step of a change at a time: for tests of single steps."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest
from fake_remote import FakeRemote, Held

from catalogsync.apply.bench import Bench, Memory, Result
from catalogsync.apply.performers import PERFORMERS
from catalogsync.errors import CatalogSyncError
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import RemoteProduct, UploadForm
from catalogsync.model.state import Bind, ContentBinding, Origin, OutputRecord, ProductBinding, RenderBinding, Stage
from catalogsync.plan.changes import Change
from catalogsync.plan.steps import StepKind
from catalogsync.state import MemoryStore

FORM = UploadForm("bucket", (("key", "u-A/model"),))
BINDING = ProductBinding("product.A", "u-A", Origin.CREATED, Stage.FINALIZED, {"sku_id": "A", "gtin": "1"})
RUNNING = ContentBinding("content.A", "u-A", {"ar": OutputRecord("sha", Progress.RUNNING)})
ROOM = RenderBinding("render.room", "r1", "mark", ("A",), Progress.RUNNING, "")


class World:
    """`told` are the events, `slept` the pauses in seconds. Keywords are those of FakeRemote."""

    def __init__(self, *bindings: Any, finished: bool = True, **remote: Any) -> None:
        self.remote = FakeRemote(**remote)
        product = RemoteProduct("u-A", "A", "1", "", "")
        self.remote.held["u-A"] = Held(product, finished=finished)
        self.store = MemoryStore()
        self.store.commit_now(*(Bind(binding) for binding in bindings))
        self.told: list[Any] = []
        self.slept: list[float] = []
        ids = itertools.count()
        memory = Memory(self.store.load(), self.store)
        self.bench = Bench(self.remote, memory, "run", _noon, lambda: f"i{next(ids)}", self.told.append, self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def act(self, kind: StepKind, change: Change) -> Result:
        return asyncio.run(PERFORMERS[kind](self.bench, change))

    def refuses(self, kind: StepKind, change: Change) -> CatalogSyncError:
        with pytest.raises(CatalogSyncError) as caught:
            self.act(kind, change)
        return caught.value

    def held(self) -> RemoteProduct:
        return self.remote.held["u-A"].product

    def held_jobs(self) -> dict[str, int]:
        return dict(self.remote.held["u-A"].jobs)


def _noon() -> str:
    return "2026-01-01T12:00:00Z"
