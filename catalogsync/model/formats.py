"""File extensions the remote accepts, lower-case with their dot; letter case does not matter.

Source: the vendor's API document, "Create Product": the list in its 400 answer for models, the field description for
thumbnails.
"""

from __future__ import annotations

MODEL_EXTENSIONS = frozenset(
    {
        ".glb",
        ".gltf",
        ".obj",
        ".fbx",
        ".blend",
        ".usdz",
        ".stl",
        ".dae",
        ".ply",
        ".abc",
        ".bvh",
        ".x3d",
        ".wrl",
        ".3ds",
        ".max",
        ".off",
        ".step",
        ".stp",
        ".iges",
        ".igs",
        ".brep",
        ".ifc",
        ".3mf",
        ".fcstd",
        ".fcstd1",
        ".zip",
    }
)
THUMBNAIL_EXTENSIONS = frozenset({".png", ".jpg", ".jpeg"})


def extension_of(path: str) -> str:
    """The last extension of a path, lower-case with its dot; "" when its file name has none."""
    stem, dot, extension = path.rpartition("/")[2].rpartition(".")
    return dot + extension.lower() if stem else ""
