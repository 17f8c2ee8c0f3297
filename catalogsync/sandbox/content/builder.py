"""Builds a room as one GLB from coloured and textured parts. Metres, Y up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from PIL import Image
from trimesh.visual.material import PBRMaterial

from catalogsync.sandbox.content.shadows import Lamp
from catalogsync.sandbox.content.space import Array, Vector
from catalogsync.sandbox.content.studio import Pixels
from catalogsync.sandbox.content.textures import Rgb


@dataclass(frozen=True, slots=True)
class Room:
    """How a scene is built and lit. `far`: the back wall's distance; `half`: half the floor's edge, metres. `blur`: of
    what is twice as far as the products, a share of the picture's edge.
    """

    build: Callable[["Builder"], None]
    light: str
    lamp: Lamp
    far: float
    half: float = 6.0
    blur: float = 0.008


class Builder:
    """Collects coloured parts and writes them as one GLB."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self._scene = trimesh.Scene()

    def box(self, middle: Vector, size: Vector, colour: Rgb, *, rough: float = 0.7) -> None:
        mesh = trimesh.creation.box(extents=size)
        mesh.unmerge_vertices()
        mesh.apply_translation(middle)
        self.add(mesh, colour, rough=rough)

    def tube(self, foot: Vector, radii: tuple[float, float], height: float, colour: Rgb, *, rough: float = 0.6) -> None:
        """A round upright part that may narrow towards its top."""
        lower, upper = radii
        outline = np.array([(0.0, 0.0), (lower, 0.0), (upper, height), (0.0, height)])
        mesh = trimesh.creation.revolve(outline, sections=64)
        mesh.unmerge_vertices()
        mesh.apply_transform(trimesh.transformations.rotation_matrix(-np.pi / 2, (1, 0, 0)))
        mesh.apply_translation(foot)
        self.add(mesh, colour, rough=rough)

    def sheet(self, corners: tuple[Vector, Vector, Vector, Vector], picture: Pixels, *, rough: float = 0.8) -> None:
        """A textured rectangle; corners as the picture's: upper left, upper right, lower right, lower left."""
        visual = papered(picture, [(0, 1), (1, 1), (1, 0), (0, 0)], rough=rough)
        mesh = trimesh.Trimesh(corners, [(0, 3, 2), (0, 2, 1)], visual=visual, process=False)
        self._scene.add_geometry(mesh)

    def sweep(self, outline: Array, picture: Pixels) -> None:
        """Paper along an outline of (z, y); the picture's lower edge is where it begins."""
        half = self.room.half
        corners = [(side, y, z) for z, y in outline for side in (-half, half)]
        lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(outline, axis=0), axis=1))])
        places = [((x + half) / (2 * half), lengths[at // 2] / lengths[-1]) for at, (x, _, _) in enumerate(corners)]
        faces = [face for at in range(0, len(corners) - 2, 2) for face in ((at, at + 1, at + 3), (at, at + 3, at + 2))]
        self._scene.add_geometry(
            trimesh.Trimesh(corners, faces, visual=papered(picture, places, rough=0.95), process=False)
        )

    def leaves(self, places: Sequence[Array], radius: float, green: Rgb) -> None:
        """Small leaves in every direction, all of one colour."""
        chance = np.random.default_rng(7)
        parts = []
        for place in places:
            leaf = trimesh.creation.icosphere(subdivisions=1, radius=radius)
            leaf.apply_scale((1.0, 0.35, 1.6))
            leaf.apply_transform(trimesh.transformations.random_rotation_matrix(chance.random(3)))
            leaf.apply_translation(place)
            parts.append(leaf)
        self.add(trimesh.util.concatenate(parts), green, rough=0.8)

    def leaf(self, tip: Array, around: float, length: float, green: Rgb) -> None:
        """One broad leaf that hangs outwards from a stem's tip."""
        blade = trimesh.creation.icosphere(subdivisions=2, radius=length)
        blade.apply_scale((1.5, 0.05, 0.75))
        blade.apply_translation((length * 1.2, 0, 0))
        blade.apply_transform(trimesh.transformations.euler_matrix(0, -around, -0.5, "rzyx"))
        blade.apply_translation(tip)
        self.add(blade, green, rough=0.5)

    def stem(self, foot: Array, tip: Array, radius: float, colour: Rgb) -> None:
        self.add(trimesh.creation.cylinder(radius, segment=[foot, tip], sections=8), colour, rough=0.8)

    def add(self, mesh: Any, colour: Rgb, *, rough: float) -> None:
        mesh.visual = trimesh.visual.TextureVisuals(
            uv=np.zeros((len(mesh.vertices), 2)), material=material(colour, rough)
        )
        self._scene.add_geometry(mesh)

    def write(self, path: Path) -> None:
        path.write_bytes(bytes(self._scene.export(file_type="glb")))


def papered(picture: Pixels, places: Sequence[tuple[float, float]], *, rough: float) -> Any:
    """A texture for vertices at these places of it."""
    texture = Image.fromarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))
    finish = PBRMaterial(baseColorTexture=texture, metallicFactor=0.0, roughnessFactor=rough, doubleSided=True)
    return trimesh.visual.TextureVisuals(uv=places, material=finish)


def material(colour: Rgb, rough: float) -> PBRMaterial:
    return PBRMaterial(
        baseColorFactor=[*(round(255 * part) for part in colour), 255],
        metallicFactor=0.0,
        roughnessFactor=rough,
        doubleSided=True,
    )
