"""Values between grid points: bilinear look-up, and textures with smaller copies for what is far away."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from assets.mesh import Floats, Ints
from assets.surface import to_linear


def neighbours(place: Floats) -> Iterator[tuple[Ints, Ints, Floats]]:
    """The four grid points around (..., 2) fractional (column, row) places: row, column and weight of each."""
    whole = np.floor(place).astype(np.int64)
    part = place - whole
    for down in (0, 1):
        for right in (0, 1):
            weight = np.abs(1 - right - part[..., 0]) * np.abs(1 - down - part[..., 1])
            yield whole[..., 1] + down, whole[..., 0] + right, weight


def interpolated(values: Floats, place: Floats) -> Floats:
    """Values of a grid at fractional (column, row) places; zero outside."""
    framed = np.pad(values, 1)
    inside = np.clip(place + 1, 0, np.array(values.shape[::-1]) + 0.999)
    return np.asarray(sum(framed[row, column] * weight for row, column, weight in neighbours(inside)))


def sampled(texture: Image.Image, uvs: Floats, uv_per_pixel: Floats) -> Floats:
    """Linear colours at (n, 2) coordinates, repeated, from the copy whose texels are about a pixel large."""
    texels = to_linear(np.asarray(texture.convert("RGB"), dtype=np.float64) / 255)
    wanted = np.log2(np.maximum(uv_per_pixel * max(texels.shape[:2]), 1.0)).round().astype(np.int64)
    out = np.empty((len(uvs), 3))
    for level, copy in enumerate(_ever_smaller(texels)):
        here = wanted == level if min(copy.shape[:2]) > 2 else wanted >= level
        out[here] = _repeated(copy, uvs[here])
    return out


def _ever_smaller(texels: Floats) -> Iterator[Floats]:
    yield texels
    while min(texels.shape[:2]) > 2:
        rows, columns = (side // 2 for side in texels.shape[:2])
        texels = texels[: rows * 2, : columns * 2].reshape(rows, 2, columns, 2, 3).mean(axis=(1, 3))
        yield texels


def _repeated(texels: Floats, uvs: Floats) -> Floats:
    rows, columns = texels.shape[:2]
    total = np.zeros((len(uvs), 3))
    for row, column, weight in neighbours(uvs * [columns, rows] - 0.5):
        total += weight[:, None] * texels[row % rows, column % columns]
    return total
