"""Lamps: an arc lamp, a table lamp and a tiered pendant."""

from __future__ import annotations

import numpy as np

from assets import palette
from assets.curves import filleted, spline
from assets.mesh import Floats, Mesh, merged
from assets.shapes import lathe, tube
from assets.surface import Part


def sphere(radius: float, height: float, segments: int = 20, rings: int = 11) -> Mesh:
    angles = np.linspace(-np.pi / 2, np.pi / 2, rings)
    profile = np.stack([radius * np.cos(angles), height + radius * np.sin(angles)], axis=1)
    return lathe(profile, segments)


def cylinder(radius: float, low: float, high: float, bevel: float = 0.003, segments: int = 28) -> Mesh:
    outline = [(0.0, low), (radius, low), (radius, high), (0.0, high)]
    return lathe(filleted(outline, bevel, 3), segments)


def bowl(outside: Floats, thickness: float) -> tuple[Floats, Floats]:
    """An open shade's outer and inner skin: (radius, height) from the rim at the bottom to the axis at the top."""
    inside = np.array(outside)
    inside[:, 0] = np.maximum(inside[:, 0] - thickness, 0.0)
    inside[-1, 1] -= thickness
    inside[1:-1, 1] -= thickness * np.linspace(0.0, 1.0, len(inside) - 2)
    rim = np.stack([outside[0], inside[0]])
    return outside, np.concatenate([rim, inside[1:]])


def skins(outside: Floats, thickness: float, segments: int) -> tuple[Mesh, Mesh]:
    """Outer and inner mesh of a shade; together they are closed."""
    outer, inner = bowl(outside, thickness)
    lining = lathe(inner, segments)
    return lathe(outer, segments), Mesh(lining.positions, lining.uvs, lining.faces[:, ::-1])


def arc_lamp() -> list[Part]:
    """A marble foot, a brass bow, and a black dome gilded inside, tipped towards the room."""
    bow = spline(
        [
            (-0.62, 0.05, 0),
            (-0.665, 0.70, 0),
            (-0.60, 1.30, 0),
            (-0.36, 1.76, 0),
            (0.06, 1.97, 0),
            (0.46, 1.88, 0),
            (0.66, 1.66, 0),
        ],
        52,
    )
    angles = np.linspace(0.0, np.pi / 2, 13)
    dome = np.stack([0.205 * np.cos(angles) ** 0.8, 0.185 * np.sin(angles)], axis=1)
    dome[-1, 0] = 0.0
    outer, inner = skins(dome, 0.005, 36)
    collar = merged([cylinder(0.024, 0.178, 0.225), cylinder(0.017, 0.22, 0.255, segments=20)])
    foot = lathe(filleted([(0.0, 0.0), (0.18, 0.0), (0.18, 0.055), (0.0, 0.055)], 0.009, 3), 44, (2.0, 1.0))
    socket = cylinder(0.028, 0.045, 0.075).moved(x=-0.62)
    return [
        Part(foot.moved(x=-0.62), palette.marble()),
        Part(merged([tube(bow, 0.0125, 10), _hung(collar), socket]), palette.BRASS),
        Part(_hung(outer), palette.BLACK),
        Part(_hung(inner), palette.GOLD_INSIDE),
        Part(_hung(sphere(0.06, 0.05)), palette.GLOW),
    ]


def _hung(mesh: Mesh) -> Mesh:
    """A piece of the arc lamp's head, built upright on the origin, in its place at the end of the bow."""
    return mesh.moved(y=-0.24).turned("x", -24).turned("z", 16).moved(x=0.655, y=1.668)


def table_lamp() -> list[Part]:
    """A terracotta gourd under a lit linen shade."""
    gourd = spline(
        [(0.062, 0.0), (0.078, 0.012), (0.118, 0.085), (0.112, 0.155), (0.062, 0.215), (0.046, 0.25), (0.055, 0.285)],
        20,
    )
    body = np.concatenate([[[0.0, 0.0]], gourd, [[0.050, 0.292], [0.0, 0.292]]])
    shade = np.array([(0.190, 0.345), (0.165, 0.475), (0.140, 0.600)])
    wall = np.concatenate([shade, shade[::-1] - [0.004, 0.0], shade[:1]])
    trims = [_hoop(0.190, 0.345), _hoop(0.140, 0.600)]
    stem = merged(
        [cylinder(0.020, 0.288, 0.306), cylinder(0.007, 0.30, 0.615, segments=12), sphere(0.013, 0.622, 14, 9)]
    )
    spider = [
        tube([(0, 0.592, 0), (0.070, 0.596, 0), (0.137, 0.598, 0)], 0.0025, 6).turned("y", t) for t in (0, 120, 240)
    ]
    return [
        Part(lathe(body, 40), palette.TERRACOTTA, crease=50),
        Part(lathe(wall, 48, (6.0, 3.0)), palette.linen()),
        Part(merged(trims), palette.FRINGE),
        Part(merged([stem, *spider]), palette.BRASS),
        Part(sphere(0.042, 0.43, 16, 9), palette.GLOW),
    ]


def _hoop(radius: float, height: float) -> Mesh:
    """A thin ring of tape around a shade's edge."""
    low, high = height - 0.005, height + 0.005
    ring = [(radius - 0.006, low), (radius + 0.0022, low), (radius + 0.0022, high), (radius - 0.006, high)]
    return lathe([*ring, ring[0]], 48)


def pendant_lamp() -> list[Part]:
    """Three nested enamel shades, sage outside and lit within, on a black cord with its ceiling rose."""
    tiers = ((0.250, 0.085, 0.215), (0.175, 0.045, 0.150), (0.105, 0.0, 0.075))
    outer, inner = zip(*(_tier(*tier) for tier in tiers), strict=True)
    crown = lathe(filleted([(0.0, 0.205), (0.042, 0.205), (0.026, 0.285), (0.0, 0.285)], 0.010, 3), 28)
    rose = lathe(filleted([(0.0, 0.80), (0.014, 0.80), (0.055, 0.825), (0.055, 0.85), (0.0, 0.85)], 0.008, 3), 28)
    return [
        Part(outer[0], palette.SAGE),
        Part(merged(outer[1:]), palette.TIER_ENAMEL),
        Part(merged(inner), palette.LIT_ENAMEL),
        Part(merged([crown, rose]), palette.BRASS),
        Part(tube([(0, 0.28, 0), (0, 0.55, 0), (0, 0.81, 0)], 0.0035, 8), palette.BLACK),
        Part(sphere(0.034, 0.022, 16, 9), palette.GLOW),
    ]


def _tier(reach: float, low: float, high: float) -> tuple[Mesh, Mesh]:
    """One shade of the pendant, its rim `reach` from the axis."""
    bends = [(reach, low), (reach * 0.93, low + 0.022), (reach * 0.62, (low + high) / 2 + 0.022), (0.030, high)]
    return skins(np.concatenate([spline(bends, 11), [[0.0, high]]]), 0.003, 36)
