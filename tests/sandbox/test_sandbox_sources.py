"""Which uploaded files have a picture, safe unpacking, and GLBs in another material: no engine needed."""

import json
import stat
import zipfile
from pathlib import Path

import pytest

from catalogsync.sandbox.content import sources
from catalogsync.sandbox.content.sources import NotRenderableError, open_source
from catalogsync.sandbox.models import SIGNATURES

ALL = sorted({*SIGNATURES, ".obj", ".stl", ".iges", ".igs"} - {".zip"})


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("extension", ALL)
def test_every_accepted_extension_is_rendered_or_refused_with_a_reason(tmp_path: Path, extension: str) -> None:
    stored, work = tmp_path / "stored", tmp_path / "work"
    stored.write_bytes(b"anything")
    work.mkdir()
    if extension in sources.UNREADABLE:
        with pytest.raises(NotRenderableError, match=f"{extension} cannot be rendered by this engine"):
            open_source(stored, f"a{extension}", work)
    else:
        assert open_source(stored, f"a{extension}", work).path.read_bytes() == b"anything"


@pytest.mark.parametrize(
    ("names", "main"),
    [
        (("readme.txt", "a/chair.obj", "a/chair.mtl"), "chair.obj"),
        (("low.stl", "high.glb"), "high.glb"),
        (("deep/er/chair.glb", "chair.glb"), "chair.glb"),
        (("__MACOSX/x.glb", "y.obj"), "y.obj"),
    ],
)
def test_the_main_model_of_an_archive_is_picked(tmp_path: Path, names: tuple[str, ...], main: str) -> None:
    archive = zipped(tmp_path / "a", dict.fromkeys(names, b"x"))
    work = tmp_path / "work"
    work.mkdir()
    assert open_source(archive, "a.zip", work).path.name == main


@pytest.mark.parametrize("name", ["../out.glb", "/etc/out.glb", "a/../../out.glb", "..\\out.glb", "C:\\out.glb"])
def test_an_archive_cannot_leave_its_folder(tmp_path: Path, name: str) -> None:
    archive = zipped(tmp_path / "a", {name: b"x"})
    work = tmp_path / "work"
    work.mkdir()
    with pytest.raises(NotRenderableError, match="leave its folder"):
        open_source(archive, "a.zip", work)
    assert list(work.iterdir()) == []


def test_an_archive_cannot_bring_links(tmp_path: Path) -> None:
    member = zipfile.ZipInfo("link.glb")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        archive.writestr(member, "/etc/passwd")
    with pytest.raises(NotRenderableError, match="symbolic link"):
        sources.unpack(tmp_path / "a", tmp_path)


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"zeros.glb": bytes(20 * 1024**2)}, "would unpack to"),
        ({f"{index}.txt": b"" for index in range(sources.MAX_MEMBERS + 1)}, "more than 2000"),
        ({"notes.txt": b"x"}, "no model in it"),
    ],
)
def test_bombs_and_empty_archives_are_refused(tmp_path: Path, members: dict[str, bytes], why: str) -> None:
    work = tmp_path / "work"
    work.mkdir()
    with pytest.raises(NotRenderableError, match=why):
        open_source(zipped(tmp_path / "a", members), "a.zip", work)


@pytest.mark.parametrize("names", [["."], ["a", "a/b.glb"], ["n" * 300 + ".glb"]])
def test_names_that_cannot_be_files_are_refused_without_naming_this_machine(tmp_path: Path, names: list[str]) -> None:
    work = tmp_path / "work"
    work.mkdir()
    with pytest.raises(NotRenderableError, match="the archive") as refused:
        open_source(zipped(tmp_path / "a", dict.fromkeys(names, b"x")), "a.zip", work)
    assert str(tmp_path) not in str(refused.value)


@pytest.mark.parametrize(
    "uri",
    ["/etc/hostname", "../secret.bin", "a/../../secret.bin", "..\\secret.bin", "%2e%2e/s.bin", "http://a.b/c.bin"],
)
@pytest.mark.parametrize("kind", ["buffers", "images"])
def test_a_gltf_cannot_refer_to_files_outside_its_folder(tmp_path: Path, kind: str, uri: str) -> None:
    stored, work = tmp_path / "stored", tmp_path / "work"
    stored.write_text(json.dumps({kind: [{"uri": uri}]}))
    work.mkdir()
    with pytest.raises(NotRenderableError, match="outside its folder"):
        open_source(stored, "a.gltf", work)


