"""Shadows on the floor, which the engine does not cast: what a product hides of the sky and of a lamp.

From every direction that light comes from, the product is drawn as a silhouette from far away. A point of the floor
that lies behind it is dark from there. Many directions make the soft edges of an area light, sharp where things touch.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter

from catalogsync.sandbox.content.space import Array, View, as_vector, axes, direction, projected, turning
from catalogsync.sandbox.content.studio import Pixels, smooth

if TYPE_CHECKING:
    from catalogsync.sandbox.content.engine import Stage

EDGE = 224
SEEN_EDGE = 192
FAR_ANGLE = 2.0
# Elevation in degrees, number of directions around, and the share of the sky's light on a floor that comes from there.
SKY_RINGS = ((80.0, 4, 0.14), (62.0, 8, 0.32), (42.0, 11, 0.34), (24.0, 13, 0.20))
LAMP_DIRECTIONS = 14
GOLDEN = np.pi * (3 - np.sqrt(5))
SOFTENING, FAINT_SOFTENING = 1.3, 9.0
FAINT = 0.30
SKY_DARK = 0.72
Light = list[tuple[Array, float]]


@dataclass(frozen=True, slots=True)
class Lamp:
    """Where a scene's main light stands, seen from the product, in degrees; its half width; and how dark its shadow."""

    azimuth: float
    elevation: float
    half_width: float = 9.0
    dark: float = 0.34


@dataclass(frozen=True, slots=True)
class Shade:
    """How dark the floor is in the square of 2 x `reach` metres about the product's base; columns are x, rows z."""

    dark: Pixels
    reach: float

    def seen(self, view: View, size: int, place: tuple[float, float] = (0.0, 0.0), turn: float = 0.0) -> Pixels:
        """The same in a square picture, the product standing at `place` (x, z) and turned by `turn` degrees about y.

        The floor's points are fractions of linear terms of the picture's, which is what Pillow can transform.
        """
        ahead, right, above = axes(view)
        half = np.tan(np.radians(view.angle / 2))
        # Rays in the order of Pillow's terms: for each pixel to the right, for each downwards, and at the corner.
        rays = np.stack([right * half * 2 / size, -above * half * 2 / size, ahead - right * half + above * half])
        falls, height = -rays[:, 1], view.position[1]
        x = (view.position[0] - place[0]) * falls + rays[:, 0] * height
        z = (view.position[2] - place[1]) * falls + rays[:, 2] * height
        own = turning((0.0, -turn, 0.0))
        edge = self.dark.shape[0]
        terms = [((own[row, 0] * x + own[row, 2] * z) / self.reach + falls) * edge / 2 / falls[2] for row in (0, 2)]
        picture = Image.fromarray(self.dark, "F").transform(
            (size, size),
            Image.Transform.PERSPECTIVE,
            [*terms[0], *terms[1], *(falls[:2] / falls[2])],
            Image.Resampling.BILINEAR,
        )
        return np.asarray(picture)


class Shadows:
    """The shadows of what is on the stage, on a floor `drop` metres below it."""

    def __init__(self, stage: "Stage", drop: float = 0.0) -> None:
        self._stage, self._drop = stage, drop
        width, height, depth = (float(value) for value in stage.box.size)
        self._reach = 0.75 * float(np.hypot(width, depth)) + 1.1 * height + 0.6 * drop

    def under(self, lamp: Lamp | None, turn: float = 0.0) -> Shade:
        """Under the sky and a lamp, or the sky alone; `turn`: how the product stands to the lamp, degrees about y."""
        light = 1 - SKY_DARK * self._sky
        if lamp is not None:
            light = light * (1 - lamp.dark * self._hidden(beams(lamp, turn)))
        return Shade(soft(1 - light), self._reach)

    @cached_property
    def _sky(self) -> Pixels:
        return self._hidden(sky())

    def _hidden(self, light: Light) -> Pixels:
        """How much of a light each point of the floor does not see."""
        line = (np.arange(EDGE) + 0.5) / EDGE * 2 * self._reach - self._reach
        x, z = np.meshgrid(line, line)
        floor = np.stack([x, np.full_like(x, -self._drop), z], axis=-1).reshape(-1, 3)
        hidden = np.zeros(EDGE * EDGE)
        for source, share in light:
            hidden += share * behind(self._stage, source, floor)
        return hidden.reshape(EDGE, EDGE)


def soft(dark: Pixels) -> Pixels:
    """Without the steps between the directions: the fainter it is, the further it is spread. Nothing at the rim."""
    coded = Image.fromarray((np.clip(dark, 0, 1) * 255 + 0.5).astype(np.uint8))
    sharp, spread = (
        np.asarray(coded.filter(ImageFilter.GaussianBlur(radius)), np.float32) / 255
        for radius in (SOFTENING, FAINT_SOFTENING)
    )
    share = smooth(spread / FAINT)
    line = np.abs(np.linspace(-1, 1, EDGE, dtype=np.float32))
    rim = smooth((1 - np.hypot(*np.meshgrid(line, line))) / 0.4)
    whole: Pixels = ((sharp * share + spread * (1 - share)) * rim).astype(np.float32)
    return whole


def sky() -> Light:
    rings = [(ring, *values) for ring, values in enumerate(SKY_RINGS)]
    return [
        (direction((index + ring / 2) * 360 / count, elevation), share / count)
        for ring, elevation, count, share in rings
        for index in range(count)
    ]


def beams(lamp: Lamp, turn: float) -> Light:
    """Evenly over the lamp's disc."""
    spots = np.arange(LAMP_DIRECTIONS)
    off, around = lamp.half_width * np.sqrt((spots + 0.5) / LAMP_DIRECTIONS), spots * GOLDEN
    azimuths = lamp.azimuth - turn + off * np.cos(around) / np.cos(np.radians(lamp.elevation))
    elevations = np.clip(lamp.elevation + off * np.sin(around), 8, 88)
    return [(direction(*each), 1 / LAMP_DIRECTIONS) for each in zip(azimuths, elevations, strict=True)]


def behind(stage: "Stage", source: Array, points: Array) -> Array:
    """Which points the product hides from far away in the direction of `source`, 0 or 1."""
    middle = np.array([0.0, float(stage.box.size[1]) / 2, 0.0])
    radius = float(np.linalg.norm(stage.box.size)) / 2 * 1.03
    distance = radius / np.tan(np.radians(FAR_ANGLE / 2))
    up = (0.0, 0.0, -1.0) if source[1] > 0.9 else (0.0, 1.0, 0.0)  # noqa: PLR2004 - nearly upright
    view = View(as_vector(middle + source * distance), as_vector(middle), FAR_ANGLE, up)
    cover = stage.silhouette(view, SEEN_EDGE) > 0
    seen = projected(view, points)
    if seen is None:
        return np.zeros(len(points))
    column = np.floor((seen[:, 0] + 1) / 2 * SEEN_EDGE).astype(int)
    row = np.floor((1 - seen[:, 1]) / 2 * SEEN_EDGE).astype(int)
    inside = (column >= 0) & (column < SEEN_EDGE) & (row >= 0) & (row < SEEN_EDGE)
    hidden = np.zeros(len(points))
    hidden[inside] = cover[row[inside], column[inside]]
    return hidden
