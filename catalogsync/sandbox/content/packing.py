"""A glTF and the files that it names as one GLB: nothing is interpreted, so nothing is lost. Pure of f3d."""

import base64
import json
import mimetypes
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

MEDIA_TYPES = {".ktx2": "image/ktx2", ".webp": "image/webp"}


def packed(gltf: Path) -> tuple[dict[str, Any], bytes]:
    """The GLB's document and its binary chunk.

    Raises LookupError, TypeError, ValueError, AttributeError or OSError for what is malformed or not there.
    """
    document = json.loads(gltf.read_bytes())
    binary = bytearray()
    starts = [added(binary, read(gltf, buffer["uri"])) for buffer in document.get("buffers", ())]
    for view in document.get("bufferViews", ()):
        view["byteOffset"] = starts[view["buffer"]] + view.get("byteOffset", 0)
        view["buffer"] = 0
        move_compressed(view, starts)
    for image in document.get("images", ()):
        take_in(image, gltf, document, binary)
    if binary:
        document["buffers"] = [{"byteLength": len(binary)}]
    return document, bytes(binary)


def move_compressed(view: dict[str, Any], starts: list[int]) -> None:
    """Meshopt names the buffer a second time."""
    for name in ("EXT_meshopt_compression", "KHR_meshopt_compression"):
        compressed = view.get("extensions", {}).get(name)
        if compressed is not None:
            compressed["byteOffset"] = starts[compressed["buffer"]] + compressed.get("byteOffset", 0)
            compressed["buffer"] = 0


def take_in(image: dict[str, Any], gltf: Path, document: dict[str, Any], binary: bytearray) -> None:
    """Move an image into the binary chunk."""
    if "uri" not in image:
        return
    uri = image.pop("uri")
    picture = read(gltf, uri)
    image.setdefault("mimeType", media_type(uri))
    views = document.setdefault("bufferViews", [])
    views.append({"buffer": 0, "byteOffset": added(binary, picture), "byteLength": len(picture)})
    image["bufferView"] = len(views) - 1


def media_type(uri: str) -> str:
    if uri.startswith("data:"):
        return re.split("[;,]", uri[len("data:") :], maxsplit=1)[0]
    suffix = Path(unquote(uri)).suffix.lower()
    return MEDIA_TYPES.get(suffix) or mimetypes.guess_type(f"a{suffix}")[0] or "image/png"


def added(binary: bytearray, content: bytes) -> int:
    """Where in the chunk `content` begins, which is appended to it."""
    start = len(binary)
    binary += content + bytes(-len(content) % 4)
    return start


def read(gltf: Path, uri: str) -> bytes:
    if uri.startswith("data:"):
        return base64.b64decode(uri.partition(",")[2])
    return (gltf.parent / unquote(uri)).read_bytes()
