"""From an uploaded file to a model the engine can open: which format, unpacked, coloured, as a GLB. Pure of f3d."""

import json
import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from catalogsync.sandbox.content.colours import has_colours, head_of
from catalogsync.sandbox.content.mend import mend, references
from catalogsync.sandbox.content.packing import packed

GLB_HEAD = struct.Struct("<4sII")
CHUNK_HEAD = struct.Struct("<II")
JSON_CHUNK, BINARY_CHUNK = 0x4E4F534A, 0x004E4942

Z_UP = frozenset((".stl", ".step", ".stp", ".iges", ".igs", ".brep", ".fcstd", ".fcstd1", ".3mf", ".3ds", ".ply"))
READABLE = Z_UP | {".glb", ".gltf", ".obj", ".fbx", ".dae", ".abc", ".off", ".wrl", ".ifc"}
UNREADABLE = frozenset((".max", ".blend", ".usdz", ".bvh", ".x3d"))
CONVERTIBLE = frozenset((".obj", ".stl", ".ply", ".off", ".3mf", ".dae"))
COLOURED = frozenset((".glb", ".gltf", ".obj", ".fbx", ".dae", ".wrl", ".3ds", ".3mf", ".ply"))
PREFERENCE = (".glb", ".gltf", ".fbx", ".dae", ".obj", ".3mf", ".step", ".stp", ".ply", ".stl")
PACKED = ".packed.glb"
RENAMED = {".fcstd1": ".fcstd"}

KTX2, MESHOPT = "KHR_texture_basisu", "EXT_meshopt_compression"
UNSEEN = {KTX2: "its textures are KTX2", MESHOPT: "its meshes are compressed with meshopt"}

TEXT_FBX = re.compile(rb"\s*;")

CLAY, CLAY_ROUGHNESS = (0.24, 0.24, 0.255), 0.6

MAX_MEMBERS = 2_000
MAX_UNPACKED_BYTES = 1024**3
MAX_RATIO = 200
RATIO_MATTERS_FROM = 10 * 1024**2
COPY_BYTES = 1024**2
PLAUSIBLE_METRES = (0.005, 20.0)
GUESSED_SCALES = (1.0, 0.01, 0.001)


class NotRenderableError(Exception):
    """A model that cannot be shown; the message says why, for the sandbox's log."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file the engine may open."""

    path: Path

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()

    @property
    def z_up(self) -> bool:
        return self.suffix in Z_UP

    @property
    def coloured(self) -> bool:
        """Whether it may have colours of its own: what has none is grey, since white is not seen on white."""
        return self.suffix in COLOURED and has_colours(self.path)

    def metres(self, largest: float) -> float:
        """Metres in one unit of the file, whose largest extent is `largest`. glTF says metres; others are guessed."""
        if self.suffix in (".glb", ".gltf"):
            return 1.0
        small, large = PLAUSIBLE_METRES
        fitting = [scale for scale in GUESSED_SCALES if small <= largest * scale <= large]
        return fitting[0] if fitting else 1.0 / max(largest, 1e-9)


