"""What files begin with, by extension: one row each. A new format is a new row.

Sources: the formats' own specifications (Khronos glTF 2.0, PKWARE APPNOTE, W3C PNG, ISO 10303-21, IGES 5.3, USPRO,
Web3D X3D and VRML97, Microsoft MS-CFB, and the file headers that Blender, Autodesk FBX and Open CASCADE write).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

HEAD = 4096
"""Bytes of a file's beginning that are looked at."""

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_STL_HEADER, _STL_TRIANGLE = 84, 50
_IGES_SECTION = 72
_OFF = re.compile(rb"\s*(#[^\n]*\n\s*)*(ST)?C?N?4?n?OFF\b")

Check = Callable[[bytes, int], bool]
"""From a file's beginning and its size in bytes: whether it can be of the format."""


@dataclass(frozen=True, slots=True)
class Format:
    """`label` is how messages call it: "is not ..."."""

    label: str
    holds: Check


def _starts(*signatures: bytes) -> Check:
    return lambda head, _: head.startswith(signatures)


def _mentions(*words: bytes) -> Check:
    return lambda head, _: any(word in head for word in words)


def _opens(*words: bytes) -> Check:
    return lambda head, _: head.lstrip().startswith(words)


def _is_text(head: bytes, _: int) -> bool:
    return b"\0" not in head


def _is_stl(head: bytes, size: int) -> bool:
    if head.lstrip().startswith(b"solid"):
        return True
    triangles = int.from_bytes(head[_STL_HEADER - 4 : _STL_HEADER], "little")
    return size >= _STL_HEADER + _STL_TRIANGLE * triangles >= _STL_HEADER + _STL_TRIANGLE


def _is_iges(head: bytes, _: int) -> bool:
    return head[_IGES_SECTION : _IGES_SECTION + 1] in {b"S", b"C", b"B"}


def _is_off(head: bytes, _: int) -> bool:
    return bool(_OFF.match(head))


_ZIPPED = _starts(*_ZIP)
_JPEG = Format("a JPEG image", _starts(b"\xff\xd8\xff"))
_STEP = _mentions(b"ISO-10303-21")
FORMATS: dict[str, Format] = {
    ".glb": Format("a binary glTF file", _starts(b"glTF")),
    ".gltf": Format("a glTF file", _opens(b"{", b"\xef\xbb\xbf{")),
    ".obj": Format("a Wavefront OBJ file", _is_text),
    ".fbx": Format("an FBX file", lambda head, _: head.startswith((b"Kaydara FBX Binary", b";")) or b"FBX" in head),
    ".blend": Format("a Blender file", _starts(b"BLENDER", _GZIP, _ZSTD)),
    ".usdz": Format("a USDZ file", _ZIPPED),
    ".stl": Format("an STL file", _is_stl),
    ".dae": Format("a COLLADA file", _mentions(b"<COLLADA", b":COLLADA")),
    ".ply": Format("a PLY file", _starts(b"ply\n", b"ply\r")),
    ".abc": Format("an Alembic file", _starts(b"Ogawa", b"\x89HDF\r\n\x1a\n")),
    ".bvh": Format("a BVH file", _opens(b"HIERARCHY")),
    ".x3d": Format("an X3D file", _mentions(b"<X3D")),
    ".wrl": Format("a VRML file", _starts(b"#VRML", b"#X3D", _GZIP)),
    ".3ds": Format("a 3D Studio file", _starts(b"MM")),
    ".max": Format("a 3ds Max file", _starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
    ".off": Format("an OFF file", _is_off),
    ".step": Format("a STEP file", _STEP),
    ".stp": Format("a STEP file", _STEP),
    ".iges": Format("an IGES file", _is_iges),
    ".igs": Format("an IGES file", _is_iges),
    ".brep": Format("a BREP file", _mentions(b"CASCADE Topology", b"DBRep_DrawableShape")),
    ".ifc": Format("an IFC file", _STEP),
    ".3mf": Format("a 3MF file", _ZIPPED),
    ".fcstd": Format("a FreeCAD file", _ZIPPED),
    ".fcstd1": Format("a FreeCAD file", _ZIPPED),
    ".zip": Format("a ZIP archive", _ZIPPED),
    ".png": Format("a PNG image", _starts(b"\x89PNG\r\n\x1a\n")),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
}

_TELLTALES: tuple[tuple[bytes, str], ...] = (
    (b"glTF", "a binary glTF file"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"RIFF", "a WebP image or another RIFF file"),
    (b"GIF8", "a GIF image"),
    (b"Kaydara FBX Binary", "an FBX file"),
    (b"BLENDER", "a Blender file"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"ply\n", "a PLY file"),
    (b"<!DOCTYPE html", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML file"),
    (b"<Error", "an XML error message"),
)


def looks_like(head: bytes) -> str:
    """What a beginning gives away about a file; "" when nothing is known of it."""
    return next((label for signature, label in _TELLTALES if head.startswith(signature)), "")
