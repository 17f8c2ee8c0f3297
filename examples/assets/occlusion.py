"""How much of a light or of the sky a point sees, from depth maps drawn out of many directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.lights import LIGHTS, Received
from assets.mesh import Floats, Ints
from assets.sampling import neighbours

GOLDEN_ANGLE = np.pi * (3 - 5**0.5)
RESOLUTION = 320
SKY_DIRECTIONS = 144


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points spread over all surfaces, closer than a depth map's pixels, and the sphere around them."""

    points: Floats
    middle: Floats
    radius: float

    @property
    def pixel(self) -> float:
        """A depth map pixel's side in metres."""
        return 2 * self.radius / RESOLUTION


def cloud(positions: Floats, faces: Ints) -> Cloud:
    """Sample triangles by area with a low-discrepancy sequence (Roberts' R2)."""
    middle = (positions.min(axis=0) + positions.max(axis=0)) / 2
    radius = float(np.linalg.norm(positions - middle, axis=1).max()) * 1.02
    spacing = radius / RESOLUTION
    corners = positions[faces]
    sides = corners[:, 1:] - corners[:, :1]
    areas = np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1) / 2
    counts = np.ceil(areas / spacing**2).astype(np.int64) + 1
    owner = np.repeat(np.arange(len(faces)), counts)
    number = np.arange(len(owner))
    s, t = (number * 0.7548776662466927) % 1.0, (number * 0.5698402909980532) % 1.0
    folded = s + t > 1
    s, t = np.where(folded, 1 - s, s)[:, None], np.where(folded, 1 - t, t)[:, None]
    return Cloud(corners[owner, 0] + s * sides[owner, 0] + t * sides[owner, 1], middle, radius)


def cone(direction: tuple[float, float, float], spread: float, count: int) -> Floats:
    """`count` unit directions within `spread` degrees of one: a round, soft light."""
    axis = np.array(direction) / np.linalg.norm(direction)
    side = np.cross(axis, [0.0, 1.0, 0.0])
    side /= np.linalg.norm(side)
    up = np.cross(side, axis)
    reach = np.tan(np.deg2rad(spread)) * np.sqrt((np.arange(count) + 0.5) / count)
    turn = np.arange(count) * GOLDEN_ANGLE
    rays = axis + reach[:, None] * (np.cos(turn)[:, None] * side + np.sin(turn)[:, None] * up)
    return np.asarray(rays / np.linalg.norm(rays, axis=1, keepdims=True))


def sky(count: int) -> Floats:
    """`count` directions spread evenly over the upper half sphere."""
    height = (np.arange(count) + 0.5) / count
    turn = np.arange(count) * GOLDEN_ANGLE
    flat = np.sqrt(1 - height**2)
    return np.stack([flat * np.cos(turn), height, flat * np.sin(turn)], axis=1)


def received(samples: Cloud, points: Floats, normals: Floats) -> Received:
    """What of each light and of the sky reaches the points; lifted off their surface so as not to hit it."""
    lifted = points + normals * samples.pixel * 1.5
    lights = [_mean_visibility(samples, lifted, cone(light.direction, light.spread, light.rays)) for light in LIGHTS]
    open_sky, facing = np.zeros(len(points)), np.zeros(len(points))
    for direction in sky(SKY_DIRECTIONS):
        share = np.maximum(normals @ direction, 0.0)
        open_sky += share * visibility(samples, lifted, direction)
        facing += share
    return Received(lights, open_sky / (SKY_DIRECTIONS / 2), open_sky / np.maximum(facing, 1e-6))


def _mean_visibility(samples: Cloud, points: Floats, directions: Floats) -> Floats:
    return np.asarray(sum(visibility(samples, points, direction) for direction in directions) / len(directions))


def visibility(samples: Cloud, points: Floats, direction: Floats) -> Floats:
    """From 0 to 1 for each point: how far it sees along the direction, softened over neighbouring pixels."""
    hint = np.array([0.0, 0.0, 1.0]) if abs(direction[1]) > 0.9 else np.array([0.0, 1.0, 0.0])
    side = np.cross(hint, direction)
    side /= np.linalg.norm(side)
    frame = np.stack([side, np.cross(direction, side), direction])
    depth = np.full((RESOLUTION + 2, RESOLUTION + 2), -np.inf)
    drawn = (samples.points - samples.middle) @ frame.T
    columns, rows = ((drawn[:, axis] / samples.pixel + RESOLUTION / 2).astype(np.int64) + 1 for axis in (0, 1))
    np.maximum.at(depth, (rows, columns), drawn[:, 2])
    return _looked_up(depth, (points - samples.middle) @ frame.T, samples.pixel)


def _looked_up(depth: Floats, local: Floats, pixel: float) -> Floats:
    """The share of the four pixels around each point whose nearest surface is not in front of it."""
    place = np.clip(local[:, :2] / pixel + RESOLUTION / 2 + 0.5, 0, RESOLUTION + 0.999)
    reach = local[:, 2] + 1.5 * pixel
    return np.asarray(sum(weight * (depth[row, column] <= reach) for row, column, weight in neighbours(place)))