def open_source(stored: Path, name: str, work: Path) -> Source:
    """The model inside the uploaded file `stored`, which was called `name`; files go to the empty folder `work`.

    Raises `NotRenderableError` for formats and archives that have no picture.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".zip":
        model = main_model(unpack(stored, work))
        mend(model, work)
        return checked(model, work)
    # The engine goes by the extension, and the bucket's object need not have one it knows.
    link = work / f"model{RENAMED.get(suffix, suffix)}"
    link.symlink_to(stored.resolve())
    return checked(link, work)


def checked(path: Path, root: Path) -> Source:
    suffix = path.suffix.lower()
    if suffix in UNREADABLE:
        raise NotRenderableError(f"{suffix} cannot be rendered by this engine")
    if suffix not in READABLE:
        raise NotRenderableError(f"{suffix or 'a name without extension'} is no model format")
    if suffix == ".gltf":
        check_gltf(path, root)
        return in_one(path)
    if suffix == ".fbx" and TEXT_FBX.match(head_of(path)):
        raise NotRenderableError("it is an FBX as text, which the engine does not read; save it as a binary FBX")
    return Source(path)


def check_gltf(path: Path, root: Path) -> None:
    """Raise `NotRenderableError` for a glTF that is of version 1, leaves the folder `root`, or lacks a part."""
    try:
        document = json.loads(path.read_bytes())
        version = str(document.get("asset", {}).get("version", ""))
    except (ValueError, AttributeError, RecursionError):
        return  # the engine says what is wrong with it
    if version.startswith("1"):
        raise NotRenderableError(f"it is glTF {version}, which the engine does not read; save it as glTF 2.0")
    check_references(path, document, root.resolve())


def check_references(path: Path, document: Any, root: Path) -> None:
    """The engine opens whatever file a glTF names: one outside of what was uploaded is refused."""
    for item in references(document):
        name = unquote(item["uri"])
        if not is_inside(root, path.parent, name):
            raise NotRenderableError(f"it refers to {item['uri'][:80]!r}, which is outside its folder")
        if "byteLength" in item and not (path.parent / name).is_file():
            raise NotRenderableError(f"it lacks {item['uri'][:80]!r}; upload a .zip of its folder")


def in_one(gltf: Path) -> Source:
    """A glTF with its files in one GLB beside it, for engine, viewers and AR alike; as it is where one is missing."""
    try:
        document, binary = packed(gltf)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, OSError):
        return Source(gltf)
    chunk = CHUNK_HEAD.pack(len(binary), BINARY_CHUNK) + binary if binary else b""
    gltf.with_suffix(PACKED).write_bytes(join_glb(document, chunk))
    return Source(gltf.with_suffix(PACKED))


def is_inside(root: Path, folder: Path, name: str) -> bool:
    return "://" not in name and (folder / name.replace("\\", "/")).resolve().is_relative_to(root)


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack into `folder`. Raises `NotRenderableError` for what is no ZIP, leaves the folder, or is a bomb."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            check_members(members, archive.stat().st_size)
            for member in members:
                unpack_member(opened, member, folder)
    except OSError as error:
        raise NotRenderableError(f"the archive cannot be unpacked ({error.strerror})") from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        LookupError,
        ValueError,
    ) as error:
        raise NotRenderableError(f"the archive cannot be unpacked ({error})") from error
    return folder


def check_members(members: list[zipfile.ZipInfo], packed: int) -> None:
    """The limits, on what the archive says of itself; `unpack_member` holds it to that."""
    total = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS:
        raise NotRenderableError(f"the archive has {len(members)} files, more than {MAX_MEMBERS}")
    if total > MAX_UNPACKED_BYTES or (total > RATIO_MATTERS_FROM and total > MAX_RATIO * packed):
        raise NotRenderableError(f"the archive would unpack to {total} bytes from {packed}")
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in "".join(parts.parts[:1]) or not parts.parts:
            raise NotRenderableError(f"the archive's {member.filename!r} would leave its folder")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise NotRenderableError(f"the archive's {member.filename!r} is a symbolic link")


def unpack_member(opened: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    target = folder / member.filename.replace("\\", "/")
    target.parent.mkdir(parents=True, exist_ok=True)
    left = member.file_size
    with opened.open(member) as source, target.open("wb") as file:
        while block := source.read(COPY_BYTES):
            left -= len(block)
            if left < 0:
                raise NotRenderableError(f"the archive's {member.filename!r} is larger than it says")
            file.write(block)


def main_model(folder: Path) -> Path:
    """The richest format, then the least deep, then the largest file."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() and "__MACOSX" not in path.parts]
    known = [path for path in found if path.suffix.lower() in READABLE | UNREADABLE]
    if not known:
        raise NotRenderableError("the archive has no model in it")

    def rank(path: Path) -> tuple[int, int, int]:
        suffix = path.suffix.lower()
        place = PREFERENCE.index(suffix) if suffix in PREFERENCE else len(PREFERENCE) + (suffix in UNREADABLE)
        return place, len(path.parts), -path.stat().st_size

    return min(known, key=rank)


