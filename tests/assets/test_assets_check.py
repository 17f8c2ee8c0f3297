"""A file is what its extension says, or the problem says what it is instead."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from catalogsync.assets import MODEL_EXTENSIONS, THUMBNAIL_EXTENSIONS, check_files, files
from catalogsync.assets.content import FORMATS
from catalogsync.assets.rules import RULES
from catalogsync.errors import Place
from catalogsync.model.catalog import Asset, Catalog, Product

beginning = files._beginning
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF"
ZIP = b"PK\x03\x04\x14\0\0\0"
STEP = b"ISO-10303-21;\nHEADER;\n"
IGES = b"catalogue".ljust(72) + b"S      1\n"


def glb(version: int = 2, length: int | None = None) -> bytes:
    body = b"{}  "
    size = 12 + len(body) if length is None else length
    return b"glTF" + version.to_bytes(4, "little") + size.to_bytes(4, "little") + body


def stl(triangles: int, written: int) -> bytes:
    return bytes(80) + triangles.to_bytes(4, "little") + bytes(50 * written)


GOOD = [
    ("a.glb", glb()),
    ("a.GLB", glb(version=1)),
    ("a.gltf", b'{"asset": {"version": "2.0"}, "buffers": [{"uri": "data:,"}, {"byteLength": 1}], "images": null}'),
    ("a.gltf", b'\xef\xbb\xbf{"asset": {}}'),
    ("a.obj", b"# cube\nv 0 0 0\n"),
    ("a.fbx", b"Kaydara FBX Binary  \0\x1a\0"),
    ("a.fbx", b"; FBX 7.4.0 project file\n"),
    ("a.blend", b"BLENDER-v400"),
    ("a.blend", b"\x28\xb5\x2f\xfd\0"),
    ("a.blend", b"\x1f\x8b\x08\0"),
    ("a.usdz", ZIP),
    ("a.stl", stl(2, 2)),
    ("a.stl", b"solid cube\nfacet normal 0 0 1\n"),
    ("a.stl", b"solid is a lie".ljust(80) + stl(1, 1)[80:]),
    ("a.dae", b'<?xml version="1.0"?>\n<COLLADA version="1.4.1">'),
    ("a.ply", b"ply\nformat ascii 1.0\n"),
    ("a.abc", b"Ogawa\xff\0\1"),
    ("a.abc", b"\x89HDF\r\n\x1a\n"),
    ("a.bvh", b"HIERARCHY\nROOT Hips\n"),
    ("a.x3d", b'<?xml version="1.0"?>\n<X3D profile="Interchange">'),
    ("a.wrl", b"#VRML V2.0 utf8\n"),
    ("a.3ds", b"MM\x20\0\0\0"),
    ("a.max", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ("a.off", b"# made by hand\nOFF\n3 1 0\n"),
    ("a.off", b"COFF 3 1 0\n"),
    ("a.step", STEP),
    ("a.stp", STEP),
    ("a.ifc", STEP),
    ("a.iges", IGES),
    ("a.igs", IGES),
    ("a.brep", b"\nCASCADE Topology V1, (c) Matra-Datavision\n"),
    ("a.3mf", ZIP),
    ("a.fcstd", ZIP),
    ("a.fcstd1", ZIP),
    ("a.zip", ZIP),
    ("a.png", PNG),
    ("a.jpg", JPEG),
    ("a.JPEG", JPEG),
]

WRONG = [
    ("a.glb", b"", "asset-empty", "is empty"),
    ("a.glb", b"<!DOCTYPE html>", "asset-content", "is not a binary glTF file: it looks like a web page"),
    ("a.glb", b"nonsense", "asset-content", "is not a binary glTF file"),
    ("a.glb", b"glTF", "asset-incomplete", "ends inside its header"),
    ("a.glb", glb(version=7), "asset-content", "says it is glTF version 7"),
    ("a.glb", glb(length=2000), "asset-incomplete", "has 16 bytes and says it has 2,000"),
    ("a.gltf", b"glTF", "asset-content", "is not a glTF file: it looks like a binary glTF file"),
    ("a.gltf", b"{", "asset-content", "is not a glTF file: it is not JSON"),
    ("a.gltf", b'{"a": 1}', "asset-content", "is not a glTF file: it has no `asset`"),
    (
        "a.gltf",
        b'{"asset": {}, "buffers": [{"uri": "a.bin"}], "images": [{"uri": "b.png"}]}',
        "asset-external-files",
        "needs other files: a.bin, b.png",
    ),
    ("a.obj", b"v\0\0", "asset-content", "is not a Wavefront OBJ file"),
    ("a.stl", stl(3, 2), "asset-content", "is not an STL file"),
    ("a.stl", stl(0, 0), "asset-content", "is not an STL file"),
    ("a.off", b"3 1 0\n", "asset-content", "is not an OFF file"),
    ("a.igs", b"S", "asset-content", "is not an IGES file"),
    ("a.png", JPEG, "asset-content", "is not a PNG image: it looks like a JPEG image"),
    ("a.jpg", PNG, "asset-content", "is not a JPEG image: it looks like a PNG image"),
    (
        "a.png",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n",
        "asset-lfs-pointer",
        "is a Git LFS pointer, not the file",
    ),
]


def catalog_of(folder: Path, *names: str) -> Catalog:
    products = tuple(
        Product(
            key=str(number),
            sku_id=str(number),
            gtin=None,
            name=None,
            main_asset_name=None,
            model=Asset(name, f"{folder}/{name}", Place("catalog.yaml", number, 5)),
            thumbnail=None,
            outputs=(),
            archive=(),
            protect=False,
            place=Place("catalog.yaml", number, 1),
        )
        for number, name in enumerate(names, 1)
    )
    return Catalog("shop", str(folder), products, ())


def said(folder: Path, *names: str) -> list[tuple[str, str]]:
    return [(problem.rule, problem.message) for problem in check_files(catalog_of(folder, *names))]


@pytest.mark.parametrize(("name", "content"), GOOD)
def test_a_file_that_is_what_its_extension_says_is_fine(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert said(tmp_path, name) == []


@pytest.mark.parametrize(("name", "content", "rule", "message"), WRONG)
def test_a_file_that_is_something_else_says_what(tmp_path, name, content, rule, message):
    (tmp_path / name).write_bytes(content)
    assert said(tmp_path, name) == [(rule, f"{name} {message}")]


def test_every_extension_has_a_format_and_a_good_example():
    assert set(FORMATS) == MODEL_EXTENSIONS | THUMBNAIL_EXTENSIONS
    assert {Path(name).suffix.lower() for name, _ in GOOD} == set(FORMATS)


@pytest.mark.parametrize("extension", sorted(set(FORMATS) - {".obj"}))
def test_no_format_holds_zeros(tmp_path, extension):
    (tmp_path / f"a{extension}").write_bytes(bytes(200))
    assert [rule for rule, _ in said(tmp_path, f"a{extension}")] == ["asset-content"]


def test_a_missing_file_and_a_missing_folder(tmp_path):
    assert said(tmp_path, "a.glb", "no/a.glb") == [
        ("asset-missing", "a.glb does not exist"),
        ("asset-missing", "no/a.glb does not exist"),
    ]


def test_other_capital_letters_on_disk(tmp_path):
    (tmp_path / "Models").mkdir()
    (tmp_path / "Models" / "Arc.glb").write_bytes(glb())
    assert said(tmp_path, "models/arc.glb") == [
        ("asset-letter-case", "models/arc.glb is spelled Models/Arc.glb on disk"),
    ]


def test_other_capital_letters_on_a_disk_that_ignores_them(tmp_path, monkeypatch):
    (tmp_path / "Arc.glb").write_bytes(glb())
    monkeypatch.setattr(files, "_beginning", lambda path: beginning(str(tmp_path / "Arc.glb")))
    assert [rule for rule, _ in said(tmp_path, "arc.glb")] == ["asset-letter-case"]


def test_a_missing_file_outside_the_manifests_folder_is_not_searched_for(tmp_path):
    (tmp_path / "A.glb").write_bytes(glb())
    (tmp_path / "shop").mkdir()
    product = catalog_of(tmp_path, "a.glb").products[0]
    problems = check_files(Catalog("shop", str(tmp_path / "shop"), (product,), ()))
    assert [problem.rule for problem in problems] == ["asset-missing"]


def test_a_file_that_vanishes_during_the_check(tmp_path, monkeypatch):
    (tmp_path / "a.gltf").write_bytes(b'{"asset": {}}')

    def read_then_remove(path: str):
        seen = beginning(path)
        Path(path).unlink()
        return seen

    monkeypatch.setattr(files, "_beginning", read_then_remove)
    assert [rule for rule, _ in said(tmp_path, "a.gltf")] == ["asset-missing"]


def test_a_folder_and_a_pipe_are_not_files(tmp_path):
    (tmp_path / "a.glb").mkdir()
    os.mkfifo(tmp_path / "b.glb")
    assert [rule for rule, _ in said(tmp_path, "a.glb", "b.glb")] == ["asset-not-a-file"] * 2


def test_a_file_that_cannot_be_opened(tmp_path):
    (tmp_path / "a.glb").symlink_to("a.glb")
    assert [rule for rule, _ in said(tmp_path, "a.glb")] == ["asset-unreadable"]


def test_a_file_that_many_products_use_is_reported_once_at_its_first_place(tmp_path):
    problems = check_files(catalog_of(tmp_path, "a.glb", "a.glb"))
    assert [str(problem.place) for problem in problems] == ["catalog.yaml:1:5"]


def test_a_file_of_no_known_format_is_not_looked_into(tmp_path):
    (tmp_path / "a.xyz").write_bytes(b"anything")
    assert said(tmp_path, "a.xyz") == []


def test_a_catalog_without_files_has_no_problems(tmp_path):
    assert check_files(Catalog("shop", str(tmp_path), (), ())) == ()


def test_every_rule_is_tested_here():
    text = Path(__file__).read_text()
    assert [rule for rule in RULES if f'"{rule}"' not in text] == []
