"""A perspective camera and a z-buffer: which triangle each pixel shows, and where on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from assets.mesh import Floats, Ints


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole camera. `axes` are its right, up and backward unit vectors as rows; `focal` is in pixels."""

    eye: Floats
    axes: Floats
    focal: float
    centre: Floats

    def project(self, points: Floats) -> Floats:
        """(n, 3) points as column, row and distance along the view direction."""
        local = (points - self.eye) @ self.axes.T
        distance = -local[:, 2]
        column = self.centre[0] + self.focal * local[:, 0] / distance
        row = self.centre[1] - self.focal * local[:, 1] / distance
        return np.stack([column, row, distance], axis=1)

    def rays(self, size: int) -> Floats:
        """The unit direction through each pixel's middle, (size, size, 3)."""
        columns, rows = np.meshgrid(np.arange(size) + 0.5, np.arange(size) + 0.5)
        local = np.stack([columns - self.centre[0], self.centre[1] - rows, np.full_like(rows, -self.focal)], axis=-1)
        directions = local @ self.axes
        return np.asarray(directions / np.linalg.norm(directions, axis=-1, keepdims=True))


def fitted(points: Floats, azimuth: float, elevation: float, size: int, fill: float, view: float = 24.0) -> Camera:
    """A camera that shows all points in the middle of the picture, its longer side taking the share `fill`.

    `azimuth` turns the camera from the front (+Z) to the right (+X), `elevation` lifts it, `view` is the angle
    that the whole picture spans; all in degrees.
    """
    turn, lift = np.deg2rad(azimuth), np.deg2rad(elevation)
    back = np.array([np.sin(turn) * np.cos(lift), np.sin(lift), np.cos(turn) * np.cos(lift)])
    right = np.array([np.cos(turn), 0.0, -np.sin(turn)])
    axes = np.stack([right, np.cross(back, right), back])
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    distance = float(np.linalg.norm(points - middle, axis=1).max()) / np.tan(np.deg2rad(view / 2)) * 1.2
    focal = size / 2 / np.tan(np.deg2rad(view / 2))
    camera = Camera(middle + back * distance, axes, focal, np.full(2, size / 2))
    seen = camera.project(points)[:, :2]
    camera = replace(camera, focal=focal * fill * size / float(np.ptp(seen, axis=0).max()))
    seen = camera.project(points)[:, :2]
    return replace(camera, centre=size - (seen.min(axis=0) + seen.max(axis=0)) / 2)


@dataclass(frozen=True, eq=False)
class Hits:
    """What the pixels show: flat pixel numbers, their triangles, and weights of the triangle's corners."""

    pixels: Ints
    faces: Ints
    weights: Floats

    def blended(self, values: Floats, faces: Ints) -> Floats:
        """A per-vertex quantity at each hit."""
        return np.asarray(np.einsum("nc,ncd->nd", self.weights, values[faces[self.faces]]))


def rasterised(camera: Camera, positions: Floats, faces: Ints, size: int) -> Hits:
    """Draw front-facing triangles into a depth buffer of `size` x `size` pixels."""
    projected = camera.project(positions)
    corners = projected[faces]
    depth = np.zeros((size, size))
    shown = np.full((size, size), -1, dtype=np.int64)
    edges = corners[:, 1:, :2] - corners[:, :1, :2]
    areas = edges[:, 0, 0] * edges[:, 1, 1] - edges[:, 0, 1] * edges[:, 1, 0]
    for index in np.flatnonzero(areas < -1e-9):
        _draw(depth, shown, corners[index], int(index))
    pixels = np.flatnonzero(shown >= 0)
    hit = shown.reshape(-1)[pixels]
    middles = np.stack([pixels % size + 0.5, pixels // size + 0.5], axis=1)
    near = _flat_weights(corners[hit], middles) / corners[hit][:, :, 2]
    return Hits(pixels, hit, near / near.sum(axis=1, keepdims=True))


def _draw(depth: Floats, shown: Ints, corners: Floats, index: int) -> None:
    """Keep the triangle where it is nearer than what was drawn; the buffer holds one over the distance."""
    size = len(depth)
    low = np.clip(np.floor(corners[:, :2].min(axis=0)).astype(np.int64), 0, size)
    high = np.clip(np.ceil(corners[:, :2].max(axis=0)).astype(np.int64) + 1, 0, size)
    if (low >= high).any():
        return
    x = np.arange(low[0], high[0]) + 0.5
    y = (np.arange(low[1], high[1]) + 0.5)[:, None]
    (ax, ay, aw), (bx, by, bw), (cx, cy, cw) = corners.tolist()
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    second = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) / area
    third = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / area
    first = 1 - second - third
    near = first / aw + second / bw + third / cw
    place = (slice(low[1], high[1]), slice(low[0], high[0]))
    drawn = (first >= 0) & (second >= 0) & (third >= 0) & (near > depth[place])
    depth[place][drawn] = near[drawn]
    shown[place][drawn] = index


def _flat_weights(corners: Floats, points: Floats) -> Floats:
    """Barycentric weights in the picture's plane of (n, 2) points in (n, 3, 3) projected triangles."""
    first, second = corners[:, 1, :2] - corners[:, 0, :2], corners[:, 2, :2] - corners[:, 0, :2]
    to = points - corners[:, 0, :2]
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    b = (to[:, 0] * second[:, 1] - to[:, 1] * second[:, 0]) / area
    c = (first[:, 0] * to[:, 1] - first[:, 1] * to[:, 0]) / area
    return np.stack([1 - b - c, b, c], axis=1)