def write_glb(source: Source, out: Path) -> bool:
    """The model as a GLB with Y up: its own bytes, or converted. False when there is no way."""
    if source.suffix == ".glb":
        out.write_bytes(source.path.read_bytes())
        return True
    if source.suffix not in CONVERTIBLE:
        return False
    import numpy as np
    import trimesh

    try:
        scene = trimesh.load_scene(str(source.path))
        if source.z_up:
            scene.apply_transform(trimesh.transformations.rotation_matrix(-np.pi / 2, (1, 0, 0)))
        scene.apply_scale(source.metres(float(max(scene.extents))))
        out.write_bytes(in_clay(bytes(scene.export(file_type="glb"))))
    except Exception:  # noqa: BLE001 - trimesh's readers raise anything; without a GLB the spin is the viewer
        return False
    return True


def in_clay(glb: bytes) -> bytes:
    """The GLB in grey when it has no colour of its own: white is not seen on white. Otherwise as paint, not metal.

    The formats that are converted know no metal, and a material that says nothing of it is all metal to glTF.
    """
    document, rest = split_glb(glb)
    primitives = [primitive for mesh in document.get("meshes", ()) for primitive in mesh["primitives"]]
    materials = document.get("materials", ())
    if not materials and not any("COLOR_0" in primitive["attributes"] for primitive in primitives):
        return wear(glb, CLAY, 0.0, CLAY_ROUGHNESS)
    for material in materials:
        material.setdefault("pbrMetallicRoughness", {}).setdefault("metallicFactor", 0.0)
    return join_glb(document, rest)


def unseen(source: Source) -> set[str]:
    """The extensions of glTF that a GLB cannot do without and the engine does not know."""
    if source.suffix != ".glb":
        return set()
    try:
        document, _ = split_glb(source.path.read_bytes())
        return UNSEEN.keys() & set(document.get("extensionsRequired", ()))
    except (NotRenderableError, TypeError):
        return set()


def check_seen(source: Source) -> None:
    """Raise `NotRenderableError` for a GLB that the engine can read nothing of, in better words than its own."""
    for extension in sorted(unseen(source)):
        raise NotRenderableError(f"the engine cannot read it: {UNSEEN[extension]}")


def wear(glb: bytes, colour: tuple[float, float, float], metallic: float, roughness: float) -> bytes:
    """The same GLB with one colour and finish on every material; its textures of colour and finish are left out."""
    document, rest = split_glb(glb)
    finish = {"baseColorFactor": [*colour, 1.0], "metallicFactor": metallic, "roughnessFactor": roughness}
    for material in document.setdefault("materials", []):
        material["pbrMetallicRoughness"] = dict(finish)
        material.pop("extensions", None)
    document["materials"].append({"pbrMetallicRoughness": dict(finish)})
    for mesh in document.get("meshes", ()):
        for primitive in mesh["primitives"]:
            primitive.setdefault("material", len(document["materials"]) - 1)
            primitive["attributes"].pop("COLOR_0", None)
    return join_glb(document, rest)


def join_glb(document: dict[str, Any], rest: bytes) -> bytes:
    """A GLB of its JSON document and the chunks behind it."""
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    total = GLB_HEAD.size + CHUNK_HEAD.size + len(text) + len(rest)
    return GLB_HEAD.pack(b"glTF", 2, total) + CHUNK_HEAD.pack(len(text), JSON_CHUNK) + text + rest


def split_glb(glb: bytes) -> tuple[dict[str, Any], bytes]:
    """The JSON document of a GLB, and the chunks behind it. Raises `NotRenderableError` when it is none."""
    try:
        length, kind = CHUNK_HEAD.unpack_from(glb, GLB_HEAD.size)
        start = GLB_HEAD.size + CHUNK_HEAD.size
        document = json.loads(glb[start : start + length])
    except (struct.error, ValueError) as error:
        raise NotRenderableError(f"it is no GLB ({error})") from error
    if kind != JSON_CHUNK or not isinstance(document, dict):
        raise NotRenderableError("it is no GLB: its first chunk is not JSON")
    return document, glb[start + length :]
