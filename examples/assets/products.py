"""The shop's products: what builds each, in which format it is kept, and how it is photographed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from assets import decor, lighting, seating, tables
from assets.exports import obj_zip, stl
from assets.gltf import glb
from assets.studio import View
from assets.surface import Part, Surface, surfaces_of

Writer = Callable[[str, Sequence[Surface]], bytes]


@dataclass(frozen=True)
class Product:
    """One model; `name` is its file name without the suffix.

    `few_colours` keeps its thumbnail as a palette image: half the size, and its texture hides the banding.
    """

    name: str
    build: Callable[[], list[Part]]
    view: View = field(default_factory=View)
    suffix: str = ".glb"
    writer: Writer = glb
    few_colours: bool = False

    @property
    def filename(self) -> str:
        return self.name + self.suffix

    def surfaces(self) -> list[Surface]:
        return surfaces_of(self.build())

    def model(self, surfaces: Sequence[Surface]) -> bytes:
        return self.writer(self.name, surfaces)


PRODUCTS = (
    Product("arc_lamp", lighting.arc_lamp, View(azimuth=22, elevation=4, fill=0.84)),
    Product("table_lamp", lighting.table_lamp, View(azimuth=20, elevation=9, fill=0.76)),
    Product("pendant_lamp", lighting.pendant_lamp, View(azimuth=20, elevation=-15, fill=0.80, floor=False)),
    Product("lounge_chair", seating.lounge_chair, View(azimuth=34, elevation=13, fill=0.76), few_colours=True),
    Product("sofa", seating.sofa, View(azimuth=24, elevation=13, fill=0.86), few_colours=True),
    Product("stool", seating.stool, View(azimuth=20, elevation=14, fill=0.78)),
    Product("coffee_table", tables.coffee_table, View(azimuth=24, elevation=20, fill=0.82)),
    Product("side_table", tables.side_table, View(azimuth=20, elevation=15, fill=0.76), ".zip", obj_zip),
    Product("bookshelf", tables.bookshelf, View(azimuth=28, elevation=8, fill=0.82)),
    Product("vase", decor.vase, View(azimuth=0, elevation=12, fill=0.74), ".stl", stl),
    Product("rug", decor.rug, View(azimuth=16, elevation=48, fill=0.86), few_colours=True),
)
