"""The studio's lamps, and how much of their light reaches each point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assets.mesh import Floats


@dataclass(frozen=True)
class Light:
    """A round, distant light: where it comes from, how bright in linear RGB, how wide in degrees."""

    direction: tuple[float, float, float]
    colour: tuple[float, float, float]
    spread: float
    rays: int


KEY = Light((-0.60, 0.85, 0.55), (0.98, 0.93, 0.86), 12.0, 40)
FILL = Light((0.95, 0.40, 0.60), (0.17, 0.19, 0.22), 16.0, 16)
RIM = Light((0.35, 0.55, -0.95), (0.50, 0.52, 0.55), 10.0, 12)
LIGHTS = (KEY, FILL, RIM)


@dataclass(frozen=True, eq=False)
class Received:
    """Per pixel, from 0 to 1: what is seen of each light, of the cosine-weighted sky, and of the sky it faces."""

    lights: Sequence[Floats]
    sky: Floats
    openness: Floats

    def part(self, start: int, stop: int | None) -> Received:
        """The same for some of the points."""
        some = slice(start, stop)
        return Received([light[some] for light in self.lights], self.sky[some], self.openness[some])
