"""Places, turns and views in the stage's space: metres, Y up, the product standing on y = 0 above the origin. Pure."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Vector = tuple[float, float, float]
MARGIN_PIXELS = 6


@dataclass(frozen=True, slots=True)
class View:
    """A camera: where it is, what it looks at, and its vertical angle in degrees."""

    position: Vector
    target: Vector
    angle: float = 24.0
    up: Vector = (0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a product stands: metres from the room's middle, and turns about x, y, z in degrees."""

    position: Vector = (0.0, 0.0, 0.0)
    rotation: Vector = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Box:
    """A product's measured box in its own space with Y up: its least corner and its greatest."""

    least: Array
    most: Array

    @property
    def size(self) -> Array:
        return self.most - self.least

    @property
    def base(self) -> Array:
        """The middle of its underside: what stands on the floor."""
        middle = (self.least + self.most) / 2
        return np.array([middle[0], self.least[1], middle[2]])


def turning(degrees: Vector) -> Array:
    """The matrix that turns about x, then y, then z."""
    whole: Array = np.eye(3)
    for axis, angle in enumerate(np.radians(degrees)):
        first, second = (axis + 1) % 3, (axis + 2) % 3
        one: Array = np.eye(3)
        one[first, first] = one[second, second] = np.cos(angle)
        one[first, second], one[second, first] = -np.sin(angle), np.sin(angle)
        whole = one @ whole
    return whole


def direction(azimuth: float, elevation: float) -> Array:
    """To where something stands, in degrees; azimuth 0 is before the product, positive at its left hand."""
    around, up = np.radians(azimuth), np.radians(elevation)
    return np.array([np.sin(around) * np.cos(up), np.sin(up), np.cos(around) * np.cos(up)])


def as_vector(values: Array) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z


def axes(view: View) -> tuple[Array, Array, Array]:
    """Ahead, right and up of a view, of length 1."""
    ahead = np.array(view.target) - np.array(view.position)
    ahead = ahead / np.linalg.norm(ahead)
    right = np.cross(ahead, np.array(view.up))
    right = right / np.linalg.norm(right)
    return ahead, right, np.cross(right, ahead)


def projected(view: View, points: Array) -> Array | None:
    """Where points are seen: right and up of the middle, in half heights of the picture; None with one behind."""
    ahead, right, above = axes(view)
    away = points - np.array(view.position)
    depth = away @ ahead
    if depth.min() <= 0:
        return None
    half = np.tan(np.radians(view.angle / 2))
    places: Array = np.stack([away @ right, away @ above], axis=1) / (depth * half)[:, None]
    return places


def narrowed(view: View, share: float) -> View:
    """The view of the middle part of this height."""
    half = np.tan(np.radians(view.angle / 2)) * share
    return replace(view, angle=float(np.degrees(2 * np.arctan(half))))


def nudged(view: View, look: tuple[float, float], height: int) -> View:
    """The view turned by a part of a pixel to the right and down."""
    _, right, above = axes(view)
    distance = np.linalg.norm(np.array(view.target) - np.array(view.position))
    pixel = 2 * distance * np.tan(np.radians(view.angle / 2)) / height
    moved = np.array(view.target) + (right * look[0] - above * look[1]) * pixel
    return replace(view, target=as_vector(moved))


def window_of(view: View, size: tuple[int, int], points: Array) -> tuple[int, int]:
    """The least middle part of a picture, even as the picture is, that these points are in."""
    seen = projected(view, points)
    if seen is None:
        return size
    across, up = (float(np.abs(seen[:, axis]).max()) * size[1] / 2 + MARGIN_PIXELS for axis in (0, 1))
    wide, high = (edge - 2 * max(0, int(edge / 2 - half)) for edge, half in zip(size, (across, up), strict=True))
    return wide, high


def corners_of(box: Box, where: Placing) -> Array:
    """The eight corners of a product's box as it is placed."""
    ends = np.array([box.least, box.most])
    every = np.array([ends[[x, y, z], [0, 1, 2]] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    placed: Array = (every - box.base) @ turning(where.rotation).T + np.array(where.position)
    return placed
