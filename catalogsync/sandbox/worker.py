"""One thread that makes what was accepted. The database is its queue, so a restarted sandbox goes on."""

import logging
import sqlite3
import threading
from pathlib import Path

from catalogsync.sandbox.content import plain
from catalogsync.sandbox.files import image_keys
from catalogsync.sandbox.models import Verdict, judge
from catalogsync.sandbox.scenes import SCENES, SILO_SETUPS
from catalogsync.sandbox.store import Store, label_of

log = logging.getLogger("catalogsync.sandbox")
log.addHandler(logging.NullHandler())
SETUPS = {setup.title: setup for setup in SILO_SETUPS}
CAMERAS = {str(camera.id): (scene, camera) for scene in SCENES.values() for camera in scene.cameras}
OPEN = "SELECT * FROM {table} WHERE outcome IS NULL ORDER BY due_at, id LIMIT 1"
SILO_SUBJECT = "SELECT *, NULL AS material_id FROM products WHERE id = ?"
RENDER_SUBJECTS = (
    "SELECT products.*, placements.material_id FROM placements JOIN products ON products.id = product_id"
    " WHERE render_id = ? ORDER BY placements.rowid"
)


class Worker:
    """Makes jobs and images in the order they are due; `outcome` is written when their files exist."""

    def __init__(self, store: Store, objects: Path, image_size: int) -> None:
        self._store, self._objects, self._size = store, objects, image_size
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There is something new in the database, or there will be when the running transaction ends."""
        self._woken.set()

    def stop(self) -> None:
        """Finish the image at hand and end the thread."""
        self._stopping.set()
        self._woken.set()
        self._thread.join()

    def is_idle(self) -> bool:
        """Whether everything accepted so far is made."""
        with self._store.transaction() as db:
            return not any(db.execute(OPEN.format(table=table)).fetchone() for table in ("jobs", "images"))

    def _run(self) -> None:
        while True:
            self._woken.clear()
            if self._stopping.is_set():
                return
            if not self._make_next("jobs") and not self._make_next("images"):
                self._woken.wait()

    def _make_next(self, table: str) -> bool:
        with self._store.transaction() as db:
            row = db.execute(OPEN.format(table=table)).fetchone()
            if row is None:
                return False
            subjects = subject_rows(db, row, table)
        try:
            verdict = self._make_image(row, subjects) if table == "images" else self._judge(subjects)
        except Exception as error:
            log.exception("%s %s could not be made", table, row["id"])
            verdict = Verdict("Failed", f"{type(error).__name__}: {error}")
        self._write(table, row["id"], verdict)
        return True

    def _judge(self, subjects: list[sqlite3.Row]) -> Verdict:
        """The first verdict that is not Done, or Done."""
        verdicts = [judge(self._objects / row["model_key"], row["model_name"]) for row in subjects]
        return next((verdict for verdict in verdicts if verdict.outcome != "Done"), Verdict("Done"))

    def _make_image(self, image: sqlite3.Row, rows: list[sqlite3.Row]) -> Verdict:
        verdict = self._judge(rows)
        if verdict.outcome != "Done":
            return Verdict("Failed", verdict.reason)
        subjects = [self._subject(row) for row in rows]
        if image["job_id"]:
            frames = plain.draw_silo(subjects[0], SETUPS[image["setup"]], self._size)
        else:
            frames = plain.draw_scene(subjects, *CAMERAS[image["setup"]], self._size)
        plain.write_frames(frames, {name: self._objects / key for name, key in image_keys(image).items()})
        return verdict

    def _subject(self, row: sqlite3.Row) -> plain.Subject:
        thumbnail = self._objects / row["thumbnail_key"] if row["thumbnail_key"] else None
        return plain.Subject(label_of(row), self._objects / row["model_key"], thumbnail, row["material_id"])

    def _write(self, table: str, row_id: int, verdict: Verdict) -> None:
        if verdict.reason:
            log.warning("%s %s: %s: %s", table, row_id, verdict.outcome, verdict.reason)
        with self._store.transaction() as db:
            update = f"UPDATE {table} SET outcome = ?, reason = ? WHERE id = ?"  # noqa: S608 - jobs or images
            db.execute(update, (verdict.outcome, verdict.reason, row_id))


def subject_rows(db: sqlite3.Connection, row: sqlite3.Row, table: str) -> list[sqlite3.Row]:
    """The products that a job or an image shows, each with the `material_id` it is to wear."""
    if table == "images" and row["render_id"]:
        return db.execute(RENDER_SUBJECTS, (row["render_id"],)).fetchall()
    return db.execute(SILO_SUBJECT, (row["product_id"],)).fetchall()
