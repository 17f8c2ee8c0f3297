"""The rooms of the built-in scenes, of our own making: boxes and planes with baked textures, as one GLB each.

Metres, Y up. Products stand about the origin; the floor is y = 0, the back wall is behind them. Light that the engine
does not compute (a window's patch on the floor, the dark of corners and under furniture) is painted into the textures.
"""

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
from catalogsync.sandbox.content.studio import Pixels, blur, grain, smooth
from catalogsync.sandbox.content.textures import (
    TEXTURE,
    Rgb,
    floor_points,
    planks,
    plaster,
    shaded,
    tiles,
    window_light,
)

SUN = 0.11


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

    def box(self, middle: Vector, size: Vector, colour: Rgb, *, rough: float = 0.7, glow: float = 0.0) -> None:
        mesh = trimesh.creation.box(extents=size)
        mesh.apply_translation(middle)
        self._add(mesh, material(colour, rough, glow))

    def tube(self, foot: Vector, radii: tuple[float, float], height: float, colour: Rgb, *, glow: float = 0.0) -> None:
        """A round upright part that may narrow towards its top."""
        lower, upper = radii
        outline = np.array([(0.0, 0.0), (lower, 0.0), (upper, height), (0.0, height)])
        mesh = trimesh.creation.revolve(outline, sections=64)
        mesh.apply_transform(trimesh.transformations.rotation_matrix(-np.pi / 2, (1, 0, 0)))
        mesh.apply_translation(foot)
        self._add(mesh, material(colour, 0.6, glow))

    def sheet(self, corners: tuple[Vector, Vector, Vector, Vector], picture: Pixels, *, rough: float = 0.8) -> None:
        """A textured rectangle; corners as the picture's: upper left, upper right, lower right, lower left."""
        visual = papered(picture, [(0, 1), (1, 1), (1, 0), (0, 0)], rough=rough)
        mesh = trimesh.Trimesh(corners, [(0, 3, 2), (0, 2, 1)], visual=visual, process=False)
        self._scene.add_geometry(mesh)

    def sweep(self, outline: Array, picture: Pixels) -> None:
        """Paper along an outline of (z, y), textured from above."""
        half = self.room.half
        corners = [(side, y, z) for z, y in outline for side in (-half, half)]
        places = [((x + half) / (2 * half), (half - z) / (2 * half)) for x, _, z in corners]
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
        self._add(trimesh.util.concatenate(parts), material(green, 0.8, 0.0))

    def _add(self, mesh: Any, finish: PBRMaterial) -> None:
        mesh.unmerge_vertices()
        mesh.visual = trimesh.visual.TextureVisuals(uv=np.zeros((len(mesh.vertices), 2)), material=finish)
        self._scene.add_geometry(mesh)

    def write(self, path: Path) -> None:
        path.write_bytes(bytes(self._scene.export(file_type="glb")))


def papered(picture: Pixels, places: Sequence[tuple[float, float]], *, rough: float) -> Any:
    """A texture for vertices at these places of it."""
    texture = Image.fromarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))
    finish = PBRMaterial(baseColorTexture=texture, metallicFactor=0.0, roughnessFactor=rough, doubleSided=True)
    return trimesh.visual.TextureVisuals(uv=places, material=finish)


def material(colour: Rgb, rough: float, glow: float) -> PBRMaterial:
    return PBRMaterial(
        baseColorFactor=[*(round(255 * part) for part in colour), 255],
        metallicFactor=0.0,
        roughnessFactor=rough,
        emissiveFactor=[glow * part for part in colour],
        doubleSided=True,
    )


def write_room(scene_id: int, path: Path) -> Room:
    room = ROOMS[scene_id]
    builder = Builder(room)
    room.build(builder)
    builder.write(path)
    return room


def lay_floor(builder: Builder, picture: Pixels, *, rough: float) -> None:
    half = builder.room.half
    corners = ((-half, 0, -half), (half, 0, -half), (half, 0, half), (-half, 0, half))
    builder.sheet(corners, picture, rough=rough)


