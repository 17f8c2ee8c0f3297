"""Reads a GLB file for conversion: its JSON, numbers as arrays, pictures as bytes.

Source: glTF 2.0 specification, sections 3.6 (buffers and accessors) and 4.4 (binary glTF). Everything refused or
malformed is a ValueError with the reason.
"""

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]
HEADER, CHUNK = struct.Struct("<4sII"), struct.Struct("<I4s")
KINDS = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
UNREADABLE = {
    "KHR_draco_mesh_compression": "its meshes are compressed with Draco",
    "EXT_meshopt_compression": "its meshes are compressed with meshopt",
    "KHR_meshopt_compression": "its meshes are compressed with meshopt",
    "KHR_texture_basisu": "its textures are KTX2",
}


@dataclass(frozen=True, slots=True)
class Glb:
    """The parts of one file."""

    json: dict[str, Any]
    binary: bytes

    def list(self, name: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.json.get(name, [])
        return items

    def view(self, index: int) -> tuple[bytes, int]:
        """The bytes of a buffer view, and its stride (0: packed)."""
        view = self.list("bufferViews")[index]
        if view["buffer"] != 0 or "uri" in self.list("buffers")[0]:
            raise ValueError("it refers to buffers outside the file")
        start, size = view.get("byteOffset", 0), view["byteLength"]
        if start < 0 or size < 0 or start + size > len(self.binary):
            raise ValueError("a buffer view is larger than the file")
        return self.binary[start : start + size], view.get("byteStride", 0)

    def floats(self, index: int) -> Floats:
        """An accessor's values as rows of numbers; normalised whole numbers become 0..1 or -1..1."""
        raw, normalised = self.rows(index)
        values = raw.astype(np.float32)
        if normalised and raw.dtype.kind in "iu":
            values = np.maximum(values / np.iinfo(raw.dtype).max, -1)
        if not np.isfinite(values).all():
            raise ValueError("it has numbers that are not finite")
        return values

    def whole(self, index: int) -> Whole:
        return self.rows(index)[0].astype(np.int64).ravel()

    def rows(self, index: int) -> tuple[NDArray[Any], bool]:
        accessor = self.list("accessors")[index]
        if "sparse" in accessor or "bufferView" not in accessor:
            raise ValueError("it has sparse or compressed accessors")
        kind, width = np.dtype(KINDS[accessor["componentType"]]), WIDTHS[accessor["type"]]
        content, stride = self.view(accessor["bufferView"])
        count, start = accessor["count"], accessor.get("byteOffset", 0)
        step = stride or kind.itemsize * width
        if count < 1 or start < 0 or start + (count - 1) * step + kind.itemsize * width > len(content):
            raise ValueError("an accessor is larger than its buffer view")
        rows = np.ndarray((count, width), kind, content, start, (step, kind.itemsize))
        return rows, bool(accessor.get("normalized", False))

    def picture(self, index: int) -> bytes:
        """The bytes of an image. Pictures outside the file are refused, wherever their path leads."""
        image = self.list("images")[index]
        if "bufferView" not in image:
            raise ValueError(f"it refers to a picture outside the file: {str(image.get('uri'))[:80]}")
        return self.view(image["bufferView"])[0]


def read_glb(path: Path) -> Glb:
    """The file's parts. Raises ValueError when it is no GLB 2 or needs what cannot be read."""
    content = path.read_bytes()
    if len(content) < HEADER.size + CHUNK.size:
        raise ValueError("it is too short to be a GLB")
    magic, version, length = HEADER.unpack_from(content)
    if magic != b"glTF" or version != 2 or length > len(content):  # noqa: PLR2004 - the one version there is
        raise ValueError("it is no complete GLB of version 2")
    chunks = dict(read_chunks(content[:length]))
    document = json.loads(chunks.get(b"JSON", b""))
    if not isinstance(document, dict):
        raise ValueError("its JSON is no object")  # noqa: TRY004 - the one error callers are told of
    for extension, why in UNREADABLE.items():
        if extension in document.get("extensionsRequired", []):
            raise ValueError(why)
    return Glb(document, chunks.get(b"BIN\0", b""))


def read_chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    chunks, place = [], HEADER.size
    while place + CHUNK.size <= len(content):
        size, kind = CHUNK.unpack_from(content, place)
        place += CHUNK.size
        chunks.append((kind, content[place : place + size]))
        place += size
    return chunks
