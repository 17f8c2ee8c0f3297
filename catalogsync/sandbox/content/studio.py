"""Light and paper of the studio, in numpy: surroundings to light by, contact shadows, backdrops, film. Pure."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Pixels = npt.NDArray[Any]
"""Floats of a picture, 0 to 1: rows from the top, columns, and channels where there are several."""
Colour = tuple[int, int, int]

HDRI_SIZE = (512, 256)
# Soft boxes by the kind of light: azimuth and elevation in degrees, half width and height in degrees, brightness.
Lamp = tuple[float, float, float, float, float]
LAMPS: dict[str, tuple[Lamp, ...]] = {
    "soft": ((-50, 42, 34, 24, 4.8), (58, 30, 20, 34, 2.6), (180, 50, 60, 14, 2.2), (0, 86, 70, 10, 2.2)),
    "dynamic": ((-72, 34, 20, 30, 12.0), (128, 24, 12, 44, 9.0), (40, 62, 16, 12, 2.0)),
    "room": ((-62, 36, 30, 30, 6.2), (30, 75, 60, 14, 1.2), (100, 25, 40, 26, 1.0)),
    "day": ((-48, 46, 10, 10, 40.0), (60, 60, 90, 40, 0.5)),
}
AMBIENT: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "soft": ((0.78, 0.80, 0.84), (0.44, 0.43, 0.42)),
    "dynamic": ((0.20, 0.22, 0.27), (0.12, 0.12, 0.13)),
    "room": ((0.68, 0.66, 0.63), (0.32, 0.27, 0.23)),
    "day": ((0.46, 0.54, 0.66), (0.28, 0.25, 0.20)),
}
TINTS = {"day": (1.10, 1.0, 0.84), "room": (1.05, 1.0, 0.93)}
# Root and lean of each leaf's shadow, and its length, in shares of the picture's edge and radians.
BLOOM_STEP = 4
LEAVES_EDGE = 320
FRONDS = ((1.06, -0.02, 2.45, 0.95), (1.0, 0.42, 2.95, 0.6), (-0.08, 0.02, 0.75, 0.55))
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def surroundings(kind: str) -> Pixels:
    """An equirectangular picture of light, float RGB: sky, ground and soft boxes with feathered edges."""
    width, height = HDRI_SIZE
    azimuth, elevation = np.meshgrid(np.linspace(-180, 180, width, endpoint=False), np.linspace(90, -90, height))
    sky, ground = (np.array(colour, np.float32) for colour in AMBIENT[kind])
    tint = np.array(TINTS.get(kind, (1.0, 1.0, 1.0)), np.float32)
    share = smooth((elevation + 25) / 50)[..., None]
    picture = ground * (1 - share) + sky * share
    for middle, up, half_width, half_height, brightness in LAMPS[kind]:
        sideways = np.abs((azimuth - middle + 180) % 360 - 180) / half_width
        beyond = np.maximum(sideways, np.abs(elevation - up) / half_height)
        picture = picture + (brightness * smooth((1.12 - beyond) / 0.24))[..., None] * tint
    light: Pixels = picture.astype(np.float32)
    return light


def smooth(share: Pixels) -> Pixels:
    """0 to 1 with a soft start and end."""
    inside = np.clip(share, 0, 1)
    shaped: Pixels = (inside * inside * (3 - 2 * inside)).astype(np.float32)
    return shaped


def write_hdr(picture: Pixels, path: Path) -> None:
    """A Radiance RGBE file, without run lengths."""
    height, width, _ = picture.shape
    mantissa, exponent = np.frexp(picture.max(axis=2))
    scale = mantissa * 256 / np.maximum(picture.max(axis=2), 1e-9)
    coded = np.empty((height, width, 4), np.uint8)
    coded[..., :3] = np.clip(picture * scale[..., None], 0, 255)
    coded[..., 3] = exponent + 128
    head = f"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {height} +X {width}\n"
    path.write_bytes(head.encode() + coded.tobytes())


def blur(values: Pixels, radius: int) -> Pixels:
    """Three box blurs, which are nearly a Gaussian; beyond the edge counts as empty."""
    if radius < 1:
        return values
    for axis in (0, 1) * 3:
        values = mean_along(values, radius, axis)
    return values


def mean_along(values: Pixels, radius: int, axis: int) -> Pixels:
    span = 2 * radius + 1
    padded = np.pad(np.moveaxis(values, axis, 0), ((radius + 1, radius), (0, 0)))
    sums = np.cumsum(padded, axis=0, dtype=np.float64)
    return np.moveaxis((sums[span:] - sums[:-span]) / span, 0, axis).astype(np.float32)


def sample(values: Pixels, x: Pixels, y: Pixels) -> Pixels:
    """`values` at fractions of its edge, between pixels; 0 outside."""
    edge = values.shape[0] - 1
    inside = (x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)
    column, row = np.clip(x, 0, 1) * edge, np.clip(y, 0, 1) * edge
    left, top = np.minimum(column.astype(int), edge - 1), np.minimum(row.astype(int), edge - 1)
    over, down = column - left, row - top
    upper = values[top, left] * (1 - over) + values[top, left + 1] * over
    lower = values[top + 1, left] * (1 - over) + values[top + 1, left + 1] * over
    return np.where(inside, upper * (1 - down) + lower * down, 0).astype(np.float32)


@cache
def gradient(colours: tuple[Colour, ...], width: int, height: int) -> Pixels:
    """Float RGB paper: one colour, or the first above and the last below with a light behind the product."""
    down = smooth(np.linspace(0, 1, height))[:, None, None]
    first, last = (np.array(colour, np.float32) / 255 for colour in (colours[0], colours[-1]))
    paper = np.broadcast_to(first * (1 - down) + last * down, (height, width, 3)).astype(np.float32)
    if len(colours) == 1:
        return paper
    x, y = np.meshgrid(*(np.linspace(-1, 1, edge, dtype=np.float32) for edge in (width, height)))
    glow = np.exp(-((x / 0.75) ** 2 + ((y + 0.1) / 0.7) ** 2))[..., None]
    lit = paper + glow * 0.16 * (1 - paper) + (grain(width, height) * 0.006)[..., None]
    return np.clip(lit, 0, 1).astype(np.float32)


@cache
def grain(width: int, height: int) -> Pixels:
    """Noise about 0, the same every time."""
    return np.random.default_rng(20).standard_normal((height, width)).astype(np.float32)


@cache
def leaves(size: int) -> Pixels:
    """The shadow of palm leaves across a square of paper: 1 where it is light."""
    edge = min(size, LEAVES_EDGE)
    x, y = np.meshgrid(np.linspace(0, 1, edge, dtype=np.float32), np.linspace(0, 1, edge, dtype=np.float32))
    dark = np.zeros((edge, edge), np.float32)
    for root_x, root_y, lean, length in FRONDS:
        for index in range(3, 17):
            along = index / 17 * length
            stem_x = root_x + np.cos(lean) * along
            stem_y = root_y + np.sin(lean) * along + 0.25 * along * along
            reach = 0.30 * length * np.sin(np.pi * (0.12 + 0.8 * index / 17))
            for side in (-1, 1):
                angle = lean + side * (1.15 - 0.035 * index)
                over_x, over_y = x - stem_x - np.cos(angle) * reach / 2, y - stem_y - np.sin(angle) * reach / 2
                ahead = (over_x * np.cos(angle) + over_y * np.sin(angle)) / (reach / 2)
                aside = (over_y * np.cos(angle) - over_x * np.sin(angle)) / (0.016 * length)
                dark = np.maximum(dark, ((ahead**2 + aside**2) < 1).astype(np.float32))
    line = np.linspace(0, 1, size, dtype=np.float32)
    shadow: Pixels = 1 - 0.26 * sample(blur(dark, max(1, edge // 110)), *np.meshgrid(line, line))
    return shadow


def over(figure: Pixels, paper: Pixels) -> Pixels:
    """A premultiplied RGBA figure on RGB paper."""
    mixed: Pixels = figure[..., :3] + paper * (1 - figure[..., 3:])
    return mixed


def filmic(picture: Pixels) -> Pixels:
    """RGB as on film: bloom, an S-curve, warm lights and cool shades, a darker rim, grain."""
    height, width, _ = picture.shape
    lit = np.minimum(picture * np.float32(0.94) + bloom(picture), 1)
    curved = lit * (np.float32(0.45) + np.float32(0.55) * lit * (3 - 2 * lit))
    luma = (curved @ LUMA)[..., None]
    warm, cool = np.array([1.02, 1.0, 0.97], np.float32), np.array([0.96, 0.99, 1.045], np.float32)
    toned = curved * (cool + (warm - cool) * luma) * rim(width, height)[..., None]
    toned += (grain(width, height) * np.float32(0.011))[..., None]
    film: Pixels = np.clip(toned, 0, 1, out=toned)
    return film


def bloom(picture: Pixels) -> Pixels:
    """The glow about what is bright."""
    height, width, _ = picture.shape
    bright = np.clip(picture[::BLOOM_STEP, ::BLOOM_STEP] - 0.78, 0, 1) / 0.22 * 255
    small = Image.fromarray(bright.astype(np.uint8)).filter(ImageFilter.GaussianBlur(width / 40 / BLOOM_STEP))
    glow = np.asarray(small.resize((width, height), Image.Resampling.BILINEAR), np.float32)
    return glow * np.float32(0.6 * 0.22 / 255)


@cache
def rim(width: int, height: int) -> Pixels:
    """1, darker towards the corners."""
    x, y = np.meshgrid(*(np.linspace(-1, 1, edge, dtype=np.float32) for edge in (width, height)))
    shade: Pixels = 1 - np.float32(0.20) * smooth((np.hypot(x, y) - 0.55) / 0.9)
    return shade
