"""The port of a store: what every state backend promises. `tests/contracts/test_store.py` holds each one to it.

- `commit` is all or nothing, and durable when it returns; commits keep their order.
- `serial` grows by one for each commit that changed a binding, a burial or an open intent; never for notes, runs and
  credits, nor for a commit that changed nothing.
- `Intend` refuses an id that is open, `Settle` one that is not, `RunEnded`, `NoteCharges` and `Predict` a run that was
  never started: StateError.
- The journal only grows: settling an intent adds a row beside the intent's own.
- Inside `lock` nothing is written any more once `unlock` broke that lock, or another took it over: StateLockedError.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from catalogsync.errors import StateError, StateLockedError
from catalogsync.model.files import CachedDigest
from catalogsync.model.state import Phase, State, Write
from catalogsync.state.owner import Owner
from catalogsync.state.rows import ChargeRow, JournalRow, RunRow

Say = Callable[[str], None]


class DigestCacheView(Protocol):
    """Digests of files by path. `put` only collects; `flush` writes what was collected, in one transaction."""

    def get(self, path: str) -> CachedDigest | None: ...
    def put(self, path: str, entry: CachedDigest) -> None: ...
    def flush(self) -> None: ...


class Store(Protocol):
    """See the module. `lock` raises StateLockedError when another holds it after `timeout` seconds; `say` is told for
    whom it waits, once, and from whom it takes over. `owner` is who holds the lock, or died with it.
    """

    def load(self) -> State: ...
    def lock(self, *, command: str, timeout: float = 0.0, say: Say | None = None) -> AbstractContextManager[None]: ...
    def owner(self) -> Owner | None: ...
    def unlock(self) -> None: ...
    async def commit(self, *writes: Write) -> None: ...
    def commit_now(self, *writes: Write) -> None: ...
    def digests(self) -> DigestCacheView: ...
    def history(self, address: str | None = None) -> list[JournalRow]: ...
    def runs(self) -> list[RunRow]: ...
    def charges(self, run_id: str | None = None) -> list[ChargeRow]: ...
    def close(self) -> None: ...


def intent_is_open(intent_id: str) -> StateError:
    return StateError(f"The journal already holds an open intent {intent_id!r}.")


def intent_is_not_open(intent_id: str) -> StateError:
    return StateError(f"The journal holds no open intent {intent_id!r} to settle.")


def not_an_outcome(phase: Phase) -> StateError:
    return StateError(f"An intent cannot be settled as {phase.value!r}.")


def lock_is_lost(taken_by: str = "") -> StateLockedError:
    """`taken_by` describes who has the lock now, "" when that is not known."""
    return StateLockedError(
        f"The lock of the state is no longer held by this run{f': {taken_by} has it' if taken_by else ''}. "
        "Nothing more is written; what was saved before stays true.",
        hint="`catalogsync state unlock` broke it, or this process stood still for longer than its lease. "
        "Run the command again when the other has ended.",
    )


def run_is_unknown(run_id: str) -> StateError:
    return StateError(f"No run {run_id!r} was started, so it cannot end.")
