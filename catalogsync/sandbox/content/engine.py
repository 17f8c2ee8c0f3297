"""The door to f3d: one model on a stage of light, seen by a camera. Imported only in a job's own process.

The stage's space has metres, Y up, the product standing on y = 0 above the origin. f3d cannot move a model, so
its camera is moved the other way.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import f3d
import numpy as np

from catalogsync.sandbox.content.grab import Bytes, Grab
from catalogsync.sandbox.content.sources import NotRenderableError, Source
from catalogsync.sandbox.content.space import (
    Array,
    Box,
    Placing,
    Vector,
    View,
    as_vector,
    corners_of,
    narrowed,
    nudged,
    turning,
    window_of,
)
from catalogsync.sandbox.content.studio import Pixels

NEAR_PARALLEL = 2.0
MEASURE_EDGE = 256
CLAY = (0.52, 0.52, 0.54)
# Where in a pixel it is looked at, in pixels from its middle: no two in one row or column, so that slopes are smooth.
ONCE = ((0.0, 0.0),)
SMOOTH = ((-0.125, -0.375), (0.375, -0.125), (0.125, 0.375), (-0.375, 0.125))
QUICK = ((-1 / 3, 0.0), (0.0, 1 / 3), (1 / 3, -1 / 3))
Z_UP_TO_Y_UP: Array = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])


class Stage:
    """One engine and the model on it. Not deterministic across machines, always so on one."""

    def __init__(self, cache: Path) -> None:
        with quiet():
            self._engine = f3d.Engine.create(True)
        f3d.Log.set_verbose_level(f3d.Log.QUIET)
        self._engine.cache_path = str(cache)
        self._set("render.effect.tone_mapping", value=True)
        self._set("render.hdri.ambient", value=True)
        self._set("render.background.color", value=(0.0, 0.0, 0.0))
        self._grab = Grab(self._engine.window)
        self._turn: Array = np.eye(3)
        self._scale = 1.0
        self.box = Box(np.zeros(3), np.ones(3))
        self._boxes: dict[Path, Box] = {}

    def _set(self, name: str, *, value: Any) -> None:
        self._engine.options[name] = value

    def light(self, hdri: Path, strength: float = 1.0) -> None:
        """Light everything by this picture of its surroundings."""
        self._set("render.hdri.file", value=str(hdri))
        self._set("render.light.intensity", value=strength)

    def load(self, source: Source) -> None:
        """Put a model on the stage and measure it. Raises `NotRenderableError`, or ends the process."""
        scene = self._engine.scene
        scene.clear()
        self._set("scene.up_direction", value="+Z" if source.z_up else "+Y")
        self._engine.options.reset("model.color.rgb")  # it would paint what is loaded after a model in clay
        if not source.coloured:
            self._set("model.color.rgb", value=CLAY)
        try:
            with quiet():
                scene.add(str(source.path))
        except Exception as error:
            raise NotRenderableError(why_unread(error, source)) from error
        if scene.get_scene_info().number_of_actors == 0:
            raise NotRenderableError("there is nothing in it to show")
        scene.remove_all_lights()
        self._turn = Z_UP_TO_Y_UP if source.z_up else np.eye(3)
        self._scale = 1.0
        if source.path not in self._boxes:
            self._boxes[source.path] = self._measured()
        self.box = self._boxes[source.path]
        self._scale = source.metres(float(self.box.size.max()))
        self.box = Box(self.box.least * self._scale, self.box.most * self._scale)

    def _measured(self) -> Box:
        """The box of the silhouettes seen from the front and from the right, from far away."""
        camera = self._engine.window.camera
        camera.reset_to_bounds()
        state = camera.state
        focus = self._turn @ np.array(state.focal_point)
        distance = float(np.linalg.norm(np.array(state.position) - np.array(state.focal_point)))
        reach = distance * np.tan(np.radians(state.view_angle / 2)) * 2
        reaches = [self._seen_along(axis, focus, reach) for axis in range(3)]
        seen = [ends for ends in reaches if ends is not None]
        if not seen:
            raise NotRenderableError("its silhouette is empty")
        corners = np.concatenate(seen)
        return Box(corners.min(axis=0), corners.max(axis=0))

    def _seen_along(self, axis: int, focus: Array, reach: float) -> Array | None:
        """Two corners of the silhouette seen along an axis, in its plane; None for what is too thin to be seen so."""
        direction, right = np.eye(3)[axis], np.eye(3)[2 if axis == 0 else 0] * (-1 if axis == 0 else 1)
        up = np.cross(direction, right)
        far = reach / 2 / np.tan(np.radians(NEAR_PARALLEL / 2))
        view = View(as_vector(focus + direction * far), as_vector(focus), NEAR_PARALLEL, as_vector(up))
        cover = self._shot(view, MEASURE_EDGE, MEASURE_EDGE)[..., 3]
        if not cover.any():
            return None
        left, top, right_end, bottom = (end * reach for end in edges(cover))
        return np.array([focus + right * left - up * top, focus + right * right_end - up * bottom])

    def shoot(
        self, view: View, size: tuple[int, int], *, placing: Placing | None = None,
        window: tuple[int, int] | None = None, looks: Sequence[tuple[float, float]] = SMOOTH,
    ) -> Pixels:  # fmt: skip
        """The model alone: float RGBA, premultiplied, top row first, in the stage's space as `placing` says.

        Only `window`, the middle of the picture, is drawn: by default where the model's box is.
        """
        where = placing or Placing()
        wide, high = window or window_of(view, size, corners_of(self.box, where))
        small = self._back(narrowed(view, high / size[1]), where)
        total = np.zeros((high, wide, 4), np.uint16)
        for look in looks:
            total += self._shot(nudged(small, look, high), wide, high)
        picture: Pixels = np.zeros((size[1], size[0], 4), np.float32)
        top, left = (size[1] - high) // 2, (size[0] - wide) // 2
        np.divide(total, 255 * len(looks), out=picture[top : top + high, left : left + wide], dtype=np.float32)
        return picture

    def _back(self, view: View, where: Placing) -> View:
        """The view in the model's space instead of the model in the view's."""
        turn, base, position = turning(where.rotation), self.box.base, np.array(where.position)

        def back(point: Vector) -> Vector:
            return as_vector(turn.T @ (np.array(point) - position) + base)

        up = as_vector(turn.T @ np.array(view.up))
        return replace(view, position=back(view.position), target=back(view.target), up=up)

    def silhouette(self, view: View, edge: int) -> Bytes:
        """What is covered in a square picture of the model as it stands on the stage, 0 to 255."""
        return self._shot(self._back(view, Placing()), edge, edge)[..., 3]

    def _shot(self, view: View, width: int, height: int) -> Bytes:
        window = self._engine.window
        window.size = (width, height)
        state = f3d.CameraState()
        state.position, state.focal_point = self._own(view.position), self._own(view.target)
        state.view_up = as_vector(self._turn.T @ np.array(view.up))
        state.view_angle = view.angle
        window.camera.state = state
        with quiet():
            return self._grab.picture(width, height)

    def _own(self, point: Vector) -> Vector:
        """A point of the Y-up space, in metres, as the model's own coordinates."""
        return as_vector(self._turn.T @ (np.array(point) / self._scale))


def why_unread(error: Exception, source: Source) -> str:
    """The engine's words without paths of this machine. Raises MemoryError when it says that it had no room."""
    said = str(error)
    if "bad_alloc" in said:
        raise MemoryError(said) from error
    if "unsupported" in said:
        return f"the engine cannot read it: its content is not what it knows as {source.suffix}"
    return f"the engine cannot read it ({said.replace(str(source.path), source.path.name)})"


def edges(cover: Pixels) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is covered, from the picture's middle, as shares of its edge.

    Raises `NotRenderableError` when nothing is.
    """
    rows, columns = np.nonzero(cover > 0)
    if not rows.size:
        raise NotRenderableError("its silhouette is empty")
    height, width = cover.shape
    return (
        float(columns.min() / width - 0.5),
        float(rows.min() / height - 0.5),
        float((columns.max() + 1) / width - 0.5),
        float((rows.max() + 1) / height - 0.5),
    )


@contextmanager
def quiet() -> Iterator[None]:
    """The engine's progress bars and Mesa's notes go nowhere: standard output is the job's report."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
