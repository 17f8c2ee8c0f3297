"""The workbench of the step performers: the remote, what is remembered as of now, and the journal behind it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from catalogsync.apply.drafts import Drafts, Effect
from catalogsync.errors import CatalogSyncError
from catalogsync.model.durations import sample_of, with_sample
from catalogsync.model.events import ChangeRecovered
from catalogsync.model.outputs import unknown_words
from catalogsync.model.state import (
    Bind,
    Bury,
    ContentBinding,
    Intend,
    Intent,
    NoteDuration,
    Phase,
    ProductBinding,
    RenderBinding,
    Settle,
    State,
    Unbind,
    Write,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from catalogsync.apply.ledger import Ledger
    from catalogsync.apply.ports import Journal, Remote, Reporter
    from catalogsync.model.charges import Payer
    from catalogsync.plan.changes import Change


class Memory:
    """The state as of now. A commit is seen at once by later reads and returns when it is durable; one that cannot be
    made durable is taken back, so that nothing here says more than the journal.

    Each commit also keeps what the ledger has: a run that is killed is known to have spent all up to its last one.
    """

    def __init__(
        self, state: State, journal: Journal, ledger: Ledger | None = None, now: Callable[[], str] = lambda: ""
    ) -> None:
        self.products = dict(state.products)
        self.contents = dict(state.contents)
        self.renders = dict(state.renders)
        self.intents = {intent.id: intent for intent in state.intents}
        self.durations = dict(state.durations)  # grows while jobs end
        self._drafts = Drafts()
        self._journal = journal
        self._ledger = ledger
        self._now = now

    async def commit(self, *writes: Write) -> None:
        """What the remote has just said. Raises StorageFullError and StateError when it cannot be made durable."""
        at = self._now()
        await self.take(*(Bind(replace(one.binding, seen_at=at)) if isinstance(one, Bind) else one for one in writes))

    async def take(self, *writes: Write) -> None:
        """What is as old as it says it is. Raises as `commit`."""
        effects = []
        for write in writes:
            for effect in self._effects(write):
                self._drafts.put(effect)
                effects.append(effect)
        kept = True  # also for who stops waiting: once handed in, writes are made
        try:
            await self._keep(writes)
        except CatalogSyncError:
            kept = False
            raise
        finally:
            for effect in effects:
                self._drafts.settled(effect, kept=kept)

    async def keep_charges(self) -> None:
        """Make durable what was charged since the last commit. Raises as `commit`."""
        await self._keep(())

    def payer(self, address: str) -> Payer | None:
        """Who takes the charges of what is done for an address."""
        return None if self._ledger is None else self._ledger.payer(address)

    async def _keep(self, writes: tuple[Write, ...]) -> None:
        charges = () if self._ledger is None else self._ledger.due()
        if not writes and not charges:
            return
        try:
            await self._journal.commit(*writes, *charges)
        except CatalogSyncError:
            if self._ledger is not None:
                self._ledger.put_back(charges)
            raise

    def _effects(self, write: Write) -> Iterator[Effect]:
        match write:
            case Bind(ProductBinding() as product):
                yield self.products, product.address, product
            case Bind(ContentBinding() as content):
                yield self.contents, content.address, content
            case Bind(RenderBinding() as render):
                yield self.renders, render.address, render
            case Unbind(address):
                yield from ((table, address, None) for table in (self.products, self.contents, self.renders))
            case Intend(intent):
                yield self.intents, intent.id, intent
            case Settle(intent_id, phase) if phase in {Phase.DONE, Phase.FAILED}:
                yield self.intents, intent_id, None
            case NoteDuration(kind, seconds):
                yield self.durations, kind, with_sample(self.durations, kind, seconds)[kind]
            case Settle() | Bury() | _:
                pass

    def product(self, address: str) -> ProductBinding:
        """Raises CatalogSyncError when the address is not bound: its own change did not come this far."""
        binding = self.products.get(address)
        if binding is None:
            raise CatalogSyncError(f"{address} is not bound to a remote product.")
        return binding

    def open_intents(self, address: str, step: str, unicode: str = "") -> list[Intent]:
        """Of an address, or of this product under whatever address it had when the call was sent."""
        of_step = (intent for intent in self.intents.values() if intent.step == step)
        return [
            intent
            for intent in of_step
            if intent.address == address or (unicode and intent.request.get("unicode") == unicode)
        ]

    def settled(self, address: str, step: str, phase: Phase, detail: str, unicode: str = "") -> tuple[Settle, ...]:
        """Writes that settle every open intent of a step of an address, or of a product."""
        return tuple(Settle(intent.id, phase, detail) for intent in self.open_intents(address, step, unicode))


@dataclass(slots=True)
class Bench:
    """What every performer gets. `now` is the time in ISO 8601 (UTC); `new_id` makes unique intent ids."""

    remote: Remote
    memory: Memory
    run_id: str
    now: Callable[[], str]
    new_id: Callable[[], str]
    report: Reporter
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    settle_time: float = 15.0  # seconds in which the effect of an unanswered call is expected to show
    floor: float = 0.0  # seconds after its submission before which a job is not looked at
    _told_words: set[str] = field(default_factory=set)
    _running_at: dict[str, str] = field(default_factory=dict)  # when each job was last known to be running, by address
    _sku_locks: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    def intent(self, address: str, step: str, request: Mapping[str, str]) -> Intent:
        return Intent(self.new_id(), self.run_id, address, step, request, self.now())

    def runs_still(self, address: str) -> None:
        """Its job was submitted just now, or seen running."""
        self._running_at[address] = self.now()

    def duration(self, address: str, kind: str, requested_at: str) -> tuple[NoteDuration, ...]:
        """What a job that was just seen done teaches; nothing when this run did not watch it."""
        times = [_seconds(at) for at in (requested_at, self._running_at.get(address, ""), self.now())]
        requested, running, done = times
        if requested is None or running is None or done is None or not requested <= running <= done:
            return ()
        return (NoteDuration(kind, sample_of(running - requested, done - requested)),)

    def tell_unknown_words(self, address: str, *said: str) -> None:
        """Each status word that is not documented, once in a run: it may be why a wait never ends."""
        for word in {word for words in said for word in unknown_words(words)} - self._told_words:
            self._told_words.add(word)
            message = f"the remote says {word!r}, a status that is not documented; it counts as in progress"
            self.report(ChangeRecovered(address, message))

    def holding_skus(self, sku_ids: tuple[str, ...]) -> AbstractAsyncContextManager[None]:
        """One submission at a time for each SKU, so that a lost answer can be told from its neighbours."""
        return self._hold(sorted(set(sku_ids)))

    @asynccontextmanager
    async def _hold(self, sku_ids: list[str]) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for sku_id in sku_ids:
                await stack.enter_async_context(self._sku_locks[sku_id])
            yield


def _seconds(at: str) -> float | None:
    try:
        return datetime.fromisoformat(at).timestamp()
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Done:
    """The step is done."""


@dataclass(frozen=True, slots=True)
class NotReady:
    """The remote is still at work: look again later."""


@dataclass(frozen=True, slots=True)
class Restart:
    """The change has to begin anew in another form."""

    change: Change
    why: str


Result = Done | NotReady | Restart
