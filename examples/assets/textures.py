"""Procedural, tileable textures: wood grain, woven cloth, boucle, marble. Each is a small palette image."""

from __future__ import annotations

import numpy as np
from PIL import Image

from assets.mesh import Floats


def noise(shape: tuple[int, int], cells: tuple[int, int], seed: int) -> Floats:
    """Smooth periodic value noise from 0 to 1 over (rows, columns), with `cells` lattice cells each way."""
    lattice = np.random.default_rng(seed).random(cells)
    rows, row_part = _lattice_places(shape[0], cells[0])
    columns, column_part = _lattice_places(shape[1], cells[1])
    down, right = (rows + 1) % cells[0], (columns + 1) % cells[1]
    top = lattice[np.ix_(rows, columns)] * (1 - column_part) + lattice[np.ix_(rows, right)] * column_part
    low = lattice[np.ix_(down, columns)] * (1 - column_part) + lattice[np.ix_(down, right)] * column_part
    return np.asarray(top * (1 - row_part[:, None]) + low * row_part[:, None])


def _lattice_places(size: int, cells: int) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Floats]:
    place = np.arange(size) * cells / size
    whole = place.astype(np.int64)
    part = place - whole
    return whole, part * part * (3 - 2 * part)


def layered(shape: tuple[int, int], cells: tuple[int, int], seed: int, octaves: int = 4) -> Floats:
    """Noise of halving size and strength summed, from 0 to 1."""
    total = np.zeros(shape)
    for octave in range(octaves):
        total += noise(shape, (cells[0] << octave, cells[1] << octave), seed + octave) / (2 << octave)
    return np.asarray((total - total.min()) / (total.max() - total.min()))


def mixed(low: str, high: str, share: Floats) -> Floats:
    """Each pixel between two `#rrggbb` colours, by a share from 0 to 1."""
    first, second = rgb(low), rgb(high)
    return first + (second - first) * np.clip(share, 0.0, 1.0)[..., None]


def rgb(colour: str) -> Floats:
    return np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)], dtype=np.float64)


def picture(pixels: Floats, colours: int = 48) -> Image.Image:
    """Pixels from 0 to 255 as an image of few colours, which keeps the embedded PNG small."""
    image = Image.fromarray(np.clip(np.round(pixels), 0, 255).astype(np.uint8), "RGB")
    return image.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)


def wood(dark: str, light: str, seed: int, size: tuple[int, int] = (192, 384), rings: int = 7) -> Image.Image:
    """Plain-sawn boards: growth rings bent by slow noise, fine fibres and short dark pores along U."""
    drift = layered(size, (2, 1), seed, 3)
    across = np.arange(size[0])[:, None] / size[0]
    phase = (across * rings + drift * 2.6) % 1.0
    ring = np.where(phase < 0.82, phase / 0.82, (1 - phase) / 0.18) ** 1.6
    fibres = noise(size, (size[0] // 2, 6), seed + 11)
    pores = (noise(size, (size[0] // 2, 48), seed + 23) > 0.86) * ring
    tone = 0.95 - 0.55 * ring - 0.28 * (fibres - 0.5) - 0.25 * pores + 0.25 * (layered(size, (3, 1), seed + 5, 2) - 0.5)
    return picture(mixed(dark, light, tone))


def weave(warp: str, weft: str, seed: int, threads: int = 24, slub: float = 0.07, size: int = 192) -> Image.Image:
    """Plain weave: warp and weft pass over each other in turn; each thread has its own shade, `slub` apart."""
    place = (np.arange(size) + 0.5) * threads / size
    index = place.astype(np.int64)
    dome = np.sin((place - index) * np.pi)
    over = (index[:, None] + index[None, :]) % 2 == 0
    bend = 0.62 + 0.38 * np.where(over, dome[:, None] * dome[None, :] ** 0.4, dome[None, :] * dome[:, None] ** 0.4)
    uneven = np.random.default_rng(seed).normal(0.0, slub, (2, threads))
    shade = bend + np.where(over, uneven[0][index][None, :], uneven[1][index][:, None])
    shade += 0.10 * (noise((size, size), (size // 2, size // 2), seed) - 0.5)
    colour = np.where(over[..., None], rgb(warp), rgb(weft))
    return picture(colour * np.clip(shade, 0.0, 1.06)[..., None])


def boucle(dark: str, light: str, seed: int, loops: int = 900, size: int = 192) -> Image.Image:
    """Looped yarn: each pixel is as light as it is near the middle of a loop."""
    random = np.random.default_rng(seed)
    middles, lift = random.random((loops, 2)) * size, random.random(loops) * 0.25
    rows, columns = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    height = np.zeros((size, size))
    reach = size / np.sqrt(loops) * 1.45
    for (row, column), raised in zip(middles, lift, strict=True):
        down = np.abs(rows - row)
        right = np.abs(columns - column)
        near = np.hypot(np.minimum(down, size - down), np.minimum(right, size - right)) / reach
        height = np.maximum(height, np.sqrt(np.clip(1 - near**2, 0, 1)) * 0.80 + raised * (near < 1))
    return picture(mixed(dark, light, height + 0.15 * (noise((size, size), (96, 96), seed) - 0.5)), 24)


def marble(ground: str, vein: str, seed: int, size: int = 224) -> Image.Image:
    """Pale stone with thin, wandering veins where two layers of noise are equal."""
    shape = (size, size)
    field = layered(shape, (2, 2), seed, 5)
    other = layered(shape, (3, 3), seed + 40, 5)
    veins = np.exp(-np.abs(field - 0.5) * 34) * 0.9 + np.exp(-np.abs(other - 0.42) * 60) * 0.4
    return picture(mixed(ground, vein, veins * (0.4 + layered(shape, (4, 4), seed + 80, 3)) + 0.12 * other))
