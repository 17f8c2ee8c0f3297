"""Whether an OBJ or a PLY brings colours: their beginnings tell, and neither must. Pure of f3d."""

import re
from mmap import ACCESS_READ, mmap
from pathlib import Path

HEAD_BYTES = 65_536
OBJ_LIBRARY = re.compile(rb"^mtllib\s+(.+?)\s*$", re.MULTILINE | re.IGNORECASE)
OBJ_COLOURS = re.compile(rb"^v(\s+[-+.\deE]+){6,}\s*$", re.MULTILINE)
PLY_COLOURS = re.compile(rb"^property \S+ (diffuse_)?red\s|TextureFile", re.MULTILINE)


def has_colours(path: Path) -> bool:
    """True for formats that are not looked into."""
    looked = LOOKED.get(path.suffix.lower())
    return looked is None or looked(path, head_of(path))


def head_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def obj_has(path: Path, head: bytes) -> bool:
    """Points with colours, or a library of materials that is there and made use of."""
    libraries = (path.parent / match[1].decode("latin-1") for match in OBJ_LIBRARY.finditer(head))
    there = any(library.is_file() for library in libraries)
    return (there and uses_material(path)) or OBJ_COLOURS.search(head) is not None


def uses_material(path: Path) -> bool:
    """The first use may stand behind all points, however many there are."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as text:
        return text.find(b"usemtl") >= 0


def ply_has(_path: Path, head: bytes) -> bool:
    return PLY_COLOURS.search(head.partition(b"end_header")[0]) is not None


LOOKED = {".obj": obj_has, ".ply": ply_has}
