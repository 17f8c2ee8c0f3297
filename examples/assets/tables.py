"""Tables and shelves: a pebble coffee table, a tulip side table and an arched bookshelf."""

from __future__ import annotations

import numpy as np

from assets import palette
from assets.curves import filleted, spline
from assets.mesh import Floats, merged
from assets.shapes import board, box, lathe, tube
from assets.surface import Part


def pebble(width: float, depth: float, sides: int = 56) -> Floats:
    """A soft, uneven oval in X and Z."""
    angles = np.arange(sides) * 2 * np.pi / sides
    swell = 1.0 + 0.07 * np.cos(2 * angles + 0.9) + 0.035 * np.cos(3 * angles + 0.4)
    return np.stack([np.cos(angles) * width / 2, np.sin(angles) * depth / 2], axis=1) * swell[:, None]


def coffee_table() -> list[Part]:
    """An oak pebble on three thick round legs."""
    top = board(pebble(1.12, 0.70), 0.040, 0.018, 3).moved(y=0.315)
    leg = lathe(filleted([(0.0, 0.0), (0.052, 0.0), (0.062, 0.318), (0.0, 0.318)], 0.010, 3), 28, (1.0, 1.0))
    legs = [leg.grain_up().moved(x=x, z=z) for x, z in ((-0.33, 0.06), (0.20, 0.20), (0.27, -0.16))]
    return [Part(top.tiled(1 / 0.48), palette.oak()), Part(merged(legs), palette.oak())]


def side_table() -> list[Part]:
    """A tulip foot in ochre powder coat under a round, pale top with a lip."""
    foot = spline(
        [
            (0.165, 0.0),
            (0.168, 0.006),
            (0.120, 0.020),
            (0.050, 0.060),
            (0.024, 0.16),
            (0.021, 0.30),
            (0.036, 0.42),
            (0.090, 0.485),
        ],
        30,
    )
    closed = np.concatenate([[[0.0, 0.0]], foot, [[0.0, 0.486]]])
    top = filleted(
        [(0.0, 0.484), (0.215, 0.484), (0.225, 0.512), (0.218, 0.512), (0.210, 0.500), (0.0, 0.500)], 0.006, 3
    )
    return [Part(lathe(closed, 40), palette.OCHRE_COAT, crease=50), Part(lathe(top, 48), palette.POLAR)]


def bookshelf() -> list[Part]:
    """Two black arches joined by five walnut shelves, with brass feet."""
    arch = filleted([(-0.42, 0.012, 0), (-0.42, 1.86, 0), (0.42, 1.86, 0), (0.42, 0.012, 0)], 0.40, 18)
    frame = merged([tube(arch, 0.012, 10).moved(z=z) for z in (-0.15, 0.15)])
    levels = (0.10, 0.46, 0.82, 1.18, 1.50)
    shelves = merged([box((0.836, 0.026, 0.335), 0.006, 2).moved(y=y) for y in levels])
    ties = [tube([(x, 1.46 + 0.012, -0.15), (x, 1.472, 0.0), (x, 1.472, 0.15)], 0.008, 8) for x in (-0.42, 0.42)]
    foot = lathe(filleted([(0.0, 0.0), (0.018, 0.0), (0.018, 0.03), (0.0, 0.03)], 0.004, 2), 16)
    feet = merged([foot.moved(x=x, z=z) for x in (-0.42, 0.42) for z in (-0.15, 0.15)])
    return [
        Part(shelves.tiled(1 / 0.55), palette.walnut()),
        Part(merged([frame, *ties]), palette.BLACK),
        Part(feet, palette.BRASS),
    ]
