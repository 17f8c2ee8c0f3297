"""Copies of a state that are kept beside it: from before a migration, and from before it was replaced or rebuilt."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path

from catalogsync.state.faults import ours
from catalogsync.state.rows import Clock, utc_now

_BESIDE = ("-wal", "-shm")  # what SQLite keeps beside a database, under its name


def backup_path(path: Path, what: str, clock: Clock = utc_now) -> Path:
    """A free name for a copy: `state.db.backup-WHAT-TIME`. `what` is the format of the copy or what it is made for."""
    stamp = clock().partition(".")[0].replace("-", "").replace(":", "") + "Z"
    names = (path.with_name(f"{path.name}.backup-{what}-{stamp}{f'-{n}' if n > 1 else ''}") for n in count(1))
    return next(name for name in names if not name.exists())


def back_up(connection: sqlite3.Connection, target: Path) -> None:
    """A copy that is whole, whatever is written meanwhile; private to its owner. Raises sqlite3.Error and OSError."""
    target.touch(mode=0o600, exist_ok=False)
    try:
        with closing(sqlite3.connect(target)) as copy:
            connection.backup(copy)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def move_aside(path: Path, what: str, clock: Clock = utc_now) -> Path:
    """Give a state, sound or damaged, and its log the name of a copy. Raises StateError."""
    target = backup_path(path, what, clock)
    with ours(path):
        for suffix in _BESIDE:
            beside = path.with_name(path.name + suffix)
            if beside.exists():
                beside.rename(target.with_name(target.name + suffix))
        path.rename(target)
    return target
