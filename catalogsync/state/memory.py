"""A store that remembers nothing beyond its process: for tests, and for runs that are to keep no state."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Self

from catalogsync.errors import StateError, StateLockedError
from catalogsync.model.durations import with_sample
from catalogsync.model.files import CachedDigest
from catalogsync.model.spend import NoteCharges, Predict
from catalogsync.model.state import (
    Bind,
    Binding,
    Bury,
    ContentBinding,
    Intend,
    Intent,
    Note,
    NoteCredits,
    NoteDuration,
    NoteScope,
    Phase,
    ProductBinding,
    RenderBinding,
    Restore,
    RunEnded,
    RunStarted,
    Settle,
    State,
    Unbind,
    Write,
)
from catalogsync.state.digests import DigestCache
from catalogsync.state.owner import Owner, new_owner
from catalogsync.state.port import Say, intent_is_not_open, intent_is_open, lock_is_lost, not_an_outcome, run_is_unknown
from catalogsync.state.rows import ChargeRow, Clock, JournalRow, RunRow, utc_now


class MemoryStore:
    """A `Store` in memory. It may begin with a state that came from elsewhere."""

    def __init__(self, state: State | None = None, *, clock: Clock = utc_now) -> None:
        from uuid import uuid4

        state = state or State(lineage=str(uuid4()), serial=0)
        self._clock = clock
        self._serial = 0
        self._credits: int | None = None
        self._intents: dict[str, Intent] = {}
        self._journal: list[JournalRow] = []
        self._restore(state)
        self._journal.clear()
        self._durations = dict(state.durations)
        self._runs: dict[str, RunRow] = {}
        self._charges: dict[tuple[str, str, str], ChargeRow] = {}
        digests: dict[str, CachedDigest] = {}
        self._digests = DigestCache(digests.copy, digests.update)
        self._holder: Owner | None = None
        self._lost = False
        self._guard = threading.RLock()
        self._closed = False

    def load(self) -> State:
        with self._guard:
            self._refuse_closed()
            bindings = [self._bindings[address] for address in sorted(self._bindings)]
            return State(
                lineage=self._lineage,
                serial=self._serial,
                products={one.address: one for one in bindings if isinstance(one, ProductBinding)},
                contents={one.address: one for one in bindings if isinstance(one, ContentBinding)},
                renders={one.address: one for one in bindings if isinstance(one, RenderBinding)},
                intents=tuple(self._intents.values()),
                buried=frozenset(self._buried),
                credits_available=self._credits,
                catalog=self._scope[0],
                api_url=self._scope[1],
                plan_id=self._plan_id,
                durations=dict(self._durations),
            )

    def history(self, address: str | None = None) -> list[JournalRow]:
        self._refuse_closed()
        return [row for row in self._journal if address is None or row.address == address]

    def runs(self) -> list[RunRow]:
        self._refuse_closed()
        return list(self._runs.values())

    def charges(self, run_id: str | None = None) -> list[ChargeRow]:
        self._refuse_closed()
        order = list(self._runs)
        rows = [row for row in self._charges.values() if run_id in {None, row.run_id}]
        return sorted(rows, key=lambda row: (order.index(row.run_id), row.address, row.operation))

    def digests(self) -> DigestCache:
        return self._digests

    @contextmanager
    def lock(
        self,
        *,
        command: str,
        timeout: float = 0.0,  # noqa: ARG002 - the port's; see below
        say: Say | None = None,  # noqa: ARG002 - the same
    ) -> Iterator[None]:
        """Exclusive within the store. It never waits: the holder is in the same process and would wait for itself."""
        if self._holder:
            raise StateLockedError(
                f"The state in memory is locked by {self._holder.described(self._clock())}.",
                hint="Wait for it to end; --lock-timeout does not help inside one process.",
            )
        held = self._holder = new_owner(command, self._clock())
        try:
            yield
        finally:
            self._lost = False
            self._holder = None if self._holder is held else self._holder

    def owner(self) -> Owner | None:
        return self._holder

    def unlock(self) -> None:
        self._lost = self._holder is not None
        self._holder = None

    async def commit(self, *writes: Write) -> None:
        self.commit_now(*writes)

    def commit_now(self, *writes: Write) -> None:
        with self._guard:
            self._refuse_closed()
            if self._lost:
                raise lock_is_lost()
            self._refuse_impossible(writes)
            at = self._clock()
            changes = [self._apply(write, at) for write in writes]
            self._serial += any(changes)

    def close(self) -> None:
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StateError("The state in memory is closed.")

    def _refuse_impossible(self, writes: tuple[Write, ...]) -> None:
        """Goes through the writes before any is made, so that a commit is all or nothing."""
        open_ids = set(self._intents)
        run_ids = set(self._runs)
        for write in writes:
            match write:
                case Intend(intent) if intent.id in open_ids:
                    raise intent_is_open(intent.id)
                case Intend(intent):
                    open_ids.add(intent.id)
                case Settle(phase=Phase.INTENT):
                    raise not_an_outcome(write.phase)
                case Settle(intent_id) if intent_id not in open_ids:
                    raise intent_is_not_open(intent_id)
                case Settle(intent_id, Phase.DONE | Phase.FAILED):
                    open_ids.discard(intent_id)
                case Restore(state):
                    open_ids.update(intent.id for intent in state.intents)
                case RunStarted(run_id):
                    run_ids.add(run_id)
                case RunEnded(run_id) | NoteCharges(run_id) | Predict(run_id) if run_id not in run_ids:
                    raise run_is_unknown(run_id)
                case _:
                    pass

    def _apply(self, write: Write, at: str) -> bool:
        """True when the write changed what `serial` counts."""
        changed = True
        match write:
            case Bind(binding):
                changed = self._bindings.get(binding.address) != binding
                self._bindings[binding.address] = binding
            case Unbind(address):
                changed = self._bindings.pop(address, None) is not None
            case Bury(unicode):
                changed = unicode not in self._buried
                self._buried.add(unicode)
            case Intend(intent):
                self._intents[intent.id] = intent
                self._write_intent(intent)
            case Settle():
                changed = self._settle(write, at)
            case Restore(state):
                self._restore(state)
            case _:
                self._record(write, at)
                changed = False
        return changed

    def _record(
        self,
        write: Note | NoteCredits | NoteDuration | NoteScope | NoteCharges | Predict | RunStarted | RunEnded,
        at: str,
    ) -> None:
        match write:
            case Note(run_id, address, step, phase, detail):
                self._append(JournalRow(0, run_id, at, address, step, phase, detail=detail))
            case NoteCredits(available):
                self._credits = available
            case NoteDuration(kind, seconds):
                self._durations = with_sample(self._durations, kind, seconds)
            case NoteScope(catalog, api_url):
                self._scope = (catalog, api_url)
            case NoteCharges():
                self._note_charges(write)
            case Predict(run_id, charges):
                for charge in charges:
                    self._add(run_id, charge.address, charge.operation, predicted=charge.credits)
            case RunStarted(run_id, command, started_at, plan_id):
                self._plan_id = plan_id
                self._charges = {key: row for key, row in self._charges.items() if row.run_id != run_id}
                self._runs[run_id] = RunRow(run_id, command, started_at)
            case RunEnded(run_id, outcome, spent, ended_at):
                run = self._runs[run_id]
                self._runs[run_id] = replace(run, outcome=outcome, credits_spent=spent, ended_at=ended_at)

    def _note_charges(self, write: NoteCharges) -> None:
        for charge in write.charges:
            self._add(write.run_id, charge.address, charge.operation, charged=charge.credits)
        run = self._runs[write.run_id]
        spent = run.credits_spent + sum(charge.credits for charge in write.charges)
        before, after = run.balance_before, run.balance_after
        if write.available is not None:
            before, after = write.available + spent if before is None else before, write.available
        self._runs[write.run_id] = replace(run, credits_spent=spent, balance_before=before, balance_after=after)

    def _add(self, run_id: str, address: str, operation: str, *, predicted: int = 0, charged: int = 0) -> None:
        key = (run_id, address, operation)
        known = self._charges.get(key, ChargeRow(*key, 0, 0))
        self._charges[key] = replace(known, predicted=known.predicted + predicted, charged=known.charged + charged)

    def _restore(self, state: State) -> None:
        self._lineage = state.lineage
        self._serial = max(self._serial, state.serial)
        self._bindings: dict[str, Binding] = {**state.products, **state.contents, **state.renders}
        self._buried = set(state.buried)
        self._credits = state.credits_available
        self._scope = (state.catalog, state.api_url)
        self._plan_id = state.plan_id
        for intent in state.intents:
            if intent.id not in self._intents:
                self._intents[intent.id] = intent
                self._write_intent(intent)

    def _write_intent(self, intent: Intent) -> None:
        self._append(
            JournalRow(
                0, intent.run_id, intent.at, intent.address, intent.step, Phase.INTENT, intent.id, dict(intent.request)
            )
        )

    def _settle(self, write: Settle, at: str) -> bool:
        intent = self._intents[write.intent_id]
        self._append(
            JournalRow(0, intent.run_id, at, intent.address, intent.step, write.phase, intent.id, detail=write.detail)
        )
        if write.phase is Phase.UNKNOWN:
            return False
        del self._intents[write.intent_id]
        return True

    def _append(self, row: JournalRow) -> None:
        self._journal.append(replace(row, seq=len(self._journal) + 1))
