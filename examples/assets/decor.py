"""Small things for a room: a fluted vase and a rug."""

from __future__ import annotations

import numpy as np

from assets import palette
from assets.curves import spline
from assets.mesh import Floats, Mesh, merged
from assets.shapes import box, tube, wobbled
from assets.surface import Part


def vase() -> list[Part]:
    """A twisted, fluted vase that could be printed: closed walls, smooth inside."""
    outside = spline(
        [(0.062, 0.0), (0.085, 0.035), (0.112, 0.11), (0.098, 0.19), (0.058, 0.255), (0.056, 0.285), (0.070, 0.31)], 22
    )
    inside = spline([(0.063, 0.31), (0.049, 0.28), (0.052, 0.25), (0.088, 0.18), (0.100, 0.10), (0.060, 0.02)], 8)
    wall = np.concatenate([[[0.0, 0.0]], outside, inside, [[0.0, 0.014]]])
    return [Part(wobbled(wall, 70, _fluted).twisted(330), palette.BISQUE, crease=60)]


def _fluted(radius: Floats, height: Floats, angle: Floats) -> Floats:
    """Fourteen flutes that fade at foot and rim; the inside stays smooth."""
    rows = np.arange(len(radius))[:, None]
    outer = (rows >= 1) & (rows <= 22)
    depth = 0.0075 * np.clip(np.sin(np.pi * np.clip(height / 0.31, 0, 1)), 0, 1) ** 0.6
    return np.where(outer, radius + depth * (np.abs(np.sin(angle * 7)) * 2 - 1.2), radius)


def rug() -> list[Part]:
    """A flat-woven rug, 2.4 by 1.68 metres, with a cotton fringe at both short ends."""
    cloth = box((2.40, 0.012, 1.68), 0.005, 2)
    laid = Mesh(cloth.positions, cloth.positions[:, [0, 2]] / [2.40, 1.68] + 0.5, cloth.faces)
    tassels = [_tassel(1.195, z, index) for index, z in enumerate(np.linspace(-0.815, 0.815, 54))]
    right = merged(tassels)
    return [Part(laid, palette.flatweave()), Part(merged([right, right.mirrored("x")]), palette.FRINGE, crease=60)]


def _tassel(x: float, z: float, index: int) -> Mesh:
    """One knotted strand, bent a little differently from its neighbours."""
    sway = 0.006 * ((index * 7) % 5 - 2) / 2
    path = [(x, 0.006, z), (x + 0.030, 0.006, z + sway * 0.3), (x + 0.105, 0.003, z + sway)]
    return tube(path, 0.0055, 4, 0.0025)
