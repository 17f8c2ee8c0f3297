"""The tables, their format number, and the way from an older format to this one.

A new format is: FORMAT + 1, the new TABLES, and one function under the old number in MIGRATIONS.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from catalogsync.errors import StateError
from catalogsync.state import ledger
from catalogsync.state.backups import back_up, backup_path
from catalogsync.state.faults import damaged, no_write_ahead_log
from catalogsync.state.lock import hold_file

FORMAT = 2
APPLICATION_ID = 0x63747379  # "ctsy"; `file` and SQLite's own tools show it
BUSY_SECONDS = 5.0
CHECKED_BYTES = 2 << 20  # quick_check reads the whole file: a few ms up to here

TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID",
    "CREATE TABLE bindings (address TEXT PRIMARY KEY, kind TEXT NOT NULL, data TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE buried (unicode TEXT PRIMARY KEY) WITHOUT ROWID",
    """CREATE TABLE journal (
        seq INTEGER PRIMARY KEY, run_id TEXT NOT NULL, at TEXT NOT NULL, address TEXT NOT NULL, step TEXT NOT NULL,
        phase TEXT NOT NULL, intent_id TEXT NOT NULL, request TEXT NOT NULL, detail TEXT NOT NULL,
        open INTEGER NOT NULL)""",
    # Only open intents are in the index: finding them costs the same however long the journal has become.
    "CREATE UNIQUE INDEX open_intents ON journal (intent_id) WHERE open = 1",
    """CREATE TABLE runs (
        seq INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, command TEXT NOT NULL, started_at TEXT NOT NULL,
        ended_at TEXT NOT NULL, outcome TEXT NOT NULL, credits_spent INTEGER NOT NULL)""",
    # An inode may need all 64 bits, one more than SQLite's integers have: it is kept as text.
    """CREATE TABLE files (
        path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode TEXT NOT NULL,
        sha256 TEXT NOT NULL, hashed_at_ns INTEGER NOT NULL) WITHOUT ROWID""",
    *ledger.TABLES,
)

Migration = Callable[[sqlite3.Connection], None]


def _to_format_2(connection: sqlite3.Connection) -> None:
    """What runs are charged is kept by address and operation."""
    for statement in ledger.TABLES:
        connection.execute(statement)


MIGRATIONS: Mapping[int, Migration] = {1: _to_format_2}  # from this format to the next


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode, shared by threads that take turns. Raises sqlite3.Error."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
    except BaseException:
        connection.close()
        raise
    return connection


def prepare(connection: sqlite3.Connection, path: Path, *, unclean: bool) -> None:
    """Makes the tables in a new file, brings an old one up to date, refuses what is not ours. Raises StateError."""
    version = _version(connection)
    fresh = version == 0 and _is_empty(connection)
    if not fresh:
        _refuse_foreign(connection, path, version)
    _write_ahead(connection, path)
    if fresh:
        _create(connection)
    elif version < FORMAT:
        _migrate(connection, path, version)
    if unclean and path.stat().st_size <= CHECKED_BYTES:
        _check(connection, path)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None


def _refuse_foreign(connection: sqlite3.Connection, path: Path, version: int) -> None:
    if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
        raise StateError(
            f"{path} is a database of another program, not a state of catalogsync.",
            hint="CATALOGSYNC_STATE names the place of the state.",
        )
    if version > FORMAT:
        raise StateError(
            f"The state {path} has format {version}; this catalogsync reads formats up to {FORMAT}.",
            hint=f"Upgrade catalogsync. To go back to the older one instead, restore the copy that was made before "
            f"the upgrade ({path}.backup-{FORMAT}-...), if there is one.",
        )


def _write_ahead(connection: sqlite3.Connection, path: Path) -> None:
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise no_write_ahead_log(path, "it offers no write-ahead log")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")  # macOS needs it for a write to be on the disk; nothing elsewhere


def _create(connection: sqlite3.Connection) -> None:
    import uuid  # once in the life of a state

    with transaction(connection):
        if not _is_empty(connection):  # another process was faster
            return
        for statement in TABLES:
            connection.execute(statement)
        connection.executemany("INSERT INTO meta VALUES (?, ?)", [("lineage", str(uuid.uuid4())), ("serial", 0)])
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")


def _migrate(connection: sqlite3.Connection, path: Path, version: int) -> None:
    with hold_file(path, command="migrating the state"):
        if _version(connection) == FORMAT:  # another process was faster
            return
        back_up(connection, backup_path(path, str(version)))
        with transaction(connection):
            for number in range(_version(connection), FORMAT):
                MIGRATIONS[number](connection)
            connection.execute(f"PRAGMA user_version = {FORMAT}")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """After an unclean end only, and only for a small file: see docs/decisions/0003-state-store.md."""
    answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        raise damaged(path, answer)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """A write transaction: committed at the end, rolled back on any error, which passes on."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has already rolled it back
            connection.execute("ROLLBACK")
        raise
