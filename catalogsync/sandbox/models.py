"""Does a model file's beginning contradict its extension? Pure, apart from reading that beginning.

Each row is a format's published signature; formats without one (text such as OBJ, STL's binary form, IGES) are only
told apart from what they certainly are not.
"""

import re
from dataclasses import dataclass
from pathlib import Path

HEAD_BYTES = 4096
ZIP = rb"PK\x03\x04"
XML = rb"(\xef\xbb\xbf)?\s*<"
STEP = rb"\s*ISO-10303-21"
SIGNATURES = {
    ".glb": rb"glTF",
    ".gltf": rb"(\xef\xbb\xbf)?\s*\{",
    ".fbx": rb"Kaydara FBX Binary|\s*;",
    ".blend": rb"BLENDER|\x1f\x8b|\x28\xb5\x2f\xfd",
    ".usdz": ZIP,
    ".dae": XML,
    ".ply": rb"ply\s",
    ".abc": rb"Ogawa|\x89HDF",
    ".bvh": rb"\s*HIERARCHY",
    ".x3d": XML,
    ".wrl": rb"#VRML|#X3D",
    ".3ds": rb"MM",
    ".max": rb"\xd0\xcf\x11\xe0",
    ".off": rb"\s*(#.*\s*)*(ST)?C?N?4?n?OFF",
    ".step": STEP,
    ".stp": STEP,
    ".brep": rb"\s*(DBRep_DrawableShape|CASCADE Topology)",
    ".ifc": STEP,
    ".3mf": ZIP,
    ".fcstd": ZIP,
    ".fcstd1": ZIP,
    ".zip": ZIP,
}
FOREIGN = rb"glTF|PK\x03\x04|\x89PNG|\xff\xd8\xff|%PDF|\xef\xbb\xbf?\s*<|\s*<|version https://git-lfs"
TEST_VIRUS = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a job on this model ends: "Done", "Failed" or "Infected", and why when it is not Done."""

    outcome: str
    reason: str | None = None


def judge(model: Path, name: str) -> Verdict:
    """The verdict on the stored file `model` that was uploaded as `name`."""
    if not model.is_file():
        return Verdict("Failed", f"{name}: the uploaded file is gone")
    with model.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if TEST_VIRUS in head:
        return Verdict("Infected", f"{name}: contains the EICAR test virus")
    extension = Path(name).suffix.lower()
    if contradicts(head, extension):
        return Verdict("Failed", f"{name}: starts with {head[:8]!r}, which is not {extension}")
    return Verdict("Done")


def contradicts(head: bytes, extension: str) -> bool:
    """Whether these first bytes cannot begin a file of this format."""
    signature = SIGNATURES.get(extension)
    if signature is None:
        return re.match(FOREIGN, head) is not None
    return re.match(signature, head) is None
