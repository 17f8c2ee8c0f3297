"""The sandbox's time: the machine's, plus an offset that `POST /sandbox/clock` moves and the database keeps."""

import time
from datetime import UTC, datetime, timedelta, timezone

from catalogsync.sandbox.store import Store, read_meta, write_meta

VENDOR_ZONE = timezone(timedelta(hours=5, minutes=30))


class Clock:
    """Seconds since the epoch, as this sandbox sees them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.transaction() as db:
            self._offset = float(read_meta(db)["clock_offset"])

    def now(self) -> float:
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Move the sandbox's time forward: jobs progress, forms and media URLs expire."""
        self._offset += seconds
        with self._store.transaction() as db:
            write_meta(db, "clock_offset", repr(self._offset))


def api_time(at: float) -> str:
    """The API's timestamp: ISO 8601 with microseconds in the vendor's zone, +05:30."""
    return datetime.fromtimestamp(at, VENDOR_ZONE).isoformat(timespec="microseconds")


def deletion_time(at: float) -> str:
    """The deletion message's timestamp: no zone, a space in the middle."""
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
