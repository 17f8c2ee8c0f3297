"""Threads that make what was accepted. The database is their queue, so a restarted sandbox goes on."""

import logging
import sqlite3
import threading
from pathlib import Path

from catalogsync.sandbox.content.making import Key, Makings, Task
from catalogsync.sandbox.content.rendered import Mode, Renderer, choose_mode
from catalogsync.sandbox.models import Verdict
from catalogsync.sandbox.settings import SandboxSettings
from catalogsync.sandbox.store import Store

log = logging.getLogger("catalogsync.sandbox")
log.addHandler(logging.NullHandler())
CACHE = "engine"
STARTING = Mode("starting", "the engine is being tried")
UNMADE = "SELECT 1 FROM {table} WHERE outcome IS NULL LIMIT 1"
# A silo job is no more than a verdict. Stills bring the viewers of their product with them; spins take longest.
QUEUE = """
SELECT 'jobs' AS source, id, 0 AS late, due_at FROM jobs WHERE outcome IS NULL AND output = 'silo'
UNION ALL SELECT 'images', id, 1, due_at FROM images WHERE outcome IS NULL
UNION ALL SELECT 'jobs', id, CASE output WHEN '360_degree_spin' THEN 3 ELSE 2 END, due_at FROM jobs
WHERE outcome IS NULL AND output <> 'silo' ORDER BY late, due_at, id
"""


class Worker:
    """Makes jobs and images, the quick and the due first; `outcome` is written when their files exist."""

    def __init__(self, store: Store, settings: SandboxSettings, objects: Path) -> None:
        self._store, self._wanted = store, settings.content
        self._renderer = Renderer(settings.data / CACHE, settings.workers)
        self._makings = Makings(objects, settings.image_size, self._renderer)
        self._woken = threading.Condition()
        self._stopping = False
        self._new = True
        self._taken: set[Key] = set()
        self._chosen = threading.Lock()
        self.mode = STARTING
        self._threads = [
            threading.Thread(target=self._run, name=f"sandbox-worker-{index}", daemon=True)
            for index in range(max(1, settings.workers))
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """There is something new in the database, or there will be when the running transaction ends."""
        with self._woken:
            self._new = True
            self._woken.notify_all()

    def stop(self) -> None:
        """End what is being rendered, finish the plain image at hand, and end the threads."""
        self._stopping = True
        self._renderer.stop()
        self.wake()
        for thread in self._threads:
            thread.join()

    def is_idle(self) -> bool:
        """Whether everything accepted so far is made."""
        with self._store.transaction() as db:
            return not any(db.execute(UNMADE.format(table=table)).fetchone() for table in ("jobs", "images"))

    def _run(self) -> None:
        with self._chosen:
            if self.mode is STARTING:
                self.mode = choose_mode(self._wanted, self._renderer)
                log.log(logging.INFO if self._wanted != "auto" else logging.WARNING, said_of(self.mode))
        while not self._stopping:
            with self._woken:
                self._new = False
            if not self._make_next():
                with self._woken:
                    self._woken.wait_for(lambda: self._new or self._stopping)

    def _make_next(self) -> bool:
        """Make what is first in the queue and nobody else is at; False when there is nothing."""
        with self._store.transaction() as db:
            task = self._next_task(db)
            if task is None:
                return False
            self._taken |= task.keys
        try:
            self._make(task)
        finally:
            with self._store.transaction():
                self._taken -= task.keys
        return True

    def _next_task(self, db: sqlite3.Connection) -> Task | None:
        for row in db.execute(QUEUE):
            key = (row["source"], row["id"])
            if key not in self._taken:
                return Task.of(db, key, self._taken)
        return None

    def _make(self, task: Task) -> None:
        try:
            self._makings.make(task, self._write, rendered=self.mode.content == "rendered")
        except Exception as error:
            log.exception("%s could not be made", task)
            for key in sorted(task.keys):
                self._write(key, Verdict("Failed", f"{type(error).__name__}: {error}"))

    def _write(self, key: Key, verdict: Verdict) -> None:
        table, row_id = key
        if verdict.reason:
            log.warning("%s %s: %s: %s", table, row_id, verdict.outcome, verdict.reason)
        with self._store.transaction() as db:
            update = f"UPDATE {table} SET outcome = ?, reason = ? WHERE id = ? AND outcome IS NULL"  # noqa: S608 - ours
            db.execute(update, (verdict.outcome, verdict.reason, row_id))


def said_of(mode: Mode) -> str:
    return f"Content is {mode.content}: {mode.why}"
