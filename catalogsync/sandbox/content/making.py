"""What one task of the queue asks for, and making it: plain here, or rendered in a process of its own."""

import json
import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
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
SILO, VIEWERS = "silo", ("3d_model_viewer", "ar")
SILO_SUBJECT = "SELECT *, NULL AS material_id FROM products WHERE id = ?"
RENDER_SUBJECTS = (
    "SELECT products.*, placements.material_id, placements.position, placements.rotation"
    " FROM placements JOIN products ON products.id = product_id WHERE render_id = ? ORDER BY placements.rowid"
)
OF_RENDER = "SELECT * FROM images WHERE outcome IS NULL AND render_id = ? ORDER BY id"
OF_PRODUCT = "SELECT * FROM images WHERE outcome IS NULL AND product_id = ? ORDER BY id"
VIEWERS_OF = (
    "SELECT * FROM jobs WHERE outcome IS NULL AND product_id = ? AND output IN ('3d_model_viewer', 'ar') ORDER BY id"
)
DONE = Verdict("Done")
Key = tuple[str, int]
Write = Callable[[Key, Verdict], None]
Rows = tuple[sqlite3.Row, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """Rows that are made together: the images of a render, a spin, or all else of a product. `subjects`: products."""

    images: Rows
    jobs: Rows
    subjects: Rows
    units: str = ""

    @property
    def in_order(self) -> tuple[Key, ...]:
        """The rows in the order in which they are made: images first."""
        return tuple([("images", row["id"]) for row in self.images] + [("jobs", row["id"]) for row in self.jobs])

    @property
    def keys(self) -> set[Key]:
        return set(self.in_order)

    def without(self, keys: Collection[Key]) -> "Task":
        """The same task, less these rows."""
        images = tuple(row for row in self.images if ("images", row["id"]) not in keys)
        return replace(self, images=images, jobs=tuple(row for row in self.jobs if ("jobs", row["id"]) not in keys))

    @classmethod
    def of(cls, db: sqlite3.Connection, key: Key, taken: Collection[Key]) -> "Task":
        """The task that this open row is part of, without rows that are `taken`."""
        table, row_id = key
        row = db.execute(f"SELECT * FROM {table} WHERE id = ?", (row_id,)).fetchone()  # noqa: S608 - jobs or images
        if table == "images" and row["render_id"]:
            render = db.execute("SELECT units FROM renders WHERE id = ?", (row["render_id"],)).fetchone()
            images = rows_of(db, OF_RENDER, row["render_id"])
            return cls(images, (), rows_of(db, RENDER_SUBJECTS, row["render_id"]), render["units"])
        subjects = rows_of(db, SILO_SUBJECT, row["product_id"])
        if table == "jobs" and row["output"] not in VIEWERS:
            return cls((), (row,), subjects)
        images, jobs = (rows_of(db, select, row["product_id"]) for select in (OF_PRODUCT, VIEWERS_OF))
        free_images = tuple(image for image in images if ("images", image["id"]) not in taken)
        return cls(free_images, tuple(job for job in jobs if ("jobs", job["id"]) not in taken), subjects)


def rows_of(db: sqlite3.Connection, select: str, owner: int) -> Rows:
    return tuple(db.execute(select, (owner,)).fetchall())


class Makings:
    """Makes tasks and says of each row how it ended, as soon as its files exist."""

    def __init__(self, objects: Path, size: int, renderer: Renderer) -> None:
        self._objects, self._size, self._renderer = objects, size, renderer

    def make(self, task: Task, write: Write, *, rendered: bool) -> None:
        verdict = self._judge(task)
        if verdict.outcome != "Done":
            for key in sorted(task.keys):
                write(key, verdict if key[0] == "jobs" else Verdict("Failed", verdict.reason))
        elif rendered and not any(job["output"] == SILO for job in task.jobs):
            self._render(task, write)
        else:
            self._make_plain(task, write)

    def _judge(self, task: Task) -> Verdict:
        """The first verdict that is not Done, or Done."""
        verdicts = [judge(self._objects / row["model_key"], row["model_name"]) for row in task.subjects]
        return next((verdict for verdict in verdicts if verdict.outcome != "Done"), DONE)

    def _make_plain(self, task: Task, write: Write) -> None:
        """Images are drawn; jobs have no files of their own, a silo job in no case."""
        for job in task.jobs:
            write(("jobs", job["id"]), DONE)
        for image in task.images:
            self._draw(image, task)
            write(("images", image["id"]), DONE)

    def _draw(self, image: sqlite3.Row, task: Task) -> None:
        subjects = [self._subject(row) for row in task.subjects]
        if image["job_id"]:
            frames = plain.draw_silo(subjects[0], SETUPS[image["setup"]], self._size)
        else:
            frames = plain.draw_scene(subjects, *CAMERAS[image["setup"]], self._size)
        plain.write_frames(frames, {name: Path(path) for name, path in self._paths(image_keys(image)).items()})

    def _subject(self, row: sqlite3.Row) -> plain.Subject:
        thumbnail = self._objects / row["thumbnail_key"] if row["thumbnail_key"] else None
        return plain.Subject(label_of(row), self._objects / row["model_key"], thumbnail, row["material_id"])

    def _render(self, task: Task, write: Write) -> None:
        """Run the task's process. One that fails after it made something failed at the next row; others make the rest.

        Nothing is written when a process ended because the server does: the task stays open.
        """
        names, rest = ", ".join(row["model_name"] for row in task.subjects), task
        while rest.keys:
            made, failure = self._run(rest, write)
            if failure is not None and self._renderer.is_stopping:
                return
            rest = rest.without(made)
            failed = rest.in_order[:1] if made else rest.in_order
            for key in failed:
                write(key, Verdict("Failed", f"{names}: {failure or 'the engine ended without a picture'}"))
            rest = rest.without(failed)

    def _run(self, task: Task, write: Write) -> tuple[list[Key], str | None]:
        """What one process made, each said to be Done at once, and why it failed."""
        made: list[Key] = []

        def heard(said: Said) -> None:
            if "made" in said:
                table, row_id = said["made"]
                made.append((table, row_id))
                write((table, row_id), DONE)

        return made, self._renderer.run(self._request(task), heard)

    def _request(self, task: Task) -> Said:
        models = [{"model": str(self._objects / row["model_key"]), "name": row["model_name"]} for row in task.subjects]
        images = [
            {"id": row["id"], "setup": row["setup"], "paths": self._paths(image_keys(row))} for row in task.images
        ]
        common: dict[str, Any] = {"size": self._size, "images": images}
        if not task.units:
            jobs = [
                {"id": job["id"], "output": job["output"], "paths": self._paths(content_keys(job))} for job in task.jobs
            ]
            return {**common, **models[0], "task": "product", "jobs": jobs}
        products = [{**model, **placement(row)} for model, row in zip(models, task.subjects, strict=True)]
        scene, _ = CAMERAS[task.images[0]["setup"]]
        return {**common, "task": "scene", "scene_id": scene.id, "units": task.units, "products": products}

    def _paths(self, keys: dict[str, str]) -> dict[str, str]:
        return {name: str(self._objects / key) for name, key in keys.items()}


def placement(row: sqlite3.Row) -> Said:
    """How a product stands in its scene, as the call said."""
    return {
        "position": json.loads(row["position"]),
        "rotation": json.loads(row["rotation"]),
        "material_id": row["material_id"],
    }
