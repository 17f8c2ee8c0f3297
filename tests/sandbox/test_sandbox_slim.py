"""Pictures inside GLBs are made smaller for the engine where they would not have room: no engine needed."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from catalogsync.sandbox.content import slim
from catalogsync.sandbox.content.slim import edge_for, pictures_of, slimmed
from catalogsync.sandbox.content.sources import CHUNK_HEAD, NotRenderableError, Source, join_glb, split_glb

BIN_CHUNK = 0x004E4942


def encoded(size: tuple[int, int], kind: str, mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind)
    return file.getvalue()


def with_pictures(path: Path, *pictures: bytes) -> Source:
    binary, views = b"", []
    for picture in pictures:
        views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(picture)})
        binary += picture + bytes(-len(picture) % 4)
    images = [{"bufferView": index} for index in range(len(pictures))]
    document = {"buffers": [{"byteLength": len(binary)}], "bufferViews": views, "images": images}
    path.write_bytes(join_glb(document, CHUNK_HEAD.pack(len(binary), BIN_CHUNK) + binary))
    return Source(path)


def opened(source: Source) -> list[Image.Image]:
    return [Image.open(io.BytesIO(picture)) for picture in pictures_of(*split_glb(source.path.read_bytes()))]


@pytest.mark.parametrize(
    ("edges", "edge"),
    [
        ((), 4096),
        ((8192, 64), 4096),
        ((4096,) * 4, 4096),
        ((4096,) * 5, 2048),
        ((2048,) * 17, 1024),
        ((9**9,) * 999, 512),
    ],
)
def test_pictures_have_room_together(edges: tuple[int, ...], edge: int) -> None:
    sizes = [(size, size) for size in edges]
    assert edge_for(sizes) == edge


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_too_large_pictures_are_smaller_in_their_own_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(slim, "EDGES", (64,))
    source = with_pictures(tmp_path / "a.glb", encoded((200, 100), kind), encoded((32, 32), "PNG", "P"))
    slim_source = slimmed(source, tmp_path / "out.glb")
    assert [(picture.format, picture.size) for picture in opened(slim_source)] == [(kind, (64, 32)), ("PNG", (32, 32))]
    assert [picture.size for picture in opened(source)] == [(200, 100), (32, 32)], "the uploaded file stays as it is"
    document, rest = split_glb(slim_source.path.read_bytes())
    assert document["buffers"][0]["byteLength"] == len(rest) - CHUNK_HEAD.size


def test_a_file_with_room_is_itself(tmp_path: Path) -> None:
    source = with_pictures(tmp_path / "a.glb", encoded((32, 32), "PNG"))
    assert slimmed(source, tmp_path / "out.glb") is source
    assert slimmed(Source(tmp_path / "a.stl"), tmp_path / "out.glb").path.name == "a.stl"


def flipped(picture: bytes, place: int) -> bytes:
    return picture[:place] + bytes([picture[place] ^ 255]) + picture[place + 1 :]


WHOLE = encoded((32, 32), "PNG")


@pytest.mark.parametrize("damaged", [WHOLE[:60], flipped(WHOLE, 18), flipped(WHOLE, 45), WHOLE[:8], WHOLE[:-12]])
def test_a_damaged_png_is_named_before_it_ends_the_process(tmp_path: Path, damaged: bytes) -> None:
    source = with_pictures(tmp_path / "a.glb", WHOLE, damaged)
    with pytest.raises(NotRenderableError, match="picture 2 in it is damaged"):
        slimmed(source, tmp_path / "out.glb")


@pytest.mark.parametrize("picture", [b"", b"\xabKTX 20\xbb", b"no picture"])
def test_pictures_of_other_kinds_are_left_to_the_engine(tmp_path: Path, picture: bytes) -> None:
    source = with_pictures(tmp_path / "a.glb", picture)
    assert slimmed(source, tmp_path / "out.glb") is source


def without_views(document: dict[str, Any]) -> None:
    document["images"] = [{"uri": "outside.png"}]


def with_text(document: dict[str, Any]) -> None:
    document["images"] = "no list"


def with_far_view(document: dict[str, Any]) -> None:
    document["bufferViews"][0]["byteOffset"] = 2**40


@pytest.mark.parametrize("damage", [without_views, with_text, with_far_view])
def test_what_is_malformed_is_left_to_the_engine(tmp_path: Path, damage: Any) -> None:
    source = with_pictures(tmp_path / "a.glb", encoded((32, 32), "PNG"))
    document, rest = split_glb(source.path.read_bytes())
    damage(document)
    source.path.write_bytes(join_glb(document, rest))
    assert slimmed(source, tmp_path / "out.glb") is source


def test_what_is_no_glb_is_left_to_the_engine(tmp_path: Path) -> None:
    (tmp_path / "a.glb").write_bytes(b"glTF")
    assert slimmed(Source(tmp_path / "a.glb"), tmp_path / "out.glb").path.name == "a.glb"
