"""A product alone: framing, contact shadow, silo images and the frames of a spin."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catalogsync.sandbox.content import studio
from catalogsync.sandbox.content.engine import Array, Stage, View, as_vector, edges, turning
from catalogsync.sandbox.content.studio import Pixels
from catalogsync.sandbox.scenes import SiloSetup

FRAMING_EDGE = 192
SILO_SHARE = 0.70
SPIN_SHARE = 0.80
LEVEL = 1e-6
FLAT_BELOW, FLAT_RISE = 0.15, 32.0
FAR_AWAY = 1e6
SILO_ANGLE = 24.0
SPIN_ELEVATION = 14.0
TRANSPARENT_SHADOW = 0.75
SPIN_PAPER = ((250, 250, 251), (226, 228, 232))
# Azimuth and elevation in degrees, by the setup's camera.
DIRECTIONS = {"Silo Cam": (32.0, 14.0), "CAMERA 1": (-34.0, 9.0), "Camera1": (28.0, 17.0)}
LIGHTS = {"Dynamic Lighting Silo Scene": "dynamic"}
LEAVES = "Silo Leaf"


def raised(elevation: float, size: Array) -> float:
    """Where to look from so that a rug is not seen as a line: flat things from further up."""
    width, height, depth = (float(value) for value in size)
    flatness = 1 - min(1.0, height / (FLAT_BELOW * max(width, depth)))
    return elevation + FLAT_RISE * flatness


@dataclass(frozen=True, slots=True)
class Shade:
    """A contact shadow: how dark the floor is in the square of 2 x `reach` metres about the product's base."""

    dark: Pixels
    reach: float

    def seen(self, x: Pixels, z: Pixels) -> Pixels:
        """How dark the floor is at these points, metres from the base."""
        return studio.sample(self.dark, (x / self.reach + 1) / 2, (z / self.reach + 1) / 2)


def shade_of(stage: Stage) -> Shade:
    width, height, depth = (float(value) for value in stage.box.size)
    reach = 0.95 * max(width, depth) + 0.1 * height
    return Shade(studio.footprint(*stage.depth_below(reach), height, reach), reach)


def direction(azimuth: float, elevation: float) -> Array:
    """From the product to the camera; azimuth 0 is the product's front, positive is to its left hand."""
    around, up = np.radians(azimuth), np.radians(elevation)
    return np.array([np.sin(around) * np.cos(up), np.sin(up), np.cos(around) * np.cos(up)])


