"""Closed solids built from curves: turned, swept, boxed, padded and cut from a board."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from assets.curves import Points, circle, lengths
from assets.mesh import Floats, Mesh, merged


def grid(points: Floats, uvs: Floats) -> Mesh:
    """A sheet of (rows, columns, 3) points, each cell split in two triangles."""
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    faces = np.stack([np.stack([a, b, c], axis=-1), np.stack([a, c, d], axis=-1)], axis=2)
    return Mesh(points.reshape(-1, 3), uvs.reshape(-1, 2), faces.reshape(-1, 3))


def lathe(profile: Points | Floats, segments: int = 40, repeats: tuple[float, float] = (1.0, 1.0)) -> Mesh:
    """A profile of (radius, height) revolved about Y; the profile begins and ends on the axis or in one point.

    The texture repeats `repeats` times around and along.
    """
    line = np.array(profile, dtype=np.float64)
    return wobbled(line, segments, lambda radius, _height, _angle: radius, repeats)


def wobbled(
    profile: Floats,
    segments: int,
    radius_at: Callable[[Floats, Floats, Floats], Floats],
    repeats: tuple[float, float] = (1.0, 1.0),
) -> Mesh:
    """Like `lathe`, with the radius changed by `radius_at(radius, height, angle)`: flutes and twists."""
    angles = np.linspace(0.0, 2 * np.pi, segments + 1)
    angles_grid, radius = np.meshgrid(angles, profile[:, 0])
    height = np.broadcast_to(profile[:, 1:2], radius.shape)
    radius = radius_at(radius, height, angles_grid % (2 * np.pi))
    points = np.stack([radius * np.sin(angles_grid), height, radius * np.cos(angles_grid)], axis=-1)
    along = lengths(profile)
    u = np.broadcast_to(angles / (2 * np.pi) * repeats[0], radius.shape)
    v = np.broadcast_to(((1 - along / along[-1]) * repeats[1])[:, None], radius.shape)
    return grid(points, np.stack([u, v], axis=-1)).outward()


def sweep(
    path: Points | Floats, section: Floats, scale: Points | Floats | None = None, *, closed: bool = False
) -> Mesh:
    """A closed outline carried along a 3D path, with flat ends unless the path is a loop.

    The outline's second axis starts out pointing as near to Y as the path allows. `scale` gives one factor per
    path point. Texture coordinates are in metres: u along the path, v around the outline.
    """
    line = np.array(path, dtype=np.float64)
    if closed:
        line = np.concatenate([line, line[:1]])
    side, up = _frames(line, closed=closed)
    factors = np.ones(len(line)) if scale is None else np.array(scale, dtype=np.float64).reshape(-1)
    ring = np.concatenate([section, section[:1]])
    scaled = ring[None] * factors[:, None, None]
    points = line[:, None] + scaled[..., :1] * side[:, None] + scaled[..., 1:] * up[:, None]
    u, v = np.meshgrid(lengths(line), lengths(ring), indexing="ij")
    walls = grid(points, np.stack([u, v], axis=-1))
    if closed:
        return walls.outward()
    ends = [_cap(points[0], ring * factors[0]), _cap(points[-1, ::-1], ring[::-1] * factors[-1])]
    return merged([walls, *ends]).outward()


def _frames(line: Floats, *, closed: bool) -> tuple[Floats, Floats]:
    """Two unit vectors across the path at each point, turned as little as possible from point to point."""
    around = np.concatenate([line[-2:-1], line, line[1:2]]) if closed else np.pad(line, ((1, 1), (0, 0)), mode="edge")
    tangents = around[2:] - around[:-2]
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    hint = np.array([0.0, 1.0, 0.0]) if abs(tangents[0, 1]) < 0.9 else np.array([0.0, 0.0, 1.0])
    ups = np.empty_like(line)
    for index, tangent in enumerate(tangents):
        across = hint - tangent * (hint @ tangent)
        hint = across / np.linalg.norm(across)
        ups[index] = hint
    return np.cross(ups, tangents), ups


def _cap(ring: Floats, outline: Floats) -> Mesh:
    """A fan that closes a ring of points around its middle."""
    points = np.stack([np.broadcast_to(ring[:-1].mean(axis=0), ring.shape), ring])
    uvs = np.stack([np.zeros_like(outline), outline])
    return grid(points, uvs)


def tube(path: Points | Floats, radius: float, sides: int = 10, end_radius: float | None = None) -> Mesh:
    """A round bar along a path, tapering to `end_radius` when one is given."""
    end = radius if end_radius is None else end_radius
    scale = np.linspace(1.0, end / radius, len(path))
    return sweep(path, circle(radius, sides), scale)


def box(size: tuple[float, float, float], radius: float, steps: int = 2, grain: str = "x") -> Mesh:
    """A box with rounded edges that stands on y = 0. Texture coordinates in metres, u along `grain`."""
    return _padded(size, radius, steps, flat=1, puff=(0.0, 0.0, 0.0), grain=grain)


def cushion(size: tuple[float, float, float], radius: float, puff: tuple[float, float, float], flat: int = 4) -> Mesh:
    """A rounded box whose faces bulge by `puff` metres at their middle, along X, Y and Z."""
    return _padded(size, radius, steps=2, flat=flat, puff=puff, grain="x")


def _padded(
    size: tuple[float, float, float],
    radius: float,
    steps: int,
    *,
    flat: int,
    puff: tuple[float, float, float],
    grain: str,
) -> Mesh:
    half = np.array(size) / 2
    faces = [_box_face(half, radius, steps, flat, axis, sign, grain) for axis in range(3) for sign in (-1, 1)]
    whole = merged(faces)
    share = np.clip(1 - (whole.positions / half) ** 2, 0.0, 1.0)
    bulge = np.stack([share[:, 1] * share[:, 2], share[:, 0] * share[:, 2], share[:, 0] * share[:, 1]], axis=1)
    swollen = whole.positions + np.sign(whole.positions) * bulge * np.array(puff)
    return Mesh(swollen, whole.uvs, whole.faces).moved(y=half[1]).outward()


def _box_face(half: Floats, radius: float, steps: int, flat: int, axis: int, sign: int, grain: str) -> Mesh:
    """One side of a rounded box: a flat grid whose margin is bent over onto the edges' quarter-round."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    inner = half - radius
    s, t = np.meshgrid(_ticks(inner[first], steps, flat), _ticks(inner[second], steps, flat), indexing="ij")
    cube = np.empty((*s.shape, 3))
    cube[..., first], cube[..., second], cube[..., axis] = s, t, sign * (inner[axis] + 1.0)
    core = np.clip(cube, -inner, inner)
    outwards = cube - core
    outwards /= np.linalg.norm(outwards, axis=-1, keepdims=True)
    points = core + outwards * radius
    along, across = (first, second) if "xyz"[first] == grain or "xyz"[second] != grain else (second, first)
    uvs = np.stack([points[..., along] + half[along], points[..., across] + half[across]], axis=-1)
    return grid(points, uvs) if sign > 0 else _flipped(grid(points, uvs))


