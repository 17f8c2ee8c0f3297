"""Products in a scene: where they stand, where its cameras are, and the pictures these take."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catalogsync.sandbox.content import studio
from catalogsync.sandbox.content.engine import Array, Placing, Stage, Vector, View, as_vector, turning
from catalogsync.sandbox.content.rooms import Room, write_room
from catalogsync.sandbox.content.shots import Shade, direction, on_floor, shade_of
from catalogsync.sandbox.content.sources import Source
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
    8152584: Angle(5, 8, 0.62, nearest=2.4),
    8152586: Angle(32, 12, 0.60, aside=-0.04, nearest=2.4),
    8152588: Angle(18, 10, 0.92, 26.0),
    8152601: Angle(16, 7, 0.74, 28.0),
    8152602: Angle(-30, 10, 0.70, 28.0, aside=0.08),
    8152611: Angle(-18, 8, 0.52, nearest=2.8),
    8152612: Angle(22, 9, 0.86, 28.0),
}


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
    """A built scene with its guests."""

    def __init__(self, stage: Stage, scene_id: int, lights: dict[str, Path], work: Path) -> None:
        self._stage = stage
        self._model = work / f"room-{scene_id}.glb"
        self.room: Room = write_room(scene_id, self._model)
        stage.light(lights[self.room.light])
        self.guests: list[Guest] = []

    def invite(self, placed: Sequence[tuple[Source, Placing]]) -> None:
        """Measure the products; those that were all put in one place stand side by side instead."""
        together = len(placed) > 1 and len({placing.position for _, placing in placed}) == 1
        for source, placing in placed:
            self._stage.load(source)
            self.guests.append(Guest(source, placing, self._stage.box.size, shade_of(self._stage)))
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
        points = []
        for guest in self.guests:
            width, height, depth = guest.size
            turn, place = turning(guest.placing.rotation), np.array(guest.placing.position)
            for x in (-width / 2, width / 2):
                points += [turn @ np.array([x, y, z]) + place for y in (0, height) for z in (-depth / 2, depth / 2)]
        return np.array(points)

    def view(self, angle: Angle) -> View:
        corners = self._corners()
        middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
        radius = float(np.linalg.norm(corners - middle, axis=1).max())
        half = np.tan(np.radians(angle.angle / 2))
        distance = max(radius / half / angle.share, angle.nearest)
        towards = direction(angle.azimuth, angle.elevation)
        sideways = np.array([np.cos(np.radians(angle.azimuth)), 0.0, -np.sin(np.radians(angle.azimuth))])
        lifted = middle + np.array([0.0, 0.10 * half * distance, 0.0])
        target = lifted + sideways * angle.aside * distance * half * 2
        return View(as_vector(target + towards * distance), as_vector(target), angle.angle)

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
        """The room under its sky, with the shadows of the guests."""
        size = room.shape[0]
        picture = studio.over(room, studio.gradient(SKY, size, size))
        for guest in self.guests:
            picture = picture * (1 - self._shadow(guest, view, size)[..., None])
        return picture

    def _take(self, view: View, picture: Pixels, figures: list[Pixels]) -> Take:
        """The guests before the room, the furthest first."""
        covers: dict[int, Pixels] = {}
        for index in sorted(range(len(figures)), key=lambda at: -self._distance(at, view)):
            hidden = figures[index][..., 3]
            picture = studio.over(figures[index], picture)
            covers = {other: cover * (1 - hidden) for other, cover in covers.items()} | {index: hidden}
        picture = np.clip(picture, 0, 1)
        return Take(picture, studio.filmic(picture), tuple(covers[index] for index in range(len(figures))))

    def _distance(self, index: int, view: View) -> float:
        return float(np.linalg.norm(np.array(self.guests[index].placing.position) - np.array(view.position)))

    def _shadow(self, guest: Guest, view: View, size: int) -> Pixels:
        """How dark the guest makes the floor; the higher it hangs, the less."""
        x, z = on_floor(view, size, size)
        at_x, above, at_z = guest.placing.position
        turn = turning((0.0, -guest.placing.rotation[1], 0.0))
        local_x = turn[0, 0] * (x - at_x) + turn[0, 2] * (z - at_z)
        local_z = turn[2, 0] * (x - at_x) + turn[2, 2] * (z - at_z)
        return guest.shade.seen(local_x, local_z) * np.float32(np.exp(-max(0.0, above) / 0.4))


def placing_of(position: Sequence[float], rotation: Sequence[float], units: str) -> Placing:
    """A placement of the API, its position in `units` and its rotation in degrees."""
    metres = as_vector(np.array(position, float) * METRES[units])
    turns: Vector = as_vector(np.array(rotation, float))
    return Placing(metres, turns)
