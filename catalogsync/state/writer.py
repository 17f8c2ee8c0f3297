"""The one thread that writes, with group commit.

Work that is handed in while a transaction is being made durable waits together and shares the next one. Inside it each
piece of work stands under its own savepoint: one that fails is undone alone and its caller hears of it, the others are
committed. When the transaction itself fails (a full disk) everybody in it hears of it and nothing of it is kept.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalogsync.errors import CatalogSyncError
from catalogsync.state.schema import transaction

if TYPE_CHECKING:
    import asyncio

Work = Callable[[sqlite3.Connection], None]
_MOST = 1024  # pieces of work in one transaction


@dataclass(slots=True)
class _Job:
    """A piece of work and who waits for it: the future of an event loop, or a thread."""

    work: Work
    waiting: asyncio.Future[None] | threading.Event
    error: BaseException | None = None


class GroupWriter:
    """Starts its thread with the first work. `guard` is held while the connection is used."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        guard: threading.Lock,
        explain: Callable[[sqlite3.Error], CatalogSyncError],
    ) -> None:
        self._connection = connection
        self._guard = guard
        self._explain = explain
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def submit(self, work: Work) -> asyncio.Future[None]:
        """To be awaited on the running loop. Once submitted, work is done even when the waiting is cancelled."""
        from asyncio import get_running_loop  # a caller without a loop never pays for the import

        waiting = get_running_loop().create_future()
        self._hand_in(_Job(work, waiting))
        return waiting

    def run(self, work: Work) -> None:
        """Waits for the work, without an event loop."""
        waiting = threading.Event()
        job = _Job(work, waiting)
        self._hand_in(job)
        waiting.wait()
        if job.error is not None:
            raise job.error

    def stop(self) -> None:
        """Finishes what was handed in, then ends the thread."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def _hand_in(self, job: _Job) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="catalogsync-state", daemon=True)
                self._thread.start()
        self._jobs.put(job)

    def _serve(self) -> None:
        while batch := self._take():
            self._write(batch)
            _report(batch)

    def _take(self) -> list[_Job]:
        """Waits for work, then takes all that is there. Empty: the end."""
        first = self._jobs.get()
        batch = [] if first is None else [first]
        with suppress(queue.Empty):
            while batch and len(batch) < _MOST:
                job = self._jobs.get_nowait()
                if job is None:
                    self._jobs.put(None)
                    break
                batch.append(job)
        return batch

    def _write(self, batch: list[_Job]) -> None:
        try:
            with self._guard, transaction(self._connection):
                if len(batch) == 1:  # undone alone with the transaction
                    batch[0].work(self._connection)
                    return
                for job in batch:
                    self._attempt(job)
        except sqlite3.Error as error:
            ours = self._explain(error)
            ours.__cause__ = error
            for job in batch:
                job.error = job.error or ours
        except Exception as error:  # noqa: BLE001 - of the only piece of work, whose caller hears of it
            batch[0].error = error

    def _attempt(self, job: _Job) -> None:
        self._connection.execute("SAVEPOINT job")
        try:
            job.work(self._connection)
        except sqlite3.Error:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is its caller's, and the thread must live on
            self._connection.execute("ROLLBACK TO job")
            job.error = error
        self._connection.execute("RELEASE job")


def _report(batch: Iterable[_Job]) -> None:
    """Wakes each event loop once for all of its callers."""
    loops: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in batch:
        if isinstance(job.waiting, threading.Event):
            job.waiting.set()
        else:
            loops.setdefault(job.waiting.get_loop(), []).append(job)
    for loop, jobs in loops.items():
        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(_tell_all, jobs)


def _tell_all(jobs: Iterable[_Job]) -> None:
    """On the loop's own thread. A caller that stopped waiting is not told."""
    for job in jobs:
        if isinstance(job.waiting, threading.Event) or job.waiting.done():
            continue
        if job.error is None:
            job.waiting.set_result(None)
        else:
            job.waiting.set_exception(job.error)
