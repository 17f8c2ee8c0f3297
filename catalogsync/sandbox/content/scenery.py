"""Products in a scene: where they stand, where its cameras are, and the pictures these take."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catalogsync.sandbox.content import lens, studio
from catalogsync.sandbox.content.builder import Room
from catalogsync.sandbox.content.engine import Stage
from catalogsync.sandbox.content.shadows import Shade, Shadows
from catalogsync.sandbox.content.sources import Source
from catalogsync.sandbox.content.space import (
    Array,
    Box,
    Placing,
    Vector,
    View,
    as_vector,
    axes,
    corners_of,
    direction,
    projected,
)
from catalogsync.sandbox.content.studio import Pixels

METRES = {"inches": 0.0254, "feet": 0.3048, "millimeters": 0.001, "centimeters": 0.01, "meters": 1.0}
GAP = 0.25
SKY = ((150, 190, 226), (236, 240, 240))


@dataclass(frozen=True, slots=True)
class Angle:
    """A camera of a scene: from where it looks, how much of the picture the products fill, its angle in degrees."""

    azimuth: float
    elevation: float
    share: float
    angle: float = 34.0
    aside: float = 0.0
    nearest: float = 0.0


ANGLES = {
    8152584: Angle(4, 7, 0.80, nearest=2.3),
    8152586: Angle(30, 11, 0.78, aside=-0.03, nearest=2.3),
    8152588: Angle(18, 10, 0.84, 26.0),
    8152601: Angle(16, 7, 0.66, 26.0),
    8152602: Angle(-30, 10, 0.62, 26.0, aside=0.08),
    8152611: Angle(-18, 8, 0.58, nearest=2.6),
    8152612: Angle(22, 9, 0.78, 28.0),
}
FLAT = 0.06
FRAMING_STEPS = 3
BELOW_MIDDLE = 0.10


@dataclass(frozen=True, slots=True)
class Guest:
    """A product in a scene: its model, where it stands, its measured size and its shadow on the floor."""

    source: Source
    placing: Placing
    size: Array
    shade: Shade


@dataclass(frozen=True, slots=True)
class Take:
    """The pictures of one camera; `covers` are the visible shares of each guest, in their order."""

    final: Pixels
    filmic: Pixels
    covers: tuple[Pixels, ...]


class Set:
    """A scene, whose room is the model `built`, with its guests."""

    def __init__(self, stage: Stage, room: Room, built: Path, lights: dict[str, Path]) -> None:
        self._stage, self._room, self._model = stage, room, built
        stage.light(lights[room.light])
        self.guests: list[Guest] = []

    def invite(self, placed: Sequence[tuple[Source, Placing]]) -> None:
        """Measure the products; those that were all put in one place stand side by side instead."""
        together = len(placed) > 1 and len({placing.position for _, placing in placed}) == 1
        for source, placing in placed:
            self._stage.load(source)
            shadows = Shadows(self._stage, drop=max(0.0, placing.position[1]))
            shade = shadows.under(self._room.lamp, placing.rotation[1])
            self.guests.append(Guest(source, placing, self._stage.box.size, shade))
        if together:
            self._stand_in_a_row()

    def _stand_in_a_row(self) -> None:
        widths = [float(guest.size[0]) for guest in self.guests]
        left = -(sum(widths) + GAP * max(widths) * (len(widths) - 1)) / 2
        for index, guest in enumerate(self.guests):
            x, y, z = guest.placing.position
            position = (x + left + widths[index] / 2, y, z)
            left += widths[index] + GAP * max(widths)
            self.guests[index] = Guest(guest.source, Placing(position, guest.placing.rotation), guest.size, guest.shade)

    def _corners(self) -> Array:
        """The corners of all guests' boxes in the room."""
        boxes = [Box(guest.size * [-0.5, 0, -0.5], guest.size * [0.5, 1, 0.5]) for guest in self.guests]
        return np.concatenate([corners_of(box, guest.placing) for box, guest in zip(boxes, self.guests, strict=True)])

    def view(self, angle: Angle) -> View:
        """From where the guests fill the angle's share of the picture, a little below its middle."""
        corners = self._corners()
        target = (corners.min(axis=0) + corners.max(axis=0)) / 2
        half = np.tan(np.radians(angle.angle / 2))
        distance = float(np.linalg.norm(corners - target, axis=1).max()) / half * 1.5
        away = direction(angle.azimuth, angle.elevation)
        _, right, above = axes(View(as_vector(target + away), as_vector(target)))
        for _ in range(FRAMING_STEPS):
            seen = projected(View(as_vector(target + away * distance), as_vector(target), angle.angle), corners)
            if seen is None:
                distance *= 2
                continue
            middle = (seen.min(axis=0) + seen.max(axis=0)) / 2
            target = target + (right * middle[0] + above * middle[1]) * half * distance
            distance = max(distance * float(np.ptp(seen, axis=0).max()) / 2 / angle.share, angle.nearest)
        target = target + (above * BELOW_MIDDLE + right * 2 * angle.aside) * half * distance
        return View(as_vector(target + away * distance), as_vector(target), angle.angle)

    def takes(self, angles: Sequence[Angle], size: int) -> list[Take]:
        """The pictures of these cameras, `size` pixels square; every model is opened once."""
        views = [self.view(angle) for angle in angles]
        self._stage.load(Source(self._model))
        own = Placing(as_vector(self._stage.box.base))
        papers = [self._empty(self._stage.shoot(view, (size, size), placing=own), view) for view in views]
        figures: list[list[Pixels]] = [[] for _ in views]
        for guest in self.guests:
            self._stage.load(guest.source)
            for view, own_figures in zip(views, figures, strict=True):
                own_figures.append(self._stage.shoot(view, (size, size), placing=guest.placing))
        return [self._take(*each) for each in zip(views, papers, figures, strict=True)]

    def _empty(self, room: Pixels, view: View) -> Pixels:
        """The room under its sky, out of focus where it is far from the guests."""
        size = room.shape[0]
        picture = studio.over(room, studio.gradient(SKY, size, size))
        return lens.focused(picture, lens.distances(view, size, self._room.far), view, self._room.blur)

    def _take(self, view: View, picture: Pixels, figures: list[Pixels]) -> Take:
        """The guests before the room, the furthest first; what lies flat on the floor has others' shadows on it."""
        order = sorted(range(len(figures)), key=lambda at: (not self._is_flat(at), -self._distance(at, view)))
        covers: dict[int, Pixels] = {}
        for flat in (True, False):
            own = [index for index in order if self._is_flat(index) is flat]
            for index in own:
                picture = picture * (1 - self._shadow(self.guests[index], view, picture.shape[0])[..., None])
            for index in own:
                hidden = figures[index][..., 3]
                picture = studio.over(figures[index], picture)
                covers = {other: cover * (1 - hidden) for other, cover in covers.items()} | {index: hidden}
        picture = np.clip(picture, 0, 1)
        return Take(picture, studio.filmic(picture), tuple(covers[index] for index in range(len(figures))))

    def _is_flat(self, index: int) -> bool:
        guest = self.guests[index]
        return bool(guest.size[1] < FLAT and not any(guest.placing.rotation[::2]))

    def _distance(self, index: int, view: View) -> float:
        return float(np.linalg.norm(np.array(self.guests[index].placing.position) - np.array(view.position)))

    def _shadow(self, guest: Guest, view: View, size: int) -> Pixels:
        """How dark the guest makes the floor."""
        x, _, z = guest.placing.position
        return guest.shade.seen(view, size, (x, z), guest.placing.rotation[1])


def placing_of(position: Sequence[float], rotation: Sequence[float], units: str) -> Placing:
    """A placement of the API, its position in `units` and its rotation in degrees."""
    metres = as_vector(np.array(position, float) * METRES[units])
    turns: Vector = as_vector(np.array(rotation, float))
    return Placing(metres, turns)
