"""Triangle meshes as values: positions and texture coordinates, moved, turned, mirrored, twisted and merged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

AXES = {"x": 0, "y": 1, "z": 2}


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles in metres, Y up, counter-clockwise seen from outside.

    `positions` is (n, 3), `uvs` (n, 2) with v pointing down as in glTF, `faces` (m, 3) indices.
    """

    positions: Floats
    uvs: Floats
    faces: Ints

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Mesh:
        return replace(self, positions=self.positions + np.array([x, y, z]))

    def turned(self, axis: str, degrees: float) -> Mesh:
        """Rotated about the axis `x`, `y` or `z` through the origin, right-handed."""
        return replace(self, positions=self.positions @ rotation(axis, degrees).T)

    def mirrored(self, axis: str) -> Mesh:
        """Reflected through the origin's plane across `axis`, the winding kept outward."""
        positions = self.positions.copy()
        positions[:, AXES[axis]] *= -1.0
        return replace(self, positions=positions, faces=self.faces[:, ::-1])

    def tiled(self, factor: float) -> Mesh:
        """The same surface with its texture repeated `factor` times as often."""
        return replace(self, uvs=self.uvs * factor)

    def grain_up(self) -> Mesh:
        """The same surface with u and v swapped: wood grain along what was across."""
        return replace(self, uvs=self.uvs[:, ::-1])

    def twisted(self, degrees_per_metre: float) -> Mesh:
        """Turned about Y in proportion to height."""
        angle = np.deg2rad(degrees_per_metre) * self.positions[:, 1]
        x, y, z = self.positions.T
        turned = [x * np.cos(angle) + z * np.sin(angle), y, z * np.cos(angle) - x * np.sin(angle)]
        return replace(self, positions=np.stack(turned, axis=1))

    def outward(self) -> Mesh:
        """A closed surface with its triangles facing outside, whichever way they were built."""
        corners = self.positions[self.faces]
        six_volumes = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
        return self if six_volumes.sum() >= 0 else replace(self, faces=self.faces[:, ::-1])


def rotation(axis: str, degrees: float) -> Floats:
    """The 3x3 matrix of a right-handed turn about `x`, `y` or `z`."""
    angle = np.deg2rad(degrees)
    first, second = (AXES[axis] + 1) % 3, (AXES[axis] + 2) % 3
    matrix = np.eye(3)
    matrix[first, first] = matrix[second, second] = np.cos(angle)
    matrix[second, first] = np.sin(angle)
    matrix[first, second] = -np.sin(angle)
    return matrix


def merged(meshes: Iterable[Mesh]) -> Mesh:
    """All meshes as one; vertices are not shared between them."""
    parts = list(meshes)
    starts = np.cumsum([0, *(len(part.positions) for part in parts)])
    return Mesh(
        np.concatenate([part.positions for part in parts]),
        np.concatenate([part.uvs for part in parts]),
        np.concatenate([part.faces + start for part, start in zip(parts, starts[:-1], strict=True)]),
    )


def circled(mesh: Mesh, count: int, offset: float = 0.0) -> Mesh:
    """`count` copies of the mesh turned evenly about Y, the first by `offset` degrees."""
    return merged(mesh.turned("y", offset + 360.0 * index / count) for index in range(count))


def four_corners(mesh: Mesh) -> Mesh:
    """The mesh and its reflections across X and Z: four legs from one."""
    pair = merged([mesh, mesh.mirrored("x")])
    return merged([pair, pair.mirrored("z")])
