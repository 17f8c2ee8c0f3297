"""Names in archives from other machines, colours of OBJ and PLY, and glTF in one file: no engine needed."""

import base64
import io
import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from catalogsync.sandbox.content import sources
from catalogsync.sandbox.content.sources import NotRenderableError, Source, open_source, split_glb

TRIANGLE = "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"


def opened(tmp_path: Path, members: dict[str, str | bytes]) -> Source:
    work = tmp_path / "work"
    work.mkdir()
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return open_source(tmp_path / "a", "a.zip", work)


def document_of(source: Source) -> tuple[dict, bytes]:  # type: ignore[type-arg] # any JSON
    return split_glb(source.path.read_bytes())


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("wood.jpg", "0-Wood.JPG"),
        (r".\wood.jpg", "0-Wood.JPG"),
        (r"C:\My work\textures\WOOD.jpg", "0-Wood.JPG"),
        ("/home/me/wood.jpg", "0-Wood.JPG"),
        ("../../textures/wood.jpg", "0-Wood.JPG"),
        ("-s 2 2 1 -o 0 0 0 wood.jpg", "-s 2 2 1 -o 0 0 0 0-Wood.JPG"),
        ("old oak.png", "1-old oak.png"),
        ("beside.png", "beside.png"),
    ],
)
def test_a_material_names_the_texture_that_is_meant(tmp_path: Path, said: str, written: str) -> None:
    source = opened(
        tmp_path,
        {
            "obj/chair.obj": f"mtllib C:\\work\\Chair.MTL\n{TRIANGLE}",
            "obj/chair.mtl": f"newmtl a\nmap_Kd {said}\nKd 1 1 1\n",
            "Textures/Wood.JPG": b"",
            "Textures/old oak.png": b"",
            "obj/beside.png": b"",
        },
    )
    assert source.path.read_text() == f"mtllib chair.mtl\n{TRIANGLE}"
    assert (source.path.parent / "chair.mtl").read_text() == f"newmtl a\nmap_Kd {written}\nKd 1 1 1\n"


def test_a_texture_beside_the_folder_of_an_obj_is_in_the_viewers_glb(tmp_path: Path) -> None:
    pytest.importorskip("trimesh")
    picture = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(picture, "PNG")
    model = "mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\nusemtl a\nf 1/1 2/2 3/3\n"
    material = "newmtl a\nmap_Kd ..\\..\\tex\\A.png\nKd 1 1 1\n"
    source = opened(tmp_path, {"in/a.obj": model, "in/a.mtl": material, "Tex/a.PNG": picture.getvalue()})
    assert sources.write_glb(source, tmp_path / "a.glb")
    document, _ = split_glb((tmp_path / "a.glb").read_bytes())
    assert len(document["images"]) == 1
    assert [material["pbrMetallicRoughness"]["metallicFactor"] for material in document["materials"]] == [0.0]


def test_a_texture_that_is_nowhere_is_not_named(tmp_path: Path) -> None:
    material = "newmtl a\nmap_Kd lost.png\nKd 1 0 0\n"
    source = opened(tmp_path, {"a.obj": f"mtllib a.mtl\n{TRIANGLE}", "a.mtl": material})
    assert (source.path.parent / "a.mtl").read_text().split() == ["newmtl", "a", "Kd", "1", "0", "0"]


def test_of_files_of_one_name_the_one_with_the_same_folder_is_meant(tmp_path: Path) -> None:
    members = {"a.obj": "mtllib a.mtl\n", "a.mtl": "map_Kd x/red/1.png", "blue/1.png": "", "red/1.png": ""}
    source = opened(tmp_path, members)
    assert (source.path.parent / "a.mtl").read_text() == "map_Kd red/1.png"


def test_a_collada_names_the_texture_that_is_meant_and_keeps_ids(tmp_path: Path) -> None:
    text = "<C><init_from>file:///C:/Users/me/My%20wood.jpg</init_from><init_from>wood-id</init_from></C>"
    source = opened(tmp_path, {"a.dae": text, "maps/my wood.jpg": b""})
    mended = text.replace("file:///C:/Users/me/My%20wood.jpg", "maps/my%20wood.jpg")
    assert source.path.read_text() == mended


