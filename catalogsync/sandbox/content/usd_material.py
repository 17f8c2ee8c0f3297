"""A glTF material as a USD material: UsdPreviewSurface with its textures.

Sources: glTF 2.0 section 3.9 (materials) and the UsdPreviewSurface specification. Texture coordinates with a
KHR_texture_transform are written as coordinates of their own, so that a material only names which it reads.
"""

import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from catalogsync.sandbox.content.glb import Floats, Glb

CLEARCOAT = "KHR_materials_clearcoat"
WRAPS = {10497: "repeat", 33071: "clamp", 33648: "mirror"}
COLOURS = "COLOR_0"
TRANSFORM = "KHR_texture_transform"
ONE = (1.0, 1.0, 1.0, 1.0)
Numbers = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Coordinates:
    """A set of texture coordinates and how it is moved: what one texture reads."""

    index: int
    offset: tuple[float, float] = (0.0, 0.0)
    rotation: float = 0.0
    scale: tuple[float, float] = (1.0, 1.0)

    def apply(self, values: Floats) -> Floats:
        """The moved coordinates, upwards as USD counts them."""
        u, v = values[:, 0] * self.scale[0], values[:, 1] * self.scale[1]
        cosine, sine = np.cos(self.rotation), np.sin(self.rotation)
        x, y = cosine * u + sine * v + self.offset[0], cosine * v - sine * u + self.offset[1]
        return np.stack([x, 1 - y], axis=1).astype(np.float32)


@dataclass(slots=True)
class Materials:
    """Everything that is written about materials: texts, pictures by their place, coordinates by their name."""

    glb: Glb
    pictures: dict[str, bytes] = field(default_factory=dict)
    names: dict[Coordinates, str] = field(default_factory=dict)
    used: dict[int, set[Coordinates]] = field(default_factory=dict)
    _places: dict[tuple[int, float], str] = field(default_factory=dict)
    _coloured: set[int] = field(init=False)

    def __post_init__(self) -> None:
        primitives = [primitive for mesh in self.glb.list("meshes") for primitive in mesh["primitives"]]
        self._coloured = {each.get("material", -1) for each in primitives if COLOURS in each["attributes"]}

    def has_colours(self, index: int) -> bool:
        """Whether a material takes the colours of its meshes' points. One with a texture cannot take both."""
        material = self.glb.list("materials")[index] if index >= 0 else {}
        return index in self._coloured and "baseColorTexture" not in material.get("pbrMetallicRoughness", {})

    def factor(self, index: int) -> Numbers:
        """What a material multiplies its colours with."""
        material = self.glb.list("materials")[index] if index >= 0 else {}
        return tuple(material.get("pbrMetallicRoughness", {}).get("baseColorFactor", ONE))

    def text(self, index: int) -> str:
        """The USD text of one material; -1 is glTF's default material."""
        material = self.glb.list("materials")[index] if index >= 0 else {}
        surface = Surface(self, index, material)
        return surface.text()

    def place(self, texture: int, relief: float = 1.0) -> str:
        """The place in the package of a texture's picture; `relief`: a picture of normals, made so much steeper."""
        image = source_of(self.glb.list("textures")[texture])
        if (image, relief) not in self._places:
            suffix, content = usable_picture(self.glb.picture(image))
            name = str(image)
            if relief != 1:
                suffix, content, name = "png", steeper(content, relief), f"{image}-{len(self._places)}"
            self._places[image, relief] = f"textures/{name}.{suffix}"
            self.pictures[self._places[image, relief]] = content
        return self._places[image, relief]

    def name(self, index: int, coordinates: Coordinates) -> str:
        self.used.setdefault(index, set()).add(coordinates)
        return self.names.setdefault(coordinates, f"st{len(self.names) or ''}")


