"""A product alone: framing, contact shadow, silo images and the frames of a spin."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catalogsync.sandbox.content import studio
from catalogsync.sandbox.content.engine import ONCE, QUICK, Stage, edges
from catalogsync.sandbox.content.shadows import Lamp, Shade, Shadows
from catalogsync.sandbox.content.space import Array, Placing, View, as_vector, corners_of, direction, window_of
from catalogsync.sandbox.content.studio import Pixels
from catalogsync.sandbox.scenes import SiloSetup

FRAMING_EDGE = 192
SILO_SHARE = 0.70
SPIN_SHARE = 0.80
FLAT_BELOW, FLAT_RISE = 0.15, 32.0
SILO_ANGLE = 24.0
SPIN_ELEVATION = 14.0
TRANSPARENT_SHADOW = 0.75
STAGE = (244, 244, 246)
# Azimuth and elevation in degrees, by the setup's camera.
DIRECTIONS = {"Silo Cam": (32.0, 14.0), "CAMERA 1": (-34.0, 9.0), "Camera1": (28.0, 17.0)}
LIGHTS = {"Dynamic Lighting Silo Scene": "dynamic"}
BEAMS = {"soft": Lamp(-50, 52, 16, 0.20), "dynamic": Lamp(-68, 38, 8, 0.50)}
LEAVES = "Silo Leaf"


def raised(elevation: float, size: Array) -> float:
    """Where to look from so that a rug is not seen as a line: flat things from further up."""
    width, height, depth = (float(value) for value in size)
    flatness = 1 - min(1.0, height / (FLAT_BELOW * max(width, depth)))
    return elevation + FLAT_RISE * flatness


def framed(stage: Stage, azimuth: float, elevation: float, share: float = SILO_SHARE) -> View:
    """The view from there in which the product fills `share` of a square picture, in its middle."""
    radius = float(np.linalg.norm(stage.box.size)) / 2
    target = np.array([0.0, float(stage.box.size[1]) / 2, 0.0])
    towards = direction(azimuth, elevation)
    half = np.tan(np.radians(SILO_ANGLE / 2))
    distance = radius / np.sin(np.radians(SILO_ANGLE / 2))
    for _ in range(2):
        view = View(as_vector(target + towards * distance), as_vector(target), SILO_ANGLE)
        left, top, right, bottom = edges(stage.shoot(view, (FRAMING_EDGE, FRAMING_EDGE), looks=ONCE)[..., 3])
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
        self._shadows = Shadows(stage)
        self._shades: dict[Lamp | None, Shade] = {}

    def _light(self, kind: str) -> None:
        if kind != self._lit:
            self._stage.light(self._lights[kind])
            self._lit = kind

    def _shade(self, lamp: Lamp | None) -> Shade:
        if lamp not in self._shades:
            self._shades[lamp] = self._shadows.under(lamp)
        return self._shades[lamp]

    def _figure(self, kind: str, camera: str, size: int) -> tuple[Pixels, Pixels]:
        """The product and its shadow on the floor, by the light and the camera."""
        key = (kind, camera, size)
        if key not in self._figures:
            self._light(kind)
            azimuth, elevation = DIRECTIONS[camera]
            view = framed(self._stage, azimuth, raised(elevation, self._stage.box.size))
            self._figures[key] = (self._stage.shoot(view, (size, size)), self._shade(BEAMS[kind]).seen(view, size))
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
        """The product on the stage of its spin."""
        figure, dark = self._figure("soft", "Silo Cam", size)
        return studio.over(figure, stage_paper(size) * (1 - dark[..., None]))

    def spin(self, size: int, count: int) -> Iterator[Pixels]:
        """`count` frames once around, from the front, the product turning to its right."""
        self._light("soft")
        width, height, depth = self._stage.box.size
        half = np.tan(np.radians(SILO_ANGLE / 2)) * SPIN_SHARE
        around = float(np.hypot(width, depth)) / 2
        distance = max(around / half + around, (float(height) / 2 + around * 0.3) / half + around * 0.6)
        paper, shade = stage_paper(size), self._shade(None)
        target = np.array([0.0, float(height) / 2, 0.0])
        elevation = raised(SPIN_ELEVATION, self._stage.box.size)
        around_it = [target + direction(360.0 * index / count, elevation) * distance for index in range(count)]
        views = [View(as_vector(place), as_vector(target), SILO_ANGLE) for place in around_it]
        corners = corners_of(self._stage.box, Placing())
        windows = [window_of(view, (size, size), corners) for view in views]
        window = max(wide for wide, _ in windows), max(high for _, high in windows)
        for view in views:
            figure = self._stage.shoot(view, (size, size), window=window, looks=QUICK)
            yield studio.over(figure, paper * (1 - shade.seen(view, size)[..., None]))


def stage_paper(size: int) -> Pixels:
    """The stage of posters and spins: even and light, so that it looks the same from every side."""
    return studio.gradient((STAGE,), size, size)


def transparent(figure: Pixels, dark: Pixels) -> Silo:
    """The figure over its shadow, on nothing."""
    shadow = (dark * TRANSPARENT_SHADOW * (1 - figure[..., 3]))[..., None]
    whole = np.concatenate([figure[..., :3], figure[..., 3:] + shadow], axis=-1).astype(np.float32)
    toned = studio.filmic(studio.over(figure, np.ones_like(figure[..., :3])))
    film = np.concatenate([toned * whole[..., 3:], whole[..., 3:]], axis=-1)
    film[..., :3] *= np.where(figure[..., 3:] > 0, 1, 0)
    return Silo(whole, film, figure[..., 3])
