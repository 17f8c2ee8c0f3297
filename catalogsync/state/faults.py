"""Where foreign errors of the store become ours: each names the file, what is not lost, and the way out."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalogsync.errors import CatalogSyncError, StateDamagedError, StateError, StateLockedError, StorageFullError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_SHORT_CODE = 0xFF  # SQLite's extended result codes keep the plain one in their low byte
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_CLOSED_TO_US = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}
_DISK = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOLFS}
_TRANSFER = {  # of SQLITE_IOERR those that a working file system gives too: a limit on file sizes, a failing disk
    sqlite3.SQLITE_IOERR_READ,
    sqlite3.SQLITE_IOERR_SHORT_READ,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_DIR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
}


def damaged(path: Path, why: str) -> StateDamagedError:
    """The file cannot be trusted."""
    return StateDamagedError(
        f"The state {path} cannot be read: {why}. Nothing on the remote is lost.",
        hint=f"Restore a copy of it, or run `catalogsync state rebuild`: it keeps the file and finds your products "
        f"again by sku_id and gtin. So does the next apply when you move it away (mv {path} {path}.damaged).",
    )


def full(path: Path) -> StorageFullError:
    return StorageFullError(
        f"There is no room left on the disk for the state {path}. What was saved before stays true.",
        hint="Free some space and run the same command again.",
    )


def closed_to_us(path: Path, why: str) -> StateError:
    return StateError(
        f"The state {path} cannot be opened for writing: {why}.",
        hint=f"The folder {path.parent} and the file must be writable by the user who runs catalogsync; "
        "CATALOGSYNC_STATE names another place.",
    )


def no_write_ahead_log(path: Path, why: str) -> StateError:
    return StateError(
        f"The file system of {path} cannot hold a state: {why}. Network shares often cannot.",
        hint="Put the state on a local disk: CATALOGSYNC_STATE names the place.",
    )


def disk_failed(path: Path, why: str) -> StateError:
    return StateError(
        f"The state {path} could not be read or written: {why}. What was saved before stays true.",
        hint="Look at the disk, its quota and the limit on file sizes (ulimit -f), then run the same command again.",
    )


def of_sqlite(error: sqlite3.Error, path: Path) -> CatalogSyncError:
    """Our error for one of SQLite's. Its sentence is a help where the code is missing."""
    text = str(error)
    extended = getattr(error, "sqlite_errorcode", 0)
    code = extended & _SHORT_CODE
    if code == sqlite3.SQLITE_FULL or "disk is full" in text:
        return full(path)
    if code in _BUSY:
        return StateLockedError(
            f"Another process is writing to the state {path}.", hint="Run the command again when it has ended."
        )
    if code in _CLOSED_TO_US:
        return closed_to_us(path, text)
    if extended in _TRANSFER:
        return disk_failed(path, text)
    if code in _DISK:
        return no_write_ahead_log(path, text)
    return damaged(path, text)


def of_system(error: OSError, path: Path) -> CatalogSyncError:
    """Our error for one of the operating system's."""
    if error.errno in _NO_ROOM:
        return full(path)
    return closed_to_us(path, error.strerror or str(error))


@contextmanager
def ours(path: Path) -> Iterator[None]:
    """Inside, errors of SQLite and of the operating system become ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise of_sqlite(error, path) from error
    except OSError as error:
        raise of_system(error, path) from error