def rays(view: View, width: int, height: int) -> Array:
    """The direction of each pixel of a view, top row first, not normalised."""
    ahead = np.array(view.target, np.float32) - np.array(view.position, np.float32)
    ahead /= np.linalg.norm(ahead)
    right = np.cross(ahead, np.array(view.up, np.float32))
    right /= np.linalg.norm(right)
    above = np.cross(right, ahead)
    half = np.float32(np.tan(np.radians(view.angle / 2)))
    x, y = np.meshgrid(
        (np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1,
        1 - (np.arange(height, dtype=np.float32) + 0.5) / height * 2,
    )
    whole: Array = ahead + (x * half * width / height)[..., None] * right + (y * half)[..., None] * above
    return whole


def on_floor(view: View, width: int, height: int, level: float = 0.0) -> tuple[Pixels, Pixels]:
    """Where each pixel meets the plane y = `level`: x and z in metres; far away where it does not."""
    towards = rays(view, width, height)
    down = towards[..., 1]
    falling = down < -LEVEL
    reach = np.where(falling, (level - view.position[1]) / np.where(falling, down, 1), FAR_AWAY)
    x = view.position[0] + towards[..., 0] * reach
    z = view.position[2] + towards[..., 2] * reach
    return x.astype(np.float32), z.astype(np.float32)


def framed(stage: Stage, azimuth: float, elevation: float, share: float = SILO_SHARE) -> View:
    """The view from there in which the product fills `share` of a square picture, in its middle."""
    radius = float(np.linalg.norm(stage.box.size)) / 2
    target = np.array([0.0, float(stage.box.size[1]) / 2, 0.0])
    towards = direction(azimuth, elevation)
    half = np.tan(np.radians(SILO_ANGLE / 2))
    distance = radius / np.sin(np.radians(SILO_ANGLE / 2))
    for _ in range(2):
        view = View(as_vector(target + towards * distance), as_vector(target), SILO_ANGLE)
        left, top, right, bottom = edges(stage.shoot(view, (FRAMING_EDGE, FRAMING_EDGE), fine=1)[..., 3])
        sideways = np.array([np.cos(np.radians(azimuth)), 0.0, -np.sin(np.radians(azimuth))])
        above = np.cross(towards, sideways)
        across = 2 * half * distance
        target = target + sideways * (left + right) / 2 * across - above * (top + bottom) / 2 * across
        distance = max(distance * max(right - left, bottom - top) / share, radius * 1.2)
    return View(as_vector(target + towards * distance), as_vector(target), SILO_ANGLE)


@dataclass(frozen=True, slots=True)
class Silo:
    """The pictures of one silo image, float, top row first: RGBA premultiplied when there is no paper."""

    final: Pixels
    filmic: Pixels
    cover: Pixels


class Packshots:
    """All pictures of the one product on a stage; what several of them need is made once."""

    def __init__(self, stage: Stage, lights: dict[str, Path]) -> None:
        self._stage, self._lights = stage, lights
        self._lit = ""
        self._figures: dict[tuple[str, str, int], tuple[Pixels, Pixels]] = {}
        self._light("soft")
        self._shade = shade_of(stage)

    def _light(self, kind: str) -> None:
        if self._lit != kind:
            self._stage.light(self._lights[kind])
            self._lit = kind

    def _figure(self, kind: str, camera: str, size: int) -> tuple[Pixels, Pixels]:
        """The product and its shadow on the floor, by the light and the camera."""
        key = (kind, camera, size)
        if key not in self._figures:
            self._light(kind)
            azimuth, elevation = DIRECTIONS[camera]
            view = framed(self._stage, azimuth, raised(elevation, self._stage.box.size))
            figure = self._stage.shoot(view, (size, size))
            self._figures[key] = (figure, self._shade.seen(*on_floor(view, size, size)))
        return self._figures[key]

    def silo(self, setup: SiloSetup, size: int) -> Silo:
        """The product in one setup, `size` pixels square."""
        figure, dark = self._figure(LIGHTS.get(setup.name, "soft"), setup.camera, size)
        if not setup.colours:
            return transparent(figure, dark)
        paper = studio.gradient(setup.colours, size, size)
        if setup.name == LEAVES:
            paper = paper * studio.leaves(size)[..., None]
        picture = np.clip(studio.over(figure, paper * (1 - dark[..., None])), 0, 1)
        return Silo(picture, studio.filmic(picture), figure[..., 3])

    def poster(self, size: int) -> Pixels:
        figure, dark = self._figure("soft", "Silo Cam", size)
        return studio.over(figure, studio.gradient(SPIN_PAPER, size, size) * (1 - dark[..., None]))

    def spin(self, size: int, count: int) -> Iterator[Pixels]:
        """`count` frames once around, from the front, the product turning to its right."""
        self._light("soft")
        width, height, depth = self._stage.box.size
        half = np.tan(np.radians(SILO_ANGLE / 2)) * SPIN_SHARE
        around = float(np.hypot(width, depth)) / 2
        distance = max(around / half + around, (float(height) / 2 + around * 0.3) / half + around * 0.6)
        paper = studio.gradient(SPIN_PAPER, size, size)
        target = np.array([0.0, float(height) / 2, 0.0])
        elevation = raised(SPIN_ELEVATION, self._stage.box.size)
        start = direction(0.0, elevation)
        x, z = on_floor(View(as_vector(target + start * distance), as_vector(target), SILO_ANGLE), size, size)
        for index in range(count):
            towards = direction(360.0 * index / count, elevation)
            view = View(as_vector(target + towards * distance), as_vector(target), SILO_ANGLE)
            turn = turning((0.0, 360.0 * index / count, 0.0)).astype(np.float32)
            dark = self._shade.seen(turn[0, 0] * x + turn[0, 2] * z, turn[2, 0] * x + turn[2, 2] * z)
            yield studio.over(self._stage.shoot(view, (size, size)), paper * (1 - dark[..., None]))


def transparent(figure: Pixels, dark: Pixels) -> Silo:
    """The figure over its shadow, on nothing."""
    shadow = (dark * TRANSPARENT_SHADOW * (1 - figure[..., 3]))[..., None]
    whole = np.concatenate([figure[..., :3], figure[..., 3:] + shadow], axis=-1).astype(np.float32)
    toned = studio.filmic(studio.over(figure, np.ones_like(figure[..., :3])))
    film = np.concatenate([toned * whole[..., 3:], whole[..., 3:]], axis=-1)
    film[..., :3] *= np.where(figure[..., 3:] > 0, 1, 0)
    return Silo(whole, film, figure[..., 3])
