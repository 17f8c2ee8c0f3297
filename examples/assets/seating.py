"""Seats: a lounge chair, a three-seat sofa and a stool."""

from __future__ import annotations

import numpy as np

from assets import palette
from assets.curves import filleted, rectangle, spline
from assets.mesh import Mesh, circled, four_corners, merged
from assets.shapes import box, cushion, lathe, sweep, tube
from assets.surface import Part


def lounge_chair() -> list[Part]:
    """A walnut frame of two bent loops, with boucle cushions and flat armrests."""
    loop = filleted([(0, 0.012, 0.34), (0, 0.012, -0.36), (0, 0.555, -0.30), (0, 0.555, 0.36)], 0.13, 6, closed=True)
    side = sweep(loop, rectangle(0.034, 0.024, 0.008, 2), closed=True)
    rest = box((0.075, 0.026, 0.60), 0.012, grain="z").moved(y=0.553, z=0.02)
    rails = [
        tube([(-0.34, y, z), (0.0, y, z), (0.34, y, z)], 0.016, 10)
        for y, z in ((0.290, 0.350), (0.215, -0.338), (0.50, -0.306))
    ]
    pair = merged([merged([side, rest]).moved(x=0.345), merged([side, rest]).moved(x=-0.345)])
    seat = cushion((0.60, 0.15, 0.66), 0.055, (0.006, 0.030, 0.012)).turned("x", -6).moved(y=0.255, z=0.03)
    back = cushion((0.60, 0.56, 0.14), 0.055, (0.006, 0.012, 0.034)).turned("x", -20).moved(y=0.375, z=-0.21)
    pillow = cushion((0.44, 0.17, 0.09), 0.04, (0.0, 0.006, 0.022)).turned("x", -20).moved(y=0.745, z=-0.245)
    return [
        Part(merged([pair, *rails]).tiled(1 / 0.45), palette.walnut()),
        Part(merged([seat, back, pillow]).tiled(1 / 0.26), palette.boucle(), crease=70),
    ]


def sofa() -> list[Part]:
    """Three seats, loose cushions, wide arms, turned oak legs and two mustard pillows."""
    base = cushion((2.06, 0.17, 0.86), 0.035, (0.0, 0.0, 0.004), flat=3).moved(y=0.14)
    arm = cushion((0.19, 0.46, 0.90), 0.075, (0.012, 0.012, 0.008), flat=4).moved(x=0.965, y=0.135)
    rear = cushion((1.78, 0.50, 0.17), 0.07, (0.0, 0.010, 0.008), flat=4).turned("x", -6).moved(y=0.24, z=-0.345)
    seats = [
        cushion((0.580, 0.16, 0.66), 0.05, (0.004, 0.026, 0.014)).moved(x=x, y=0.30, z=0.10) for x in (-0.583, 0, 0.583)
    ]
    backs = [
        cushion((0.570, 0.40, 0.17), 0.06, (0.004, 0.018, 0.040)).turned("x", -14).moved(x=x, y=0.445, z=-0.175)
        for x in (-0.583, 0, 0.583)
    ]
    leg = lathe(filleted([(0.0, 0.0), (0.014, 0.0), (0.024, 0.145), (0.0, 0.145)], 0.004, 2), 16, (1.0, 1.0))
    return [
        Part(
            merged([base, arm, arm.mirrored("x"), rear, *seats, *backs]).tiled(1 / 0.16), palette.sea_weave(), crease=70
        ),
        Part(merged([_pillow(-0.70, 18, 12), _pillow(0.69, -22, -10)]), palette.MUSTARD, crease=70),
        Part(four_corners(leg.turned("z", 8).moved(x=0.93, z=0.35)), palette.oak()),
    ]


def _pillow(x: float, turn: float, roll: float) -> Mesh:
    """A loose square pillow that leans on the back cushions."""
    soft = cushion((0.40, 0.40, 0.07), 0.03, (-0.020, -0.020, 0.055), flat=5)
    return (
        soft.moved(y=-0.2)
        .turned("z", roll)
        .moved(y=0.2)
        .turned("x", -26)
        .turned("y", turn)
        .moved(x=x, y=0.475, z=0.045)
    )


def stool() -> list[Part]:
    """A dished, red-stained seat on three splayed beech legs with a brass ring to rest the feet on."""
    seat = spline(
        [(0.0, 0.628), (0.12, 0.627), (0.160, 0.632), (0.178, 0.648), (0.170, 0.664), (0.120, 0.658), (0.0, 0.650)], 28
    )
    seat[[0, -1], 0] = 0.0
    slope = [(0.100, 0.634, 0.0), (0.135, 0.43, 0.0), (0.172, 0.215, 0.0), (0.210, 0.0, 0.0)]
    leg = tube(spline(slope, 10), 0.0195, 12, 0.0125)
    angles = np.arange(40) * 2 * np.pi / 40
    ring = np.stack([0.172 * np.cos(angles), np.full(40, 0.215), 0.172 * np.sin(angles)], axis=1)
    hoop = tube(np.concatenate([ring, ring[:1]]), 0.0065, 8)
    return [
        Part(lathe(seat, 44), palette.RED_STAIN),
        Part(circled(leg, 3, 90), palette.NATURAL_BEECH),
        Part(hoop, palette.BRASS),
    ]
