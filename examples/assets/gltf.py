"""Binary glTF 2.0: one mesh, one primitive per surface, textures embedded as PNG."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from assets.surface import Material, Surface

# Numbers of the glTF 2.0 specification (Khronos), sections 3.6.2 and 4.4.
FLOAT, UNSIGNED_SHORT, UNSIGNED_INT = 5126, 5123, 5125
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963
MAGIC, JSON_CHUNK, BINARY_CHUNK = b"glTF", 0x4E4F534A, 0x004E4942
LINEAR, LINEAR_MIPMAP_LINEAR, REPEAT = 9729, 9987, 10497


def glb(name: str, surfaces: Sequence[Surface]) -> bytes:
    """The whole file; `name` names its node and mesh."""
    document = _Document()
    primitives = [document.primitive(surface) for surface in surfaces]
    tree: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "catalogsync examples/make_assets.py"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": name, "mesh": 0}],
        "meshes": [{"name": name, "primitives": primitives}],
        **document.tables(),
        "buffers": [{"byteLength": len(document.binary)}],
    }
    text = json.dumps(tree, separators=(",", ":")).encode()
    chunks = _chunk(JSON_CHUNK, text, b" ") + _chunk(BINARY_CHUNK, bytes(document.binary), b"\0")
    return struct.pack("<4sII", MAGIC, 2, 12 + len(chunks)) + chunks


def _chunk(kind: int, data: bytes, filler: bytes) -> bytes:
    data += filler * (-len(data) % 4)
    return struct.pack("<II", len(data), kind) + data


def png(image: Image.Image) -> bytes:
    """The image as an optimised PNG."""
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


class _Document:
    """Collects buffer data and the tables that point into it."""

    def __init__(self) -> None:
        self.binary = bytearray()
        self._views: list[dict[str, Any]] = []
        self._accessors: list[dict[str, Any]] = []
        self._materials: list[dict[str, Any]] = []
        self._material_index: dict[str, int] = {}
        self._images: list[dict[str, Any]] = []

    def primitive(self, surface: Surface) -> dict[str, Any]:
        attributes = {
            "POSITION": self._floats(surface.positions, bounded=True),
            "NORMAL": self._floats(surface.normals),
        }
        if surface.material.texture is not None:
            attributes["TEXCOORD_0"] = self._floats(surface.uvs)
        return {
            "attributes": attributes,
            "indices": self._indices(surface),
            "material": self._material(surface.material),
        }

    def tables(self) -> dict[str, Any]:
        """The top-level arrays; those of textures only when there are any."""
        out: dict[str, Any] = {"materials": self._materials}
        if self._images:
            out["textures"] = [{"sampler": 0, "source": index} for index in range(len(self._images))]
            out["images"] = self._images
            wrap = {"wrapS": REPEAT, "wrapT": REPEAT}
            out["samplers"] = [{"magFilter": LINEAR, "minFilter": LINEAR_MIPMAP_LINEAR, **wrap}]
        return out | {"accessors": self._accessors, "bufferViews": self._views}

    def _view(self, data: bytes, target: int | None = None) -> int:
        view = {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data)}
        self._views.append(view if target is None else {**view, "target": target})
        self.binary += data + b"\0" * (-len(data) % 4)
        return len(self._views) - 1

    def _floats(self, values: np.ndarray[Any, Any], *, bounded: bool = False) -> int:
        data = values.astype("<f4")
        accessor: dict[str, Any] = {
            "bufferView": self._view(data.tobytes(), ARRAY_BUFFER),
            "componentType": FLOAT,
            "count": len(data),
            "type": f"VEC{data.shape[1]}",
        }
        if bounded:
            accessor |= {"min": data.min(axis=0).tolist(), "max": data.max(axis=0).tolist()}
        self._accessors.append(accessor)
        return len(self._accessors) - 1

    def _indices(self, surface: Surface) -> int:
        # The highest value of each index type is reserved for primitive restart.
        short = len(surface.positions) < 0xFFFF
        data = surface.faces.reshape(-1).astype("<u2" if short else "<u4")
        self._accessors.append(
            {
                "bufferView": self._view(data.tobytes(), ELEMENT_ARRAY_BUFFER),
                "componentType": UNSIGNED_SHORT if short else UNSIGNED_INT,
                "count": len(data),
                "type": "SCALAR",
            }
        )
        return len(self._accessors) - 1

    def _material(self, material: Material) -> int:
        if material.name in self._material_index:
            return self._material_index[material.name]
        shading: dict[str, Any] = {
            "baseColorFactor": [*np.round(material.linear_colour(), 4).tolist(), 1.0],
            "metallicFactor": material.metallic,
            "roughnessFactor": material.roughness,
        }
        if material.texture is not None:
            view = self._view(png(material.texture))
            self._images.append({"name": material.name, "mimeType": "image/png", "bufferView": view})
            shading["baseColorTexture"] = {"index": len(self._images) - 1}
        entry: dict[str, Any] = {"name": material.name, "pbrMetallicRoughness": shading}
        emission = np.round(material.linear_emission(), 4)
        if emission.any():
            entry["emissiveFactor"] = emission.tolist()
        self._materials.append(entry)
        self._material_index[material.name] = len(self._materials) - 1
        return self._material_index[material.name]
