"""Painted surfaces of the rooms, with the light and the dark that the engine does not compute. Pure."""

from collections.abc import Sequence

import numpy as np

from catalogsync.sandbox.content.studio import Pixels, blur, smooth

TEXTURE = 1536
MOULDING = 0.1
Rectangle = tuple[float, float, float, float]
Rgb = tuple[float, float, float]


def floor_points(half: float) -> tuple[Pixels, Pixels]:
    """Where in the room the points of the floor's texture are: x and z."""
    line = np.linspace(-half, half, TEXTURE, dtype=np.float32)
    x, z = np.meshgrid(line, line)
    return x, z


def shaded(x: Pixels, z: Pixels, things: tuple[Rectangle, ...], softness: float, half: float) -> Pixels:
    """1 where the floor is light, less about and under things given as x, z, width, depth."""
    dark = np.zeros_like(x)
    for middle_x, middle_z, width, depth in things:
        dark = np.maximum(dark, (np.abs(x - middle_x) < width / 2) & (np.abs(z - middle_z) < depth / 2))
    radius = max(1, round(softness / half / 2 * TEXTURE / 3))
    return 1 - 0.62 * blur(dark.astype(np.float32), radius)


def planks(
    x: Pixels, z: Pixels, colour: Rgb, *, width: float = 0.16, contrast: float = 0.14, gap: float = 0.003
) -> Pixels:
    """Boards along z, each of its own shade, with a fine grain."""
    board = np.floor(x / width).astype(int)
    shift = (board * 7919 % 13) / 13 * 1.9
    piece = np.floor((z + shift) / 1.9).astype(int)
    tone = ((board * 92821 + piece * 68917) % 101) / 101 - 0.5
    seam = np.minimum(np.abs(x / width - np.round(x / width)) * width, np.abs((z + shift) % 1.9))
    streaks = np.sin(x * 210 + np.sin(z * 3 + board) * 3 + tone * 40) * 0.018
    shade = (1 + contrast * tone + streaks) * (1 - 0.45 * np.exp(-seam / gap))
    painted: Pixels = (np.array(colour, np.float32) * shade[..., None]).astype(np.float32)
    return painted


def plaster(colour: Rgb, *, light_from: float, dark_below: float = 0.22) -> Pixels:
    """A wall: hardly uneven, lighter at one side, darker at floor, ceiling and corners."""
    across, up = np.meshgrid(np.linspace(0, 1, TEXTURE, dtype=np.float32), np.linspace(1, 0, TEXTURE, dtype=np.float32))
    corners = np.exp(-across / 0.06) + np.exp(-(1 - across) / 0.06)
    edges = dark_below * np.exp(-up / 0.05) + 0.10 * np.exp(-(1 - up) / 0.15) + 0.13 * corners
    glow = 0.16 * np.exp(-(((across - light_from) / 0.45) ** 2) - (((up - 0.45) / 0.5) ** 2))
    painted: Pixels = (np.array(colour, np.float32) * (0.93 + glow - edges)[..., None]).astype(np.float32)
    return painted


def mouldings(half: float, height: float, panels: Sequence[tuple[float, float, float, float]]) -> Pixels:
    """The factor that frames of moulding on a wall lighten and darken it by: panels as left, right, bottom, top."""
    every_x, every_y = wall_points(half, height)
    factor = np.ones_like(every_x)
    for left, right, bottom, top in panels:
        near = (every_x[0] > left - MOULDING) & (every_x[0] < right + MOULDING)
        x, y = every_x[:, near], every_y[:, near]
        inner = np.minimum(
            (right - left) / 2 - np.abs(x - (left + right) / 2), (top - bottom) / 2 - np.abs(y - (bottom + top) / 2)
        )
        # Lit from above on the left: what faces there is light, what faces away is dark.
        side = np.sign((y - (bottom + top) / 2) / (top - bottom) - (x - (left + right) / 2) / (right - left))
        edge, face = np.exp(-((inner / 0.012) ** 2)), np.exp(-(((inner - 0.022) / 0.012) ** 2))
        factor[:, near] *= 1 - 0.16 * edge + 0.05 * side * face
    return factor


def wall_points(half: float, height: float) -> tuple[Pixels, Pixels]:
    """Where on a wall the points of its texture are: x and y."""
    across, up = np.linspace(-half, half, TEXTURE, dtype=np.float32), np.linspace(height, 0, TEXTURE, dtype=np.float32)
    x, y = np.meshgrid(across, up)
    return x, y


def window_light(x: Pixels, y: Pixels, middle: tuple[float, float], half: tuple[float, float], slant: float) -> Pixels:
    """The sun through a window with bars, soft-edged: a slanted patch of six panes about `middle`, 0 to 1."""
    along, across = (x - middle[0] + slant * (y - middle[1])) / half[0], (y - middle[1] - 0.12 * x) / half[1]
    pane = smooth((1 - np.abs(along)) / 0.10) * smooth((1 - np.abs(across)) / 0.08)
    bars = smooth(np.abs(along) / 0.07) * smooth(np.abs(np.abs(across) - 1 / 3) / 0.05)
    patch: Pixels = pane * bars
    return patch
