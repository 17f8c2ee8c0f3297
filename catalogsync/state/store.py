"""The state in one SQLite file. Opening, locking, reading; writing goes through the writer thread."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from catalogsync.errors import StateError
from catalogsync.model.files import CachedDigest
from catalogsync.model.state import State, Write
from catalogsync.state import ledger, tables
from catalogsync.state.backups import back_up, backup_path
from catalogsync.state.digests import DigestCache
from catalogsync.state.faults import damaged, of_sqlite, ours
from catalogsync.state.lock import Held, hold_file, owner_at, remove_lock
from catalogsync.state.owner import Owner
from catalogsync.state.port import Say, lock_is_lost
from catalogsync.state.rows import ChargeRow, Clock, JournalRow, RunRow, utc_now
from catalogsync.state.schema import connect, prepare
from catalogsync.state.writer import GroupWriter

T = TypeVar("T")
_MAGIC = b"SQLite format 3\x00"
_OWN_FOLDER = ".catalogsync"


class StateStore:
    """The state in a file (docs/state.md). See `Store` in port.py for what each method promises."""

    def __init__(self, connection: sqlite3.Connection, path: Path, clock: Clock) -> None:
        self.path = path
        self._connection = connection
        self._clock = clock
        self._guard = threading.Lock()
        self._writer = GroupWriter(connection, self._guard, partial(of_sqlite, path=path))
        self._digests = DigestCache(partial(self._read, tables.digests), self._write_digests)
        self._held: Held | None = None
        self._closed = False

    @classmethod
    def open(cls, path: Path, *, create: bool = True, clock: Clock = utc_now) -> Self:
        """Opens the file, making it and its folder when they are missing and `create` allows it.

        Raises StateError (damaged, of a newer format, not writable, not there), StorageFullError.
        """
        with ours(path):
            _make(path) if create else _must_be_there(path)
            unclean = _look_at(path)
            connection = connect(path)
            try:
                prepare(connection, path, unclean=unclean)
            except BaseException:
                connection.close()
                raise
        return cls(connection, path, clock)

    def load(self) -> State:
        """Raises StateError when the file is damaged."""
        return self._read(tables.load)

    def history(self, address: str | None = None) -> list[JournalRow]:
        return self._read(lambda connection: tables.history(connection, address))

    def runs(self) -> list[RunRow]:
        return self._read(tables.runs)

    def charges(self, run_id: str | None = None) -> list[ChargeRow]:
        return self._read(lambda connection: ledger.charges(connection, run_id))

    @contextmanager
    def lock(self, *, command: str, timeout: float = 0.0, say: Say | None = None) -> Iterator[None]:
        """Exclusive across processes, and across machines that share the file (see lock.py).

        Its token is in the file as well: a transaction of who lost the lock finds another there, and is refused.

        `timeout` is in seconds; `say` is told once for whom it waits, and from whom it takes over.
        Raises StateLockedError when the lock is still held at the end of `timeout`.
        """
        self._refuse_closed()
        with (
            hold_file(self.path, command=command, timeout=timeout, say=say, clock=self._clock) as held,
            self.holding(held),
        ):
            yield

    @contextmanager
    def holding(self, held: Held) -> Iterator[None]:
        """Write under a lock that was taken before this file was opened."""
        self._writer.run(partial(tables.put_token, token=held.token))
        self._held = held
        try:
            yield
        finally:
            self._held = None

    def check(self) -> None:
        """Read every page. Raises StateDamagedError when one of them makes no sense."""
        self.load()
        answer = self._read(lambda connection: connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        if answer != "ok":
            raise damaged(self.path, answer)

    def owner(self) -> Owner | None:
        return owner_at(self.path)

    def unlock(self) -> None:
        """Break the lock. Who holds it is stopped at its next write, by the token that this leaves in the file."""
        remove_lock(self.path)
        with hold_file(self.path, command="catalogsync state unlock", clock=self._clock) as held:
            self._writer.run(partial(tables.put_token, token=held.token))

    def back_up(self, what: str) -> Path:
        """A copy of the file beside it (see backups.py). Raises StateError, StorageFullError."""
        self._refuse_closed()
        with self._guard, ours(self.path):
            target = backup_path(self.path, what, self._clock)
            back_up(self._connection, target)
        return target

    async def commit(self, *writes: Write) -> None:
        """Durable when it returns. Raises StateError, StorageFullError; then nothing of these writes is kept."""
        self._refuse_closed()
        await self._writer.submit(self._work(writes))

    def commit_now(self, *writes: Write) -> None:
        """The same as `commit`, for code without an event loop: it blocks until the writes are durable."""
        self._refuse_closed()
        self._writer.run(self._work(writes))

    def digests(self) -> DigestCache:
        return self._digests

    def close(self) -> None:
        """Finishes pending writes, folds the write-ahead log into the file and closes it. Closing twice is fine."""
        if self._closed:
            return
        with suppress(StateError):  # digests that are not kept cost a hash, and must not hide how the run ended
            self._digests.flush()
        self._closed = True
        self._writer.stop()
        with self._guard:
            _checkpoint_and_close(self._connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _work(self, writes: tuple[Write, ...]) -> Callable[[sqlite3.Connection], None]:
        held = self._held
        if held is None:
            return partial(tables.apply_writes, writes=writes, at=self._clock())
        return partial(self._apply_if_held, writes=writes, at=self._clock(), held=held)

    def _apply_if_held(self, connection: sqlite3.Connection, writes: tuple[Write, ...], at: str, held: Held) -> None:
        if held.lost or tables.token(connection) != held.token:
            now = owner_at(self.path)
            raise lock_is_lost("" if now is None or now.token == held.token else now.described(at))
        tables.apply_writes(connection, writes, at)

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StateError(f"The state {self.path} is closed.")

    def _write_digests(self, digests: Mapping[str, CachedDigest]) -> None:
        self._refuse_closed()
        self._writer.run(partial(tables.put_digests, digests=digests))

    def _read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        self._refuse_closed()
        with self._guard, ours(self.path), _one_look(self._connection):
            try:
                return query(self._connection)
            except (ValueError, KeyError, TypeError) as error:
                raise damaged(self.path, f"a row in it is not understood ({error})") from error


@contextmanager
def _one_look(connection: sqlite3.Connection) -> Iterator[None]:
    """A read transaction: every query inside sees the file as it is now, whatever another process writes."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _checkpoint_and_close(connection: sqlite3.Connection) -> None:
    with suppress(sqlite3.Error):  # what is durable in the log stays there, and the next open folds it in
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _must_be_there(path: Path) -> None:
    if not path.exists():
        raise StateError(
            f"There is no state at {path}.",
            hint="`catalogsync apply` makes it; CATALOGSYNC_STATE names another place.",
        )


def make_folder(path: Path) -> None:
    """For the file of a state and for its lock. Raises StateError, StorageFullError."""
    folder = path.parent
    with ours(path):
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)  # another process may be making it as well
            if folder.name == _OWN_FOLDER:
                (folder / ".gitignore").write_text("*\n")


def _make(path: Path) -> None:
    make_folder(path)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _look_at(path: Path) -> bool:
    """True when the file was not closed cleanly, or is open elsewhere. Refuses what is not a SQLite file."""
    log = path.with_name(path.name + "-wal")
    unclean = log.exists() and log.stat().st_size > 0
    with path.open("rb") as file:
        head = file.read(len(_MAGIC))
    if head == b"" and unclean:
        raise damaged(path, "it is empty, but the log of its last changes is beside it")
    if head not in (b"", _MAGIC):
        raise damaged(path, "it is not a state file" if len(head) == len(_MAGIC) else "it is cut off")
    return unclean