@dataclass(slots=True)
class Surface:
    """One material while it is written."""

    materials: Materials
    index: int
    material: dict[str, Any]
    inputs: list[str] = field(default_factory=list)
    shaders: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"/Root/Materials/Material_{self.index + 1}"

    def text(self) -> str:
        rough = self.material.get("pbrMetallicRoughness", {})
        self.base(rough)
        metal, roughness = rough.get("metallicFactor", 1.0), rough.get("roughnessFactor", 1.0)
        info = rough.get("metallicRoughnessTexture")
        self.number("metallic", info, "b", metal)
        self.number("roughness", info, "g", roughness)
        self.others()
        return (
            f'def Material "Material_{self.index + 1}" {{\n'
            f"token outputs:surface.connect = <{self.path}/Surface.outputs:surface>\n"
            'def Shader "Surface" {\nuniform token info:id = "UsdPreviewSurface"\n'
            + "".join(f"{line}\n" for line in self.inputs)
            + "token outputs:surface\n}\n"
            + "".join(self.shaders)
            + "}\n"
        )

    def base(self, rough: dict[str, Any]) -> None:
        """Colour and opacity, by the alpha mode."""
        factor, info = tuple(rough.get("baseColorFactor", ONE)), rough.get("baseColorTexture")
        mode = self.material.get("alphaMode", "OPAQUE")
        if info:
            self.texture("diffuse", info, "sRGB", factor, ("rgb", "a"))
            self.connect("color3f", "diffuseColor", "diffuse", "rgb")
        elif self.materials.has_colours(self.index):
            self.point_colours(factor)
        else:
            self.inputs.append(f"color3f inputs:diffuseColor = {written(factor[:3])}")
        if mode == "OPAQUE":
            return
        if info:
            self.connect("float", "opacity", "diffuse", "a")
        else:
            self.inputs.append(f"float inputs:opacity = {factor[3]:.6g}")
        if mode == "MASK":
            self.inputs.append(f"float inputs:opacityThreshold = {self.material.get('alphaCutoff', 0.5):.6g}")

    def point_colours(self, factor: Numbers) -> None:
        """The shader that reads the colours of a mesh's points, or this one colour where it has none."""
        self.shaders.append(
            'def Shader "colours" {\nuniform token info:id = "UsdPrimvarReader_float3"\n'
            f'string inputs:varname = "displayColor"\nfloat3 inputs:fallback = {written(factor[:3])}\n'
            "float3 outputs:result\n}\n"
        )
        self.connect("color3f", "diffuseColor", "colours", "result")

    def number(self, name: str, info: dict[str, Any] | None, channel: str, factor: float) -> None:
        if info is None:
            self.inputs.append(f"float inputs:{name} = {factor:.6g}")
            return
        self.texture(name, info, "raw", (factor,) * 4, (channel,))
        self.connect("float", name, name, channel)

    def others(self) -> None:
        """Normals, occlusion, a clear coat and emission, where the material has them."""
        normal, occlusion = self.material.get("normalTexture"), self.material.get("occlusionTexture")
        if normal:
            # AR viewers want just these numbers: glTF's strength of the normals goes into the picture instead.
            self.texture(
                "normal", normal, "raw", (2, 2, 2, 1), ("rgb",), (-1, -1, -1, 0), relief=normal.get("scale", 1.0)
            )
            self.connect("normal3f", "normal", "normal", "rgb")
        if occlusion:
            strength = occlusion.get("strength", 1.0)
            self.texture("occlusion", occlusion, "raw", (strength,) * 4, ("r",), (1 - strength,) * 4)
            self.connect("float", "occlusion", "occlusion", "r")
        if coat := self.material.get("extensions", {}).get(CLEARCOAT):
            self.number("clearcoat", coat.get("clearcoatTexture"), "r", coat.get("clearcoatFactor", 0.0))
            roughness = coat.get("clearcoatRoughnessFactor", 0.0)
            self.number("clearcoatRoughness", coat.get("clearcoatRoughnessTexture"), "g", roughness)
        strength = self.material.get("extensions", {}).get("KHR_materials_emissive_strength", {})
        factor = [value * strength.get("emissiveStrength", 1.0) for value in self.material.get("emissiveFactor", [])]
        if any(factor) and (info := self.material.get("emissiveTexture")):
            self.texture("emissive", info, "sRGB", (*factor, 1), ("rgb",))
            self.connect("color3f", "emissiveColor", "emissive", "rgb")
        elif any(factor):
            self.inputs.append(f"color3f inputs:emissiveColor = {written(factor)}")

    def connect(self, kind: str, name: str, shader: str, channel: str) -> None:
        self.inputs.append(f"{kind} inputs:{name}.connect = <{self.path}/{shader}.outputs:{channel}>")

    def texture(
        self, name: str, info: dict[str, Any], space: str, scale: Numbers, channels: tuple[str, ...],
        bias: Numbers = (0, 0, 0, 0), *, relief: float = 1.0,
    ) -> None:  # fmt: skip
        """The shaders that read one texture: its coordinates and its picture."""
        place = self.materials.place(info["index"], relief)
        variable = self.materials.name(self.index, coordinates_of(info))
        outputs = "".join(f"{'float3' if channel == 'rgb' else 'float'} outputs:{channel}\n" for channel in channels)
        self.shaders.append(
            f'def Shader "{name}_st" {{\nuniform token info:id = "UsdPrimvarReader_float2"\n'
            f'string inputs:varname = "{variable}"\nfloat2 outputs:result\n}}\n'
            f'def Shader "{name}" {{\nuniform token info:id = "UsdUVTexture"\nasset inputs:file = @{place}@\n'
            f"float2 inputs:st.connect = <{self.path}/{name}_st.outputs:result>\n"
            f'token inputs:sourceColorSpace = "{space}"\nfloat4 inputs:scale = {written(scale)}\n'
            f"float4 inputs:bias = {written(bias)}\n{self.wrapping(info['index'])}{outputs}}}\n"
        )

    def wrapping(self, texture: int) -> str:
        sampler = self.materials.glb.list("textures")[texture].get("sampler")
        found = self.materials.glb.list("samplers")[sampler] if sampler is not None else {}
        return "".join(
            f'token inputs:wrap{side} = "{WRAPS.get(found.get(f"wrap{side}", 10497), "repeat")}"\n' for side in "ST"
        )


