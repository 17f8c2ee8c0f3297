"""Points along lines: filleted corners, splines, circles and outlines that the shapes are drawn from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assets.mesh import Floats

Points = Sequence[Sequence[float]]


def filleted(points: Points, radius: float, steps: int = 4, *, closed: bool = False) -> Floats:
    """A polyline in 2D or 3D with each corner replaced by a curve that starts `radius` before it.

    A radius longer than half an edge is cut to that half, so neighbouring curves never cross.
    """
    corners = np.array(points, dtype=np.float64)
    count = len(corners)
    out = [] if closed else [corners[0]]
    for index in range(count) if closed else range(1, count - 1):
        before, corner, after = corners[index - 1], corners[index], corners[(index + 1) % count]
        start = corner + _towards(corner, before, radius)
        end = corner + _towards(corner, after, radius)
        t = np.linspace(0.0, 1.0, steps + 1)[:, None]
        out.extend((1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * end)
    return np.array(out if closed else [*out, corners[-1]])


def _towards(corner: Floats, other: Floats, radius: float) -> Floats:
    edge = other - corner
    length = float(np.linalg.norm(edge))
    return np.asarray(edge / length * min(radius, length / 2))


def spline(points: Points, count: int) -> Floats:
    """`count` points on the Catmull-Rom curve through all points, evenly spread over its pieces."""
    knots = np.array(points, dtype=np.float64)
    padded = np.concatenate([[2 * knots[0] - knots[1]], knots, [2 * knots[-1] - knots[-2]]])
    place = np.linspace(0.0, len(knots) - 1, count)
    piece = np.minimum(place.astype(np.int64), len(knots) - 2)
    t = (place - piece)[:, None]
    a, b, c, d = (padded[piece + offset] for offset in range(4))
    curve = 2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    return np.asarray(curve / 2)


def circle(radius: float, sides: int) -> Floats:
    """A closed outline in 2D, counter-clockwise, its first point on the first axis."""
    angles = np.arange(sides) * 2 * np.pi / sides
    return radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def rectangle(width: float, height: float, radius: float, steps: int = 3) -> Floats:
    """A closed, centred outline with rounded corners."""
    x, y = width / 2, height / 2
    return filleted([(-x, -y), (x, -y), (x, y), (-x, y)], radius, steps, closed=True)


def lengths(points: Floats) -> Floats:
    """The distance of each point from the first, along the line."""
    edges = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(edges)])
