"""From meshes to what formats and the renderer need: vertex normals with creases, shared vertices, a material."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from assets.mesh import Floats, Ints, Mesh

# Decimals kept in files. Trigonometric functions differ in the last bits between processors; after this
# rounding the bytes do not.
POSITION_DECIMALS = 5
NORMAL_DECIMALS = 4


@dataclass(frozen=True, eq=False)
class Material:
    """A metallic-roughness material. `colour` is sRGB as `#rrggbb`; `texture` multiplies it."""

    name: str
    colour: str = "#ffffff"
    metallic: float = 0.0
    roughness: float = 0.6
    emission: str = "#000000"
    texture: Image.Image | None = None

    def linear_colour(self) -> Floats:
        return linear(self.colour)

    def linear_emission(self) -> Floats:
        return linear(self.emission)


@dataclass(frozen=True, eq=False)
class Part:
    """A mesh, what it is made of, and the angle in degrees from which its edges are sharp."""

    mesh: Mesh
    material: Material
    crease: float = 40.0


@dataclass(frozen=True, eq=False)
class Surface:
    """A part ready to be written or drawn: one unit normal per vertex, vertices shared where all agrees."""

    positions: Floats
    normals: Floats
    uvs: Floats
    faces: Ints
    material: Material = field(repr=False)


def linear(colour: str) -> Floats:
    """`#rrggbb` in sRGB as three linear numbers from 0 to 1."""
    return to_linear(np.array([int(colour[start : start + 2], 16) / 255.0 for start in (1, 3, 5)]))


def to_linear(values: Floats) -> Floats:
    """SRGB values from 0 to 1 made linear (IEC 61966-2-1)."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def to_srgb(values: Floats) -> Floats:
    """Linear values from 0 to 1 made sRGB (IEC 61966-2-1)."""
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * np.maximum(values, 1e-9) ** (1 / 2.4) - 0.055)


def surfaces_of(parts: Sequence[Part]) -> list[Surface]:
    """One surface per part, stood on the floor: lowest point at y = 0, footprint centred on the origin."""
    everything = np.concatenate([part.mesh.positions for part in parts])
    low, high = everything.min(axis=0), everything.max(axis=0)
    shift = np.array([-(low[0] + high[0]) / 2, -low[1], -(low[2] + high[2]) / 2])
    return [_surface(part, shift) for part in parts]


def _surface(part: Part, shift: Floats) -> Surface:
    positions = np.round(part.mesh.positions + shift, POSITION_DECIMALS) + 0.0
    points, welded = np.unique(positions, axis=0, return_inverse=True)
    welded = welded.reshape(-1)
    faces = part.mesh.faces
    crosses = _crosses(points, welded[faces])
    kept = np.linalg.norm(crosses, axis=1) > 1e-12
    faces, crosses = faces[kept], crosses[kept]
    normals = _corner_normals(welded[faces], crosses, np.cos(np.deg2rad(part.crease)))
    corners = np.concatenate(
        [positions[faces].reshape(-1, 3), normals, np.round(part.mesh.uvs[faces].reshape(-1, 2), 5) + 0.0], axis=1
    )
    rows, indices = np.unique(corners, axis=0, return_inverse=True)
    order, indices = _in_order_of_use(indices.reshape(-1))
    rows = rows[order]
    unit = rows[:, 3:6] / np.linalg.norm(rows[:, 3:6], axis=1, keepdims=True)
    return Surface(rows[:, :3], unit, rows[:, 6:], indices.reshape(-1, 3), part.material)


def _crosses(points: Floats, faces: Ints) -> Floats:
    first, second, third = (points[faces[:, corner]] for corner in range(3))
    return np.cross(second - first, third - first)


def _corner_normals(faces: Ints, crosses: Floats, limit: float) -> Floats:
    """One normal per corner: the area-weighted mean of the faces around it that lie within the crease angle."""
    units = crosses / np.linalg.norm(crosses, axis=1, keepdims=True)
    owner = np.repeat(np.arange(len(faces)), 3)
    order = np.argsort(faces.reshape(-1), kind="stable")
    _, starts, counts = np.unique(faces.reshape(-1)[order], return_index=True, return_counts=True)
    group_start, group_size = np.repeat(starts, counts), np.repeat(counts, counts)
    left = np.repeat(np.arange(len(order)), group_size)
    within = np.arange(len(left)) - np.repeat(np.cumsum(group_size) - group_size, group_size)
    mine, other = owner[order[left]], owner[order[np.repeat(group_start, group_size) + within]]
    near = np.einsum("ij,ij->i", units[mine], units[other]) >= limit
    sums = np.zeros((len(order), 3))
    np.add.at(sums, order[left[near]], crosses[other[near]])
    return np.asarray(np.round(sums / np.linalg.norm(sums, axis=1, keepdims=True), NORMAL_DECIMALS) + 0.0)


def _in_order_of_use(indices: Ints) -> tuple[Ints, Ints]:
    """Renumber vertices as the faces meet them, which keeps neighbours close and files small once packed."""
    _, first_seen = np.unique(indices, return_index=True)
    order = np.argsort(first_seen, kind="stable")
    renumbered = np.empty_like(order)
    renumbered[order] = np.arange(len(order))
    return order, renumbered[indices]