def living_room(builder: Builder) -> None:
    half, far = builder.room.half, builder.room.far
    x, z = floor_points(half)
    furniture = ((1.75, -far + 0.22, 1.5, 0.46), (-1.9, -far + 0.4, 0.3, 0.3))
    shade = shaded(x, z, furniture, 0.2, half) * (1 - 0.4 * np.exp(-(z + far) / 0.25)) * (1 - 0.1 * smooth(z / 3))
    wood = planks(x, z, (0.62, 0.44, 0.29)) * shade[..., None]
    lay_floor(
        builder, wood * (1 + window_light(x, z)[..., None] * np.array([0.55, 0.46, 0.32], np.float32)), rough=0.72
    )
    walls(builder, (0.86, 0.83, 0.77), (0.80, 0.78, 0.74), 3.6)
    builder.box((0, 0.05, -far + 0.01), (2 * half, 0.1, 0.02), (0.93, 0.92, 0.89))
    builder.tube((0.05, 0.001, 0.1), (1.28, 1.27), 0.008, (0.78, 0.74, 0.67))
    builder.tube((0.05, 0.001, 0.1), (1.21, 1.2), 0.010, (0.84, 0.81, 0.75))
    sideboard(builder, 1.75, -far + 0.22)
    painting(builder, -0.15, 1.62, -far + 0.02)
    floor_lamp(builder, -1.9, -far + 0.4)


def walls(builder: Builder, back: Rgb, side: Rgb, height: float) -> None:
    half, far = builder.room.half, builder.room.far
    builder.sheet(
        ((-half, height, -far), (half, height, -far), (half, 0, -far), (-half, 0, -far)),
        plaster(back, light_from=0.36),
        rough=0.95,
    )
    left = -2.9
    builder.sheet(
        ((left, height, half), (left, height, -far), (left, 0, -far), (left, 0, half)),
        plaster(side, light_from=0.6),
        rough=0.95,
    )


def sideboard(builder: Builder, x: float, z: float) -> None:
    builder.box((x, 0.40, z), (1.5, 0.50, 0.42), (0.40, 0.26, 0.16), rough=0.5)
    for offset in (-0.49, 0.0, 0.49):
        builder.box((x + offset, 0.40, z + 0.215), (0.47, 0.45, 0.012), (0.46, 0.30, 0.19), rough=0.45)
        builder.box((x + offset, 0.56, z + 0.226), (0.12, 0.012, 0.012), (0.75, 0.62, 0.38), rough=0.3)
    for leg in (-0.68, 0.68):
        builder.box((x + leg, 0.075, z), (0.04, 0.15, 0.36), (0.22, 0.15, 0.10))
    covers = ((0.55, 0.30, 0.22), (0.24, 0.32, 0.38), (0.82, 0.76, 0.64), (0.45, 0.47, 0.36), (0.68, 0.50, 0.30))
    for index, cover in enumerate(covers):
        height = 0.20 + 0.03 * (index * 3 % 4)
        builder.box((x - 0.58 + index * 0.046, 0.65 + height / 2, z), (0.04, height, 0.16), cover)
    builder.tube((x + 0.35, 0.65, z), (0.06, 0.10), 0.16, (0.86, 0.83, 0.78))
    builder.tube((x + 0.35, 0.81, z), (0.10, 0.035), 0.10, (0.86, 0.83, 0.78))


def painting(builder: Builder, x: float, y: float, z: float) -> None:
    across, down = np.meshgrid(np.linspace(0, 1, 256), np.linspace(0, 1, 192))
    picture = np.broadcast_to(np.array([0.92, 0.89, 0.83], np.float32), (192, 256, 3)).copy()
    for middle, height, width, colour in (
        (0.25, 0.72, 0.42, (0.55, 0.62, 0.58)),
        (0.62, 0.66, 0.50, (0.80, 0.60, 0.44)),
        (0.90, 0.78, 0.40, (0.34, 0.42, 0.46)),
    ):
        picture[down > height + ((across - middle) / width) ** 2 * 0.9 - 0.22] = colour
    picture[np.hypot((across - 0.70) * 1.33, down - 0.27) < SUN] = (0.86, 0.48, 0.32)
    builder.box((x, y, z), (1.10, 0.84, 0.03), (0.25, 0.18, 0.13))
    builder.box((x, y, z + 0.014), (1.06, 0.80, 0.012), (0.95, 0.94, 0.91))
    left, right, top, bottom, front = x - 0.42, x + 0.42, y + 0.30, y - 0.30, z + 0.022
    builder.sheet(((left, top, front), (right, top, front), (right, bottom, front), (left, bottom, front)), picture)