def source_of(texture: dict[str, Any]) -> int:
    """The image of a texture: its own, or the WebP one where it has no other."""
    webp = texture.get("extensions", {}).get("EXT_texture_webp", {})
    if "source" not in texture and "source" not in webp:
        raise ValueError("a texture has no picture that can be read")
    return int(texture.get("source", webp.get("source")))


def coordinates_of(info: dict[str, Any]) -> Coordinates:
    moved = info.get("extensions", {}).get(TRANSFORM, {})
    offset, scale = moved.get("offset", (0, 0)), moved.get("scale", (1, 1))
    index = moved.get("texCoord", info.get("texCoord", 0))
    return Coordinates(index, (offset[0], offset[1]), moved.get("rotation", 0.0), (scale[0], scale[1]))


def usable_picture(content: bytes) -> tuple[str, bytes]:
    """The suffix and bytes of a picture that USDZ allows: PNG and JPEG as they are, others as PNG."""
    if content.startswith(b"\x89PNG"):
        return "png", content
    if content.startswith(b"\xff\xd8"):
        return "jpg", content
    from PIL import Image

    file = io.BytesIO()
    try:
        with Image.open(io.BytesIO(content), formats=["WEBP"]) as image:
            image.convert("RGBA" if "A" in image.getbands() else "RGB").save(file, "PNG")
    except OSError as error:
        raise ValueError(f"a texture cannot be read: {error}") from None
    return "png", file.getvalue()


def steeper(content: bytes, relief: float) -> bytes:
    """A PNG of normals whose sideways parts are multiplied (glTF 2.0, section 3.9.3, normalTexture.scale)."""
    from PIL import Image

    file = io.BytesIO()
    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "JPEG"]) as image:
            normals = np.asarray(image.convert("RGB"), np.float32) / 127.5 - 1
    except OSError as error:
        raise ValueError(f"a texture cannot be read: {error}") from None
    normals = normals * np.array([relief, relief, 1], np.float32)
    normals /= np.maximum(np.linalg.norm(normals, axis=2, keepdims=True), 1e-6)
    Image.fromarray(np.round((normals + 1) * 127.5).astype(np.uint8)).save(file, "PNG", compress_level=1)
    return file.getvalue()


def written(numbers: Any) -> str:
    return f"({', '.join(f'{number:.6g}' for number in numbers)})"
