"""Painted surfaces of the rooms, with the light and the dark that the engine does not compute. Pure."""

import numpy as np

from catalogsync.sandbox.content.studio import Pixels, blur, grain, smooth

TEXTURE = 1536
JOINT = 0.008
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


def planks(x: Pixels, z: Pixels, colour: Rgb, width: float = 0.16) -> Pixels:
    """Boards along z, each of its own shade, with a fine grain."""
    board = np.floor(x / width).astype(int)
    shift = (board * 7919 % 13) / 13 * 1.9
    piece = np.floor((z + shift) / 1.9).astype(int)
    tone = ((board * 92821 + piece * 68917) % 101) / 101 - 0.5
    seam = np.minimum(np.abs(x / width - np.round(x / width)) * width, np.abs((z + shift) % 1.9))
    streaks = np.sin(x * 210 + np.sin(z * 3 + board) * 3 + tone * 40) * 0.018
    shade = (1 + 0.20 * tone + streaks) * (1 - 0.45 * np.exp(-seam / 0.004))
    painted: Pixels = (np.array(colour, np.float32) * shade[..., None]).astype(np.float32)
    return painted


def tiles(x: Pixels, z: Pixels, colour: Rgb, edge: float = 0.6) -> Pixels:
    """Square stone slabs with joints."""
    column, row = np.floor(x / edge).astype(int), np.floor(z / edge).astype(int)
    tone = ((column * 92821 + row * 68917) % 97) / 97 - 0.5
    seam = np.minimum(np.abs((x + edge / 2) % edge - edge / 2), np.abs((z + edge / 2) % edge - edge / 2))
    stain = blur(grain(TEXTURE, TEXTURE), 6) * 0.5 + grain(TEXTURE, TEXTURE) * 0.012
    shade = (1 + 0.11 * tone + stain) * (1 - 0.35 * (seam < JOINT))
    painted: Pixels = (np.array(colour, np.float32) * shade[..., None]).astype(np.float32)
    return painted


def plaster(colour: Rgb, *, light_from: float, dark_below: float = 0.22) -> Pixels:
    """A wall: a little uneven, lighter at one side, darker at floor, ceiling and corners."""
    across, up = np.meshgrid(np.linspace(0, 1, TEXTURE), np.linspace(1, 0, TEXTURE))
    corners = np.exp(-across / 0.06) + np.exp(-(1 - across) / 0.06)
    edges = dark_below * np.exp(-up / 0.10) + 0.10 * np.exp(-(1 - up) / 0.15) + 0.13 * corners
    glow = 0.16 * np.exp(-(((across - light_from) / 0.45) ** 2) - (((up - 0.55) / 0.5) ** 2))
    rough = blur(grain(TEXTURE, TEXTURE), 2) * 0.05
    painted: Pixels = (np.array(colour, np.float32) * (0.93 + glow - edges + rough)[..., None]).astype(np.float32)
    return painted


def window_light(x: Pixels, z: Pixels) -> Pixels:
    """The sun through a window with a cross: a slanted patch of four panes on the floor."""
    along, across = x + 0.75 * z + 1.35, z - 0.2 * x
    pane = smooth((0.95 - np.abs(along)) / 0.12) * smooth((0.85 - np.abs(across - 0.1)) / 0.12)
    bars = smooth(np.abs(along) / 0.07) * smooth(np.abs(across - 0.1) / 0.07)
    patch: Pixels = pane * bars
    return patch