def floor_lamp(builder: Builder, x: float, z: float) -> None:
    builder.tube((x, 0, z), (0.15, 0.14), 0.02, (0.16, 0.15, 0.14))
    builder.tube((x, 0, z), (0.012, 0.012), 1.35, (0.16, 0.15, 0.14))
    builder.tube((x, 1.30, z), (0.21, 0.15), 0.28, (1.0, 0.90, 0.74), glow=0.45)


def photo_studio(builder: Builder) -> None:
    """A paper sweep that bends from the floor to the wall."""
    half, far, bend = builder.room.half, builder.room.far, 0.9
    x, z = floor_points(half)
    pool = 0.90 + 0.16 * np.exp(-((x / 1.6) ** 2) - ((z - 0.1) / 1.3) ** 2)
    colour = np.array([0.70, 0.72, 0.75], np.float32)
    angles = np.linspace(0, np.pi / 2, 25)
    outline = [(half, 0.0), *((-far + bend - bend * np.sin(a), bend - bend * np.cos(a)) for a in angles), (-far, 5.0)]
    builder.sweep(np.array(outline), colour * pool[..., None])
    for side in (-1, 1):
        builder.box((side * 2.3, 1.2, -far + 1.0), (0.05, 2.4, 0.9), (0.93, 0.94, 0.96), rough=0.9)


def garden_terrace(builder: Builder) -> None:
    half, far = builder.room.half, builder.room.far
    x, z = floor_points(half)
    pots = ((-1.75, -far + 0.62, 0.5, 0.5), (1.95, -far + 0.6, 0.4, 0.4))
    shade = shaded(x, z, pots, 0.25, half) * (1 - 0.45 * np.exp(-(z + far - 0.2) / 0.3))
    lay_floor(builder, tiles(x, z, (0.68, 0.64, 0.57)) * shade[..., None], rough=0.85)
    builder.box((0, 0.22, -far), (2 * half, 0.44, 0.3), (0.82, 0.78, 0.71), rough=0.95)
    builder.box((0, 0.46, -far), (2 * half, 0.05, 0.38), (0.70, 0.66, 0.59), rough=0.9)
    hedge(builder, -far - 0.8, 1.25)
    for x_pot, z_pot, radius in ((-1.75, -far + 0.62, 0.2), (1.95, -far + 0.6, 0.16)):
        builder.tube((x_pot, 0, z_pot), (radius * 0.75, radius), radius * 2.2, (0.72, 0.42, 0.28))
        bush(builder, (x_pot, radius * 2.2 + radius * 1.15, z_pot), radius * 1.6)


def hedge(builder: Builder, z: float, height: float) -> None:
    half = builder.room.half * 2
    tall = TEXTURE // 12
    noise = blur(grain(TEXTURE * 2, tall), 3) * 2.4 + blur(grain(TEXTURE * 2, tall), 1) * 0.5
    up = np.linspace(1, 0.45, tall, dtype=np.float32)[:, None]
    picture = np.array([0.30, 0.40, 0.20], np.float32) * (up * (1 + 0.8 * noise))[..., None]
    corners = ((-half, height, z), (half, height, z), (half, 0, z), (-half, 0, z))
    builder.sheet(corners, picture, rough=1.0)


def bush(builder: Builder, middle: Vector, radius: float) -> None:
    """Many small leaves about a ball, in three greens; the same every time."""
    chance = np.random.default_rng(7)
    for green in (0.24, 0.32, 0.42):
        towards = chance.standard_normal((90, 3))
        reach = radius * (0.55 + 0.45 * chance.random((90, 1)))
        places = np.array(middle) + towards / np.linalg.norm(towards, axis=1, keepdims=True) * reach
        builder.leaves(list(places), radius * 0.16, (green * 0.55, green, green * 0.36))


ROOMS = {
    7550: Room(living_room, "room", Lamp(-62, 42, 12, 0.34), 1.7),
    7551: Room(photo_studio, "soft", Lamp(-50, 50, 14, 0.28), 2.0),
    7552: Room(garden_terrace, "day", Lamp(-48, 46, 4, 0.52), 2.2),
}
