"""Writes USDZ, the AR format of iPhones, from GLB.

A USDZ is a ZIP without compression whose files begin at multiples of 64 bytes, the USD layer first (OpenUSD, "Usdz
File Format Specification"). The layer is text; the same GLB always gives the same bytes. Skins and morph targets are
written in their rest pose.
"""

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalogsync.sandbox.content.glb import Floats, Glb, Whole, read_glb
from catalogsync.sandbox.content.usd_material import COLOURS, Materials

ALIGNMENT = 64
LOCAL_HEADER = 30
PADDING = 0x1986  # an extra field of no meaning, as other writers use it
BEGINNING = (1980, 1, 1, 0, 0, 0)
MAX_DEPTH = 64
TRIANGLES, STRIP, FAN = 4, 5, 6
HEAD = '#usda 1.0\n(\ndefaultPrim = "Root"\nmetersPerUnit = 1\nupAxis = "Y"\n)\n'


def write_usdz(glb: Path, out: Path) -> None:
    """Convert `glb` to `out`. Raises ValueError with the reason when it cannot be done; then nothing is written."""
    try:
        layer, pictures = convert(read_glb(glb))
    except (KeyError, IndexError, TypeError, AttributeError, struct.error) as error:
        raise ValueError(f"it is malformed: {type(error).__name__}: {error}") from error
    write_package(out, {"model.usda": layer.encode(), **pictures})


def convert(glb: Glb) -> tuple[str, dict[str, bytes]]:
    """The USD layer and the pictures it names, by their places."""
    stage = Stage(glb, Materials(glb))
    scene = glb.list("scenes")[glb.json.get("scene", 0)]
    nodes = "".join(stage.node(index, 0) for index in scene["nodes"])
    if not stage.meshes:
        raise ValueError("it has no triangles")
    materials = "".join(stage.texts.values())
    layer = f'{HEAD}def Xform "Root" (\nkind = "component"\n) {{\ndef Scope "Materials" {{\n{materials}}}\n{nodes}}}\n'
    return layer, stage.materials.pictures


@dataclass(slots=True)
class Stage:
    """What has been written so far; every prim has a number of its own."""

    glb: Glb
    materials: Materials
    texts: dict[int, str] = field(default_factory=dict)
    nodes: int = 0
    meshes: int = 0

    def node(self, index: int, depth: int) -> str:
        """A node with its meshes and children."""
        if depth > MAX_DEPTH:
            raise ValueError("its nodes are nested too deeply")
        node = self.glb.list("nodes")[index]
        self.nodes += 1
        head = f'def Xform "Node_{self.nodes}" {{\nmatrix4d xformOp:transform = {rows(matrix_of(node))}\n'
        order = 'uniform token[] xformOpOrder = ["xformOp:transform"]\n'
        primitives = self.glb.list("meshes")[node["mesh"]]["primitives"] if "mesh" in node else []
        meshes = "".join(self.mesh(primitive) for primitive in primitives)
        children = "".join(self.node(child, depth + 1) for child in node.get("children", []))
        return f"{head}{order}{meshes}{children}}}\n"

    def mesh(self, primitive: dict[str, Any]) -> str:
        """One primitive; points and lines are left out."""
        attributes = primitive["attributes"]
        if primitive.get("mode", TRIANGLES) not in (TRIANGLES, STRIP, FAN) or "POSITION" not in attributes:
            return ""
        points = self.glb.floats(attributes["POSITION"])
        corners = corners_of(self.glb, primitive, len(points))
        if not len(corners):
            return ""
        self.meshes += 1
        lines = [*shape(points, corners), *self.looks(primitive, len(points))]
        body = "".join(f"{line}\n" for line in lines)
        return f'def Mesh "Mesh_{self.meshes}" (\nprepend apiSchemas = ["MaterialBindingAPI"]\n) {{\n{body}}}\n'

    def looks(self, primitive: dict[str, Any], count: int) -> Iterator[str]:
        """Normals, colours, the texture coordinates that the material reads, and the material."""
        attributes, index = primitive["attributes"], primitive.get("material", -1)
        if "NORMAL" in attributes:
            yield f'normal3f[] normals = {array(self.of(attributes["NORMAL"], count))} (interpolation = "vertex")'
        if index not in self.texts:
            self.texts[index] = self.materials.text(index)
        if COLOURS in attributes and self.materials.has_colours(index):
            colours = self.of(attributes[COLOURS], count)[:, :3] * np.array(
                self.materials.factor(index)[:3], np.float32
            )
            yield f'color3f[] primvars:displayColor = {array(colours)} (interpolation = "vertex")'
        wanted = self.materials.used.get(index, set())
        for coordinates in sorted(wanted, key=self.materials.names.__getitem__):
            accessor = attributes.get(f"TEXCOORD_{coordinates.index}")
            if accessor is not None:
                values = array(coordinates.apply(self.of(accessor, count)))
                name = self.materials.names[coordinates]
                yield f'texCoord2f[] primvars:{name} = {values} (interpolation = "vertex")'
        sides = index >= 0 and self.glb.list("materials")[index].get("doubleSided", False)
        yield f"uniform bool doubleSided = {int(sides)}"
        yield f"rel material:binding = </Root/Materials/Material_{index + 1}>"

    def of(self, accessor: int, count: int) -> Floats:
        """An attribute, which must have a value for each point."""
        values = self.glb.floats(accessor)
        if len(values) != count:
            raise ValueError("a mesh has attributes of different lengths")
        return values


