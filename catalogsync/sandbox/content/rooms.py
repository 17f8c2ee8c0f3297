"""The rooms of the built-in scenes, of our own making: parts and planes with baked textures, as one GLB each.

Metres, Y up. Products stand about the origin; the floor is y = 0, the back wall is behind them. Light that the engine
does not compute (a window's patch on the floor, the dark of corners and under furniture) is painted into the textures.
"""

from pathlib import Path

import numpy as np

from catalogsync.sandbox.content.builder import Builder, Room
from catalogsync.sandbox.content.decor import bush, painting, plant, shrubbery, sideboard
from catalogsync.sandbox.content.shadows import Lamp
from catalogsync.sandbox.content.studio import Pixels, smooth
from catalogsync.sandbox.content.textures import (
    TEXTURE,
    Rgb,
    floor_points,
    mouldings,
    planks,
    plaster,
    shaded,
    wall_points,
    window_light,
)

SUNSHINE = np.array([1.0, 0.92, 0.78], np.float32)


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
    """A panelled wall, an oak floor, the afternoon's sun from a window on the left."""
    half, far, height = builder.room.half, builder.room.far, 5.0
    x, z = floor_points(half)
    furniture = ((1.95, -far + 0.22, 1.5, 0.46), (-2.0, -far + 0.4, 0.5, 0.5))
    shade = shaded(x, z, furniture, 0.2, half) * (1 - 0.4 * np.exp(-(z + far) / 0.25)) * (1 - 0.1 * smooth(z / 3))
    wood = planks(x, z, (0.66, 0.53, 0.40)) * shade[..., None]
    patch = window_light(x, -z, (-0.9, -0.5), (1.15, 1.05), 0.7)
    lay_floor(builder, wood * (1 + patch[..., None] * SUNSHINE * 0.36), rough=0.62)
    across, up = wall_points(half, height)
    panels = [(left, left + 1.3, 0.34, 2.75) for left in np.arange(-5.35, 5, 1.5)]
    wall = plaster((0.87, 0.84, 0.79), light_from=0.40) * mouldings(half, height, panels)[..., None]
    sun = window_light(across, up, (-1.05, 1.75), (0.85, 1.0), -0.35)
    walls(builder, wall * (1 + 0.20 * sun[..., None] * SUNSHINE), (0.80, 0.78, 0.74), height)
    builder.box((0, 0.07, -far + 0.01), (2 * half, 0.14, 0.03), (0.90, 0.88, 0.84))
    sideboard(builder, 1.95, -far + 0.22)
    painting(builder, 0.0, 1.62, -far + 0.02)
    plant(builder, -2.0, -far + 0.4)


def walls(builder: Builder, back: Pixels, side: Rgb, height: float) -> None:
    half, far, left = builder.room.half, builder.room.far, -3.2
    builder.sheet(((-half, height, -far), (half, height, -far), (half, 0, -far), (-half, 0, -far)), back, rough=0.95)
    corners = ((left, height, half), (left, height, -far), (left, 0, -far), (left, 0, half))
    builder.sheet(corners, plaster(side, light_from=0.6), rough=0.95)


def photo_studio(builder: Builder) -> None:
    """A paper sweep that bends from the floor to the wall, with a pool of light and a window's shadow on it."""
    half, far, bend, tall = builder.room.half, builder.room.far, 1.1, 6.0
    angles = np.linspace(0, np.pi / 2, 25)
    outline = [(half, 0.0), *((-far + bend - bend * np.sin(a), bend - bend * np.cos(a)) for a in angles), (-far, tall)]
    steps = np.linalg.norm(np.diff(np.array(outline), axis=0), axis=1)
    x, along = np.meshgrid(
        np.linspace(-half, half, TEXTURE, dtype=np.float32), np.linspace(steps.sum(), 0, TEXTURE, dtype=np.float32)
    )
    standing, wall = half, half + far
    pool = 0.86 + 0.20 * np.exp(-((x / 1.5) ** 2) - ((along - standing) / 1.5) ** 2)
    glow = 0.16 * np.exp(-(((x + 0.35) / 1.3) ** 2) - ((along - wall - 0.9) / 1.1) ** 2)
    gobo = window_light(x, along - wall, (-0.35, 0.95), (0.95, 1.15), -0.42)
    colour = np.array([0.80, 0.755, 0.70], np.float32)
    builder.sweep(np.array(outline), colour * (pool + glow)[..., None] * (1 + 0.16 * gobo[..., None] * SUNSHINE))


def garden_terrace(builder: Builder) -> None:
    """A teak deck before a low white wall and a garden."""
    half, far = builder.room.half, builder.room.far
    x, z = floor_points(half)
    pots = ((-1.75, -far + 0.62, 0.5, 0.5), (1.95, -far + 0.6, 0.4, 0.4))
    shade = shaded(x, z, pots, 0.25, half) * (1 - 0.45 * np.exp(-(z + far - 0.2) / 0.3))
    deck = planks(z, x, (0.60, 0.49, 0.38), width=0.13, contrast=0.16, gap=0.005)
    lay_floor(builder, deck * shade[..., None], rough=0.85)
    builder.box((0, 0.24, -far), (2 * half, 0.48, 0.3), (0.86, 0.84, 0.79), rough=0.95)
    builder.box((0, 0.50, -far), (2 * half, 0.05, 0.38), (0.74, 0.70, 0.63), rough=0.9)
    shrubbery(builder, -far - 1.1, 0.55, 0.5)
    shrubbery(builder, -far - 2.4, 1.2, 0.8)
    shrubbery(builder, -far - 4.0, 2.6, 1.3)
    for x_pot, z_pot, radius in ((-1.75, -far + 0.62, 0.2), (1.95, -far + 0.6, 0.16)):
        builder.tube((x_pot, 0, z_pot), (radius * 0.75, radius), radius * 2.2, (0.72, 0.42, 0.28))
        bush(builder, (x_pot, radius * 2.2 + radius * 1.15, z_pot), radius * 1.6)


ROOMS = {
    7550: Room(living_room, "room", Lamp(-62, 42, 12, 0.44), 1.7),
    7551: Room(photo_studio, "soft", Lamp(-50, 50, 14, 0.28), 2.0),
    7552: Room(garden_terrace, "day", Lamp(-48, 46, 4, 0.52), 2.2, blur=0.012),
}