@pytest.mark.parametrize("text", ["", "[]", '{"buffers": 3}', '{"buffers": [3]}', "[" * 100_000])
def test_a_malformed_gltf_is_left_to_the_engine(tmp_path: Path, text: str) -> None:
    (tmp_path / "stored").write_text(text)
    (tmp_path / "work").mkdir()
    assert open_source(tmp_path / "stored", "a.gltf", tmp_path / "work").suffix == ".gltf"


def test_a_gltf_has_its_files_beside_it_and_in_itself(tmp_path: Path) -> None:
    document = {"buffers": [{"uri": "bin/a.bin"}, {"uri": "data:;base64,AA=="}, {}], "images": [{"uri": "a%20b.png"}]}
    (tmp_path / "work").mkdir()
    archive = zipped(tmp_path / "a", {"m/a.gltf": json.dumps(document).encode()})
    assert open_source(archive, "a.zip", tmp_path / "work").path.name == "a.gltf"


def test_an_archive_whose_bytes_are_damaged_is_refused(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a", {"a.obj": bytes(range(256)) * 20})
    content = bytearray(archive.read_bytes())
    content[35:60] = b"\xff" * 25
    archive.write_bytes(content)
    with pytest.raises(NotRenderableError, match="cannot be unpacked"):
        sources.unpack(archive, tmp_path)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"PK\x03\x04 but no more")
    with pytest.raises(NotRenderableError, match="cannot be unpacked"):
        sources.unpack(tmp_path / "a", tmp_path)


def glb(document: dict[str, object]) -> bytes:
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    head = sources.GLB_HEAD.pack(b"glTF", 2, sources.GLB_HEAD.size + sources.CHUNK_HEAD.size + len(text))
    return head + sources.CHUNK_HEAD.pack(len(text), sources.JSON_CHUNK) + text


@pytest.mark.parametrize(
    ("required", "why"),
    [
        ([sources.KTX2], "its textures are KTX2"),
        ([sources.KTX2, sources.MESHOPT], "compressed with meshopt"),
        (["KHR_draco_mesh_compression"], None),
        (7, None),
    ],
)
def test_what_the_engine_cannot_see_of_a_glb_is_named(tmp_path: Path, required: object, why: str | None) -> None:
    (tmp_path / "a.glb").write_bytes(glb({"extensionsRequired": required}))
    source = sources.Source(tmp_path / "a.glb")
    assert bool(sources.unseen(source)) == bool(why)
    if why:
        with pytest.raises(NotRenderableError, match=why):
            sources.check_seen(source)
    else:
        sources.check_seen(source)


@pytest.mark.parametrize("kind", ["stl", "obj", "off", "ply"])
def test_a_model_without_colours_is_grey_in_the_viewer(tmp_path: Path, kind: str) -> None:
    trimesh = pytest.importorskip("trimesh")
    path = tmp_path / f"a.{kind}"
    trimesh.creation.box().export(path)
    assert sources.write_glb(sources.Source(path), tmp_path / "out.glb")
    document, _ = sources.split_glb((tmp_path / "out.glb").read_bytes())
    assert document["materials"][0]["pbrMetallicRoughness"]["baseColorFactor"] == [*sources.CLAY, 1.0]
    assert document["meshes"][0]["primitives"][0]["material"] == 0


def test_colours_of_a_model_stay_in_the_viewer(tmp_path: Path) -> None:
    trimesh = pytest.importorskip("trimesh")
    box = trimesh.creation.box()
    box.visual.vertex_colors = [200, 20, 20, 255]
    box.export(tmp_path / "a.ply")
    assert sources.write_glb(sources.Source(tmp_path / "a.ply"), tmp_path / "out.glb")
    document, _ = sources.split_glb((tmp_path / "out.glb").read_bytes())
    assert "COLOR_0" in document["meshes"][0]["primitives"][0]["attributes"]


def test_a_worn_material_replaces_colour_and_texture_everywhere() -> None:
    meshes = [{"primitives": [{"attributes": {"POSITION": 0, "COLOR_0": 1}}, {"attributes": {}, "material": 0}]}]
    textured = {"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}, "normalTexture": {"index": 1}}
    worn = sources.wear(glb({"materials": [textured], "meshes": meshes}), (0.1, 0.2, 0.3), 1.0, 0.4)
    document, rest = sources.split_glb(worn)
    assert (rest, int.from_bytes(worn[8:12], "little")) == (b"", len(worn))
    finish = {"baseColorFactor": [0.1, 0.2, 0.3, 1.0], "metallicFactor": 1.0, "roughnessFactor": 0.4}
    assert document["materials"][0] == {"pbrMetallicRoughness": finish, "normalTexture": {"index": 1}}
    bare, dressed = document["meshes"][0]["primitives"]
    assert (bare, dressed["material"]) == ({"attributes": {"POSITION": 0}, "material": 1}, 0)