def shape(points: Floats, corners: Whole) -> Iterator[str]:
    yield f"float3[] extent = {array(np.stack([points.min(axis=0), points.max(axis=0)]))}"
    yield f"int[] faceVertexCounts = [{', '.join(['3'] * (len(corners) // 3))}]"
    yield f"int[] faceVertexIndices = [{', '.join(map(str, corners.tolist()))}]"
    yield f"point3f[] points = {array(points)}"
    yield 'uniform token subdivisionScheme = "none"'


def corners_of(glb: Glb, primitive: dict[str, Any], count: int) -> Whole:
    """The corners of all triangles, three by three. Strips and fans are taken apart."""
    mode = primitive.get("mode", TRIANGLES)
    indices = glb.whole(primitive["indices"]) if "indices" in primitive else np.arange(count)
    if len(indices) and indices.max() >= count:
        raise ValueError("a mesh has indices beyond its points")
    if mode == TRIANGLES:
        return indices[: len(indices) // 3 * 3]
    places = np.arange(max(len(indices) - 2, 0))
    if mode == FAN:
        return np.stack([np.full(len(places), indices[0]), indices[places + 1], indices[places + 2]], axis=1).ravel()
    odd = places % 2
    return np.stack([indices[places], indices[places + 1 + odd], indices[places + 2 - odd]], axis=1).ravel()


def matrix_of(node: dict[str, Any]) -> NDArray[np.float64]:
    """A node's transform as USD writes it, for row vectors; glTF's list of columns is just that."""
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4)
    x, y, z, w = node.get("rotation", (0, 0, 0, 1))
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)],
            [2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)],
            [2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(node.get("scale", (1, 1, 1)), np.float64)[:, None] * turn
    matrix[3, :3] = node.get("translation", (0, 0, 0))
    return matrix


def rows(matrix: NDArray[np.float64]) -> str:
    return f"({', '.join('(' + ', '.join(f'{value:.9g}' for value in row) + ')' for row in matrix.tolist())})"


def array(values: Floats) -> str:
    return f"[{', '.join('(' + ', '.join(f'{value:.7g}' for value in row) + ')' for row in values.tolist())}]"


def write_package(out: Path, files: dict[str, bytes]) -> None:
    """The ZIP; each file's bytes begin at a multiple of 64."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, BEGINNING)
            start = package.fp.tell() + LOCAL_HEADER + len(name.encode()) + 4  # type: ignore[union-attr]  # it is open
            entry.extra = struct.pack("<HH", PADDING, -start % ALIGNMENT) + bytes(-start % ALIGNMENT)
            package.writestr(entry, content)
