"""Makes the pictures inside a GLB smaller where there are more than the engine has room for. Pure of f3d.

Only what is rendered is changed: viewers and AR get the file as it was uploaded.
"""

import io
from pathlib import Path
from typing import Any

from PIL import Image

from catalogsync.sandbox.content.sources import CHUNK_HEAD, NotRenderableError, Source, join_glb, split_glb

# Four pictures of 4096: unpacked, on the way to the engine and with its smaller copies some 600 MiB.
ROOM_PIXELS = 4 * 4096**2
EDGES = (4096, 2048, 1024, 512)
PNG = b"\x89PNG"
SAVED = {"JPEG": {"quality": 92}, "PNG": {"compress_level": 1}, "WEBP": {"quality": 92, "method": 0}}
MALFORMED = (NotRenderableError, LookupError, TypeError, ValueError, AttributeError, OSError)


def slimmed(source: Source, out: Path) -> Source:
    """The source, or `out` with its pictures smaller. What is malformed stays as it is: the engine judges it.

    Raises `NotRenderableError` for a damaged PNG, which would end the process without a word.
    """
    if source.suffix != ".glb":
        return source
    Image.MAX_IMAGE_PIXELS = None  # how much may be unpacked is limited for the whole process
    try:
        document, rest = split_glb(source.path.read_bytes())
        pictures = pictures_of(document, rest)
    except MALFORMED:
        return source
    for number, picture in enumerate(pictures, 1):
        check_whole(picture, number)
    try:
        sizes = [Image.open(io.BytesIO(picture)).size for picture in pictures]
        edge = edge_for(sizes)
        if all(max(size) <= edge for size in sizes):
            return source
        out.write_bytes(join_glb(*with_smaller(document, rest, edge)))
    except MALFORMED:
        return source
    return Source(out)


def check_whole(picture: bytes, number: int) -> None:
    """Raise `NotRenderableError` when this is a PNG whose checksums are wrong or whose end is missing."""
    if not picture.startswith(PNG):
        return
    try:
        with Image.open(io.BytesIO(picture)) as opened:
            opened.verify()
    except (OSError, SyntaxError, ValueError) as error:
        raise NotRenderableError(f"picture {number} in it is damaged") from error


def edge_for(sizes: list[tuple[int, int]]) -> int:
    """The longest edge at which pictures of these sizes have room together, or the shortest there is."""
    for edge in EDGES:
        if sum(min(wide, edge) * min(high, edge) for wide, high in sizes) <= ROOM_PIXELS:
            return edge
    return EDGES[-1]


def pictures_of(document: dict[str, Any], rest: bytes) -> list[bytes]:
    """The bytes of the images inside the file, in their order; those outside of it are empty."""
    found = []
    for image in document.get("images", ()):
        view = document["bufferViews"][image["bufferView"]]
        start = CHUNK_HEAD.size + view.get("byteOffset", 0)
        found.append(rest[start : start + view["byteLength"]])
    return found


def with_smaller(document: dict[str, Any], rest: bytes, edge: int) -> tuple[dict[str, Any], bytes]:
    """The same document with new, smaller pictures behind its other bytes."""
    length, kind = CHUNK_HEAD.unpack_from(rest)
    binary = bytearray(rest[CHUNK_HEAD.size : CHUNK_HEAD.size + length])
    for image, picture in zip(document["images"], pictures_of(document, rest), strict=True):
        small = shrunk(picture, edge)
        document["bufferViews"].append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(small)})
        image["bufferView"] = len(document["bufferViews"]) - 1
        binary += small + bytes(-len(small) % 4)
    document["buffers"][0]["byteLength"] = len(binary)
    return document, CHUNK_HEAD.pack(len(binary), kind) + binary


def shrunk(picture: bytes, edge: int) -> bytes:
    """The picture in its own format with no edge longer than `edge` pixels."""
    with Image.open(io.BytesIO(picture)) as opened:
        kind = str(opened.format)
        if max(opened.size) <= edge or kind not in SAVED:
            return picture
        opened.draft("RGB", (edge, edge))
        plain = opened.convert("RGBA") if opened.mode == "P" else opened
        plain.thumbnail((edge, edge), Image.Resampling.BOX)
        file = io.BytesIO()
        plain.save(file, kind, **SAVED[kind])
    return file.getvalue()
