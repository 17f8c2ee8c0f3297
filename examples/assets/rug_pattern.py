"""The rug's picture: a flat-woven pattern of diamonds and bands with a border."""

from __future__ import annotations

import numpy as np
from PIL import Image

from assets.mesh import Floats
from assets.textures import layered, noise, picture, rgb

CREAM, CLAY, OCHRE, INK = "#ece3d2", "#b5583c", "#d29a4a", "#2f3e4e"


def rug(rows: int = 280, columns: int = 400) -> Image.Image:
    """Drawn at `rows` x `columns` pixels, one pixel a knot, then worn and shaded row by row."""
    y, x = np.meshgrid((np.arange(rows) + 0.5) / rows, (np.arange(columns) + 0.5) / columns, indexing="ij")
    pixels = np.broadcast_to(rgb(CREAM), (rows, columns, 3)).copy()
    for mask, colour in [*_diamonds(x, y), *_bands(x), *_border(x, y, columns / rows)]:
        pixels[mask] = rgb(colour)
    worn = 0.94 + 0.12 * (noise((rows, columns), (rows // 2, columns // 3), 5) - 0.5)
    faded = 0.05 * (layered((rows, columns), (3, 4), 9) - 0.5)
    ridges = 1.0 - 0.05 * (np.arange(rows) % 2)[:, None]
    return picture(pixels * ((worn + faded) * ridges)[..., None], 40)


def _diamonds(x: Floats, y: Floats) -> list[tuple[np.ndarray[tuple[int, int], np.dtype[np.bool_]], str]]:
    """Three stepped diamonds in a row, each of nested rings."""
    across, down = (np.floor(x * 120) + 0.5) / 120, (np.floor(y * 84) + 0.5) / 84
    column = np.abs((across - 0.215) / 0.19 % 1.0 - 0.5) * 2
    distance = column + np.abs(down - 0.5) / 0.40
    inside = (x > 0.215) & (x < 0.785)
    rings = [(1.0, CLAY), (0.86, CREAM), (0.78, INK), (0.62, OCHRE), (0.46, CREAM), (0.36, CLAY), (0.16, INK)]
    return [((distance < limit) & inside, colour) for limit, colour in rings]


def _bands(x: Floats) -> list[tuple[np.ndarray[tuple[int, int], np.dtype[np.bool_]], str]]:
    """Upright bands on both sides of the diamonds."""
    edge = np.minimum(x, 1 - x)
    return [
        ((edge > 0.175) & (edge < 0.19), INK),
        ((edge > 0.125) & (edge < 0.165), CLAY),
        ((edge > 0.095) & (edge < 0.110), OCHRE),
    ]


def _border(x: Floats, y: Floats, ratio: float) -> list[tuple[np.ndarray[tuple[int, int], np.dtype[np.bool_]], str]]:
    """A dark frame with a row of small teeth on its inner side."""
    edge = np.minimum(np.minimum(x, 1 - x) * ratio, np.minimum(y, 1 - y))
    teeth = (np.floor((x * ratio + 0.02) * 30) + np.floor((y + 0.02) * 30)) % 2 == 0
    return [((edge < 0.075) & teeth, OCHRE), (edge < 0.052, CREAM), (edge < 0.040, INK)]
