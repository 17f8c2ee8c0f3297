"""What one task of the queue asks for, and making it: plain here, or rendered in a process of its own."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalogsync.sandbox.content import plain
from catalogsync.sandbox.content.rendered import Renderer, Said
from catalogsync.sandbox.files import content_keys, image_keys
from catalogsync.sandbox.models import Verdict, judge
from catalogsync.sandbox.scenes import SCENES, SILO_SETUPS
from catalogsync.sandbox.store import label_of

SETUPS = {setup.title: setup for setup in SILO_SETUPS}
CAMERAS = {str(camera.id): (scene, camera) for scene in SCENES.values() for camera in scene.cameras}
SILO_SUBJECT = "SELECT *, NULL AS material_id FROM products WHERE id = ?"
RENDER_SUBJECTS = (
    "SELECT products.*, placements.material_id, placements.position, placements.rotation"
    " FROM placements JOIN products ON products.id = product_id WHERE render_id = ? ORDER BY placements.rowid"
)
SIBLINGS = "SELECT * FROM images WHERE outcome IS NULL AND {owner} = ? ORDER BY id"
DONE = Verdict("Done")
Write = Callable[[int, Verdict], None]


@dataclass(frozen=True, slots=True)
class Task:
    """Rows that are made together: one job, or the images of one job or render. `subjects` are their products."""

    table: str
    rows: tuple[sqlite3.Row, ...]
    subjects: tuple[sqlite3.Row, ...]
    units: str = ""

    @property
    def keys(self) -> set[tuple[str, int]]:
        return {(self.table, row["id"]) for row in self.rows}

    @classmethod
    def of(cls, db: sqlite3.Connection, table: str, row_id: int) -> "Task":
        """The task that this open row is part of."""
        row = db.execute(f"SELECT * FROM {table} WHERE id = ?", (row_id,)).fetchone()  # noqa: S608 - jobs or images
        if table == "jobs":
            return cls(table, (row,), subjects_of(db, SILO_SUBJECT, row["product_id"]))
        owner = "render_id" if row["render_id"] else "job_id"
        rows = tuple(db.execute(SIBLINGS.format(owner=owner), (row[owner],)).fetchall())
        if owner == "job_id":
            return cls(table, rows, subjects_of(db, SILO_SUBJECT, row["product_id"]))
        render = db.execute("SELECT units FROM renders WHERE id = ?", (row["render_id"],)).fetchone()
        return cls(table, rows, subjects_of(db, RENDER_SUBJECTS, row["render_id"]), render["units"])


def subjects_of(db: sqlite3.Connection, select: str, owner: int) -> tuple[sqlite3.Row, ...]:
    return tuple(db.execute(select, (owner,)).fetchall())


class Makings:
    """Makes tasks and says of each row how it ended, as soon as its files exist."""

    def __init__(self, objects: Path, size: int, renderer: Renderer) -> None:
        self._objects, self._size, self._renderer = objects, size, renderer

    def make(self, task: Task, write: Write, *, rendered: bool) -> None:
        verdict = self._judge(task)
        if verdict.outcome != "Done":
            ends = verdict if task.table == "jobs" else Verdict("Failed", verdict.reason)
            for row in task.rows:
                write(row["id"], ends)
        elif task.table == "jobs" and (not rendered or task.rows[0]["output"] == "silo"):
            write(task.rows[0]["id"], DONE)
        elif rendered:
            self._render(task, write)
        else:
            for image in task.rows:
                self._draw(image, task)
                write(image["id"], DONE)

    def _judge(self, task: Task) -> Verdict:
        """The first verdict that is not Done, or Done."""
        verdicts = [judge(self._objects / row["model_key"], row["model_name"]) for row in task.subjects]
        return next((verdict for verdict in verdicts if verdict.outcome != "Done"), DONE)

    def _draw(self, image: sqlite3.Row, task: Task) -> None:
        subjects = [self._subject(row) for row in task.subjects]
        if image["job_id"]:
            frames = plain.draw_silo(subjects[0], SETUPS[image["setup"]], self._size)
        else:
            frames = plain.draw_scene(subjects, *CAMERAS[image["setup"]], self._size)
        plain.write_frames(frames, self._paths(image_keys(image)))

    def _subject(self, row: sqlite3.Row) -> plain.Subject:
        thumbnail = self._objects / row["thumbnail_key"] if row["thumbnail_key"] else None
        return plain.Subject(label_of(row), self._objects / row["model_key"], thumbnail, row["material_id"])

    def _render(self, task: Task, write: Write) -> None:
        """Run the job's process. Nothing is written when it ended because the server does: the task stays open."""
        open_rows = {int(row["id"]) for row in task.rows}

        def heard(said: Said) -> None:
            if "made" in said:
                open_rows.discard(said["made"])
                write(said["made"], DONE)

        failure = self._renderer.run(self._request(task), heard)
        if failure is not None and self._renderer.is_stopping:
            return
        names = ", ".join(row["model_name"] for row in task.subjects)
        for row_id in sorted(open_rows):
            write(row_id, DONE if failure is None else Verdict("Failed", f"{names}: {failure}"))

    def _request(self, task: Task) -> Said:
        models = [{"model": str(self._objects / row["model_key"]), "name": row["model_name"]} for row in task.subjects]
        common: dict[str, Any] = {"size": self._size, "images": [self._item(row) for row in task.rows]}
        if task.table == "jobs":
            (job,) = task.rows
            paths = {name: str(path) for name, path in self._paths(content_keys(job)).items()}
            return {**models[0], "task": "content", "size": self._size, "output": job["output"], "paths": paths}
        if not task.units:
            return {**common, **models[0], "task": "silo"}
        products = [{**model, **placement(row)} for model, row in zip(models, task.subjects, strict=True)]
        scene, _ = CAMERAS[task.rows[0]["setup"]]
        return {**common, "task": "scene", "scene_id": scene.id, "units": task.units, "products": products}

    def _item(self, row: sqlite3.Row) -> Said:
        if "setup" not in row.keys():  # noqa: SIM118 - a Row's own membership is about its values
            return {}
        paths = {name: str(path) for name, path in self._paths(image_keys(row)).items()}
        return {"id": row["id"], "setup": row["setup"], "paths": paths}

    def _paths(self, keys: dict[str, str]) -> dict[str, Path]:
        return {name: self._objects / key for name, key in keys.items()}


def placement(row: sqlite3.Row) -> Said:
    """How a product stands in its scene, as the call said."""
    return {
        "position": json.loads(row["position"]),
        "rotation": json.loads(row["rotation"]),
        "material_id": row["material_id"],
    }
