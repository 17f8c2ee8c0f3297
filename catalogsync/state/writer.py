"""The one thread that writes, with group commit.

Work that is handed in while a transaction is being made durable waits together and shares the next one. Inside it each
piece of work stands under its own savepoint: one that fails is undone alone and its caller hears of it, the others are
committed. When the transaction itself fails (a full disk) everybody in it hears of it and nothing of it is kept.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass

from catalogsync.errors import CatalogSyncError
from catalogsync.state.schema import transaction

Work = Callable[[sqlite3.Connection], None]
_MOST = 1024  # pieces of work in one transaction


@dataclass(slots=True)
class _Job:
    work: Work
    done: Future[None] | asyncio.Future[None]
    error: BaseException | None = None

    def tell(self) -> None:
        """Only on the thread that the future belongs to. A caller that stopped waiting is not told."""
        if self.done.done():
            return
        if self.error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(self.error)


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

    def submit(self, work: Work) -> asyncio.Future[None]:
        """To be awaited on the running loop. Once submitted, work is done even when the waiting is cancelled."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._hand_in(_Job(work, done))
        return done

    def run(self, work: Work) -> None:
        """Waits for the work, without an event loop."""
        done: Future[None] = Future()
        self._hand_in(_Job(work, done))
        done.result()

    def stop(self) -> None:
        """Finishes what was handed in, then ends the thread."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def _hand_in(self, job: _Job) -> None:
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
                for job in batch:
                    self._attempt(job)
        except sqlite3.Error as error:
            ours = self._explain(error)
            ours.__cause__ = error
            for job in batch:
                job.error = job.error or ours

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
        if isinstance(job.done, asyncio.Future):
            loops.setdefault(job.done.get_loop(), []).append(job)
        else:
            job.tell()
    for loop, jobs in loops.items():
        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(_tell_all, jobs)


def _tell_all(jobs: Iterable[_Job]) -> None:
    for job in jobs:
        job.tell()
