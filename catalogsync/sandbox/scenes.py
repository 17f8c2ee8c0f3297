"""The built-in world: scenes with their cameras, materials, and the setups of silo images. Data only."""

from dataclasses import dataclass
from typing import Any

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Camera:
    """A viewpoint of a scene. `x`, `y`: where the products' middle stands in the picture, and `size`: how large,
    as fractions of its edge.
    """

    id: int
    name: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Scene:
    """A room with a wall above and a floor below the horizon (a fraction of the picture's height)."""

    id: int
    name: str
    wall: Colour
    floor: Colour
    horizon: float
    cameras: tuple[Camera, ...]


@dataclass(frozen=True, slots=True)
class SiloSetup:
    """One silo image of every silo job. Two colours make a vertical gradient; none means transparent."""

    name: str
    camera: str
    colours: tuple[Colour, ...]
    ink: Colour

    @property
    def title(self) -> str:
        """The part of the image's name behind the product's."""
        return f"{self.name} - {self.camera}"


WHITE, BLACK, INK = (255, 255, 255), (0, 0, 0), (40, 44, 52)

SCENES = {
    scene.id: scene
    for scene in (
        Scene(
            7550,
            "Living room",
            (226, 217, 204),
            (166, 124, 82),
            0.66,
            (
                Camera(8152584, "Front view", 0.5, 0.56, 0.5),
                Camera(8152586, "Corner view", 0.62, 0.6, 0.42),
                Camera(8152588, "Close-up", 0.5, 0.54, 0.78),
            ),
        ),
        Scene(
            7551,
            "Photo studio",
            (214, 219, 226),
            (188, 194, 202),
            0.72,
            (
                Camera(8152601, "Eye level", 0.5, 0.58, 0.55),
                Camera(8152602, "Hero left", 0.38, 0.6, 0.5),
            ),
        ),
        Scene(
            7552,
            "Garden terrace",
            (170, 205, 226),
            (148, 158, 118),
            0.58,
            (
                Camera(8152611, "Terrace wide", 0.45, 0.62, 0.36),
                Camera(8152612, "Terrace close", 0.5, 0.56, 0.62),
            ),
        ),
    )
}

MATERIALS = {
    500: "As modelled",
    501: "Oak",
    502: "Walnut",
    503: "Brushed steel",
    504: "Brass",
    505: "Linen",
    506: "Matte black",
}


@dataclass(frozen=True, slots=True)
class Palette:
    """How a material looks: linear colour, and how metallic and rough it is, all 0 to 1."""

    colour: tuple[float, float, float]
    metallic: float
    roughness: float


# 500 leaves a model as it is.
PALETTES = {
    501: Palette((0.47, 0.29, 0.14), 0.0, 0.55),
    502: Palette((0.13, 0.065, 0.035), 0.0, 0.45),
    503: Palette((0.58, 0.58, 0.60), 1.0, 0.38),
    504: Palette((0.72, 0.48, 0.16), 1.0, 0.28),
    505: Palette((0.66, 0.60, 0.50), 0.0, 0.95),
    506: Palette((0.018, 0.018, 0.020), 0.0, 0.75),
}

UNITS = ("inches", "feet", "millimeters", "centimeters", "meters")

SILO_SETUPS = (
    SiloSetup("Silo Leaf", "Silo Cam", ((223, 236, 214), (160, 190, 148)), INK),
    SiloSetup("Silo Coffee Gradient", "Silo Cam", ((222, 203, 183), (128, 98, 74)), WHITE),
    SiloSetup("Dynamic Lighting Silo Scene", "CAMERA 1", ((250, 250, 252), (186, 192, 204)), INK),
    SiloSetup("White bg", "Camera1", (WHITE,), INK),
    SiloSetup("Black bg", "Camera1", (BLACK,), WHITE),
    SiloSetup("Transparent bg", "Camera1", (), INK),
)


def as_json() -> dict[str, Any]:
    """All that create-images can name: `{"scenes": [...], "materials": [...], "units": [...]}`."""
    return {
        "scenes": [
            {
                "scene_id": scene.id,
                "name": scene.name,
                "cameras": [{"id": camera.id, "name": camera.name} for camera in scene.cameras],
            }
            for scene in SCENES.values()
        ],
        "materials": [{"id": number, "name": name} for number, name in MATERIALS.items()],
        "units": list(UNITS),
    }