def _ticks(inner: float, steps: int, flat: int) -> Floats:
    """Grid lines along one side: the flat part, and beside it the quarter-round up to 45 degrees as tangents."""
    bend = np.tan(np.deg2rad(np.linspace(45.0, 0.0, steps + 1)[:-1]))
    return np.concatenate([-inner - bend, np.linspace(-inner, inner, flat + 1), inner + bend[::-1]])


def _flipped(mesh: Mesh) -> Mesh:
    return Mesh(mesh.positions, mesh.uvs, mesh.faces[:, ::-1])


def board(outline: Floats, height: float, bevel: float, steps: int = 3) -> Mesh:
    """A flat board cut along a star-shaped outline in X and Z, with rounded rims, standing on y = 0.

    Texture coordinates are the outline's metres, so that wood grain runs straight across.
    """
    angles = np.linspace(-90.0, 90.0, 2 * steps + 1)
    inset = bevel * (1 - np.cos(np.deg2rad(angles)))
    level = np.where(angles < 0, bevel, height - bevel) + bevel * np.sin(np.deg2rad(angles))
    level = np.concatenate([level[:steps], [bevel, height - bevel], level[steps + 1 :]])
    inset = np.concatenate([inset[:steps], [0.0, 0.0], inset[steps + 1 :]])
    ring = np.concatenate([outline, outline[:1]])
    size = np.linalg.norm(ring, axis=1, keepdims=True)
    rings = [np.zeros_like(ring), *(ring * (1 - cut / size) for cut in inset), np.zeros_like(ring)]
    heights = np.array([0.0, *level, height])
    flat = np.stack(rings)
    points = np.stack([flat[..., 0], np.broadcast_to(heights[:, None], flat.shape[:2]), flat[..., 1]], axis=-1)
    return grid(points, flat - outline.min(axis=0)).outward()