def test_an_fbx_finds_its_textures_beside_it(tmp_path: Path) -> None:
    head = b"Kaydara FBX Binary  \0\x1a\0"
    source = opened(tmp_path, {"a.fbx": head + rb"\0D:\proj\maps\Wood.png" + b"\0", "Textures/wood.png": b"seen"})
    assert (source.path.parent / "Wood.png").read_bytes() == b"seen"


def gltf(**others: object) -> str:
    buffer = {"uri": "..\\Bin\\A%20b.BIN", "byteLength": 6}
    view = {"buffer": 0, "byteOffset": 2, "byteLength": 4}
    return json.dumps({"asset": {"version": "2.0"}, "buffers": [buffer], "bufferViews": [view], **others})


def test_a_gltf_and_its_files_become_one_glb(tmp_path: Path) -> None:
    inline = "data:image/png;base64," + base64.b64encode(b"inline").decode()
    images = [{"uri": "../tex/C.PNG"}, {"uri": inline}]
    model = gltf(images=images, animations=[{"name": "kept"}], extensionsUsed=["KEPT"])
    source = opened(tmp_path, {"gltf/a.gltf": model, "bin/a b.bin": b"012345", "Tex/c.png": b"outside"})
    document, rest = document_of(source)
    views = [(view["byteOffset"], view["byteLength"]) for view in document["bufferViews"]]
    binary = rest[sources.CHUNK_HEAD.size :]
    assert [binary[start : start + length] for start, length in views] == [b"2345", b"outside", b"inline"]
    assert document["images"] == [
        {"mimeType": "image/png", "bufferView": 1},
        {"mimeType": "image/png", "bufferView": 2},
    ]
    assert document["buffers"] == [{"byteLength": len(binary)}]
    assert (document["animations"], document["extensionsUsed"]) == ([{"name": "kept"}], ["KEPT"])


def test_a_gltf_whose_texture_is_missing_stays_as_it_is(tmp_path: Path) -> None:
    source = opened(tmp_path, {"a.gltf": gltf(images=[{"uri": "lost.png"}]), "a b.bin": b"012345"})
    assert source.suffix == ".gltf"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("in/a.gltf", gltf(), "lacks .*upload a .zip"),
        ("a.gltf", '{"asset": {"version": "1.0"}, "buffers": {}}', "glTF 1.0"),
        ("a.gltf", '{"asset": {"version": 1}, "buffers": {}}', "glTF 1,"),
        ("a.fbx", "; FBX 7.5.0 project file\n", "save it as a binary FBX"),
    ],
)
def test_what_the_engine_does_not_read_is_refused_with_a_way_out(
    tmp_path: Path, name: str, content: str, why: str
) -> None:
    with pytest.raises(NotRenderableError, match=why):
        opened(tmp_path, {name: content})


@pytest.mark.parametrize(
    ("name", "content", "coloured"),
    [
        ("a.obj", TRIANGLE, False),
        ("a.obj", f"mtllib lost.mtl\n{TRIANGLE}", False),
        ("a.obj", f"mtllib there.mtl\n{TRIANGLE}", False),
        ("a.obj", f"mtllib there.mtl\nusemtl a\n{TRIANGLE}", True),
        ("a.obj", "v 0 0 0 1 0 0.5\n" + TRIANGLE, True),
        ("a.ply", "ply\nelement vertex 3\nproperty float x\nend_header\nproperty uchar red\n", False),
        ("a.ply", "ply\nelement vertex 3\nproperty uchar red\nend_header\n", True),
        ("a.stl", "solid a", False),
    ],
)
def test_what_brings_no_colour_is_grey(tmp_path: Path, name: str, content: str, *, coloured: bool) -> None:
    (tmp_path / "there.mtl").write_text("")
    (tmp_path / name).write_text(content)
    assert Source(tmp_path / name).coloured is coloured
