"""What stands about in the rooms: furniture, pictures, plants, of our own making."""

import numpy as np
import trimesh

from catalogsync.sandbox.content.builder import Builder
from catalogsync.sandbox.content.space import Vector

SUN = 0.11


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


def plant(builder: Builder, x: float, z: float) -> None:
    """A tall plant with broad leaves on bent stems, in a basket."""
    builder.tube((x, 0, z), (0.20, 0.25), 0.36, (0.70, 0.56, 0.40), rough=0.95)
    chance = np.random.default_rng(11)
    for index in range(15):
        around, reach = index * 2.4, 0.14 + 0.34 * chance.random()
        top = 0.85 + 0.75 * chance.random()
        tip = np.array([x + reach * np.cos(around), top, z + reach * 0.7 * np.sin(around)])
        builder.leaf(tip, around, 0.15 + 0.06 * chance.random(), (0.11, 0.24 + 0.08 * chance.random(), 0.10))
        builder.stem(np.array([x, 0.33, z]), tip, 0.008, (0.20, 0.26, 0.12))


def bush(builder: Builder, middle: Vector, radius: float) -> None:
    """Many small leaves about a ball, in three greens; the same every time."""
    chance = np.random.default_rng(7)
    for green in (0.24, 0.32, 0.42):
        towards = chance.standard_normal((90, 3))
        reach = radius * (0.55 + 0.45 * chance.random((90, 1)))
        places = np.array(middle) + towards / np.linalg.norm(towards, axis=1, keepdims=True) * reach
        builder.leaves(list(places), radius * 0.16, (green * 0.55, green, green * 0.36))


def shrubbery(builder: Builder, z: float, height: float, radius: float) -> None:
    """A row of round shrubs in many greens."""
    chance = np.random.default_rng(round(height * 100))
    for x in np.arange(-builder.room.half * 1.6, builder.room.half * 1.6, radius * 0.45):
        ball = trimesh.creation.icosphere(subdivisions=3, radius=radius * (0.7 + 0.6 * chance.random()))
        bumps = chance.standard_normal((8, 3)) * 11 / radius
        ball.vertices *= 1 + 0.022 * np.sin(ball.vertices @ bumps.T).sum(axis=1, keepdims=True) / 2
        ball.apply_translation((x + 0.2 * chance.standard_normal(), height * (0.7 + 0.5 * chance.random()), z))
        green = 0.20 + 0.16 * chance.random()
        builder.add(ball, (green * (0.55 + 0.2 * chance.random()), green, green * 0.34), rough=0.9)
