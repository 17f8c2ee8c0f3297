"""The studio's paper: a pale backdrop and the soft shadow that a product throws on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.lights import Received
from assets.mesh import Floats
from assets.occlusion import Cloud
from assets.raster import Camera
from assets.sampling import interpolated

CELLS = 224
BACKDROP, BACKDROP_EDGE = np.array([247.0, 246.0, 244.0]), np.array([234.0, 232.0, 228.0])
# How much of the paper's brightness the key light and the sky each make.
DIRECT, AMBIENT = 0.26, 0.66


def backdrop(size: int) -> Floats:
    """Pale paper from 0 to 255, a little darker towards the corners."""
    across = (np.arange(size) + 0.5) / size - 0.5
    distance = np.clip((across[None] ** 2 + (across[:, None] + 0.02) ** 2) * 2, 0, 1)[..., None]
    return np.asarray(BACKDROP + (BACKDROP_EDGE - BACKDROP) * distance**1.2)


@dataclass(frozen=True, eq=False)
class Floor:
    """A square of floor around the product, cut in cells; `reach` is half its side in metres."""

    points: Floats
    middle: Floats
    reach: float

    @classmethod
    def under(cls, samples: Cloud) -> Floor:
        reach = samples.radius * 2.6
        middle = samples.middle[[0, 2]]
        x, z = np.meshgrid(middle[0] + _ticks() * reach, middle[1] + _ticks() * reach)
        return cls(np.stack([x.reshape(-1), np.zeros(CELLS**2), z.reshape(-1)], axis=1), middle, reach)

    @property
    def normals(self) -> Floats:
        return np.broadcast_to([0.0, 1.0, 0.0], self.points.shape)

    def shadow(self, light: Received, camera: Camera, size: int) -> Floats:
        """How dark the floor is at each pixel, looked up where the pixel's ray meets it."""
        fade = np.clip(1.6 - np.hypot(*np.meshgrid(_ticks(), _ticks())) * 1.6, 0, 1)
        dark = DIRECT * (1 - light.lights[0]) + AMBIENT * (1 - light.openness)
        cells = _softened(dark.reshape(CELLS, CELLS) * fade)
        directions = camera.rays(size)
        steps = -camera.eye[1] / np.minimum(directions[..., 1], -1e-6)
        hit = camera.eye + directions * steps[..., None]
        place = ((hit[..., [0, 2]] - self.middle) / self.reach + 1) / 2 * CELLS - 0.5
        return np.where(directions[..., 1] < -1e-4, interpolated(cells, place), 0.0)


def _ticks() -> Floats:
    return np.asarray((np.arange(CELLS) + 0.5) / CELLS * 2 - 1)


def _softened(cells: Floats) -> Floats:
    """A light binomial blur, which hides the grain of a limited number of directions."""
    for axis in (0, 1) * 4:
        cells = (np.roll(cells, 1, axis) + 2 * cells + np.roll(cells, -1, axis)) / 4
    return cells
