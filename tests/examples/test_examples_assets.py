"""The example shop: its models are valid, its pictures show something, its manifest and pipelines hold together."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from stdnum import ean

from catalogsync.manifest import load
from catalogsync.sandbox.scenes import MATERIALS, SCENES, UNITS

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
MODELS = sorted((EXAMPLES / "models").iterdir())
GLBS = [path for path in MODELS if path.suffix == ".glb"]
THUMBNAILS = sorted((EXAMPLES / "thumbnails").iterdir())
BUDGET = 2_500_000

COMPONENTS = {5123: np.dtype("<u2"), 5125: np.dtype("<u4"), 5126: np.dtype("<f4")}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3}


def by_name(paths: list[Path]) -> Any:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.name)


class Glb:
    """A glTF file taken apart by the letter of the specification."""

    def __init__(self, data: bytes) -> None:
        magic, self.version, self.length = struct.unpack_from("<4sII", data)
        assert magic == b"glTF"
        json_length, json_kind = struct.unpack_from("<I4s", data, 12)
        self.tree = json.loads(data[20 : 20 + json_length])
        start = 20 + json_length
        binary_length, binary_kind = struct.unpack_from("<I4s", data, start)
        self.binary = data[start + 8 : start + 8 + binary_length]
        self.kinds = (json_kind, binary_kind)
        self.chunk_lengths = (json_length, binary_length)

    def view(self, index: int) -> bytes:
        view = self.tree["bufferViews"][index]
        return self.binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]

    def accessor(self, index: int) -> np.ndarray[Any, Any]:
        accessor = self.tree["accessors"][index]
        kind, width = COMPONENTS[accessor["componentType"]], WIDTHS[accessor["type"]]
        data = np.frombuffer(self.view(accessor["bufferView"]), kind)
        assert len(data) == accessor["count"] * width
        return data.reshape(-1, width)

    @property
    def primitives(self) -> list[dict[str, Any]]:
        return [item for mesh in self.tree["meshes"] for item in mesh["primitives"]]


@pytest.fixture(scope="module")
def glbs() -> dict[Path, Glb]:
    return {path: Glb(path.read_bytes()) for path in GLBS}


def test_shop_shows_three_formats() -> None:
    assert Counter(path.suffix for path in MODELS) == {".glb": 9, ".zip": 1, ".stl": 1}


def test_assets_fit_the_budget() -> None:
    assert sum(path.stat().st_size for path in [*MODELS, *THUMBNAILS]) < BUDGET


@by_name(GLBS)
def test_glb_is_framed_as_the_specification_says(path: Path, glbs: dict[Path, Glb]) -> None:
    glb = glbs[path]
    assert (glb.version, glb.length) == (2, path.stat().st_size)
    assert glb.kinds == (b"JSON", b"BIN\0")
    assert all(length % 4 == 0 for length in glb.chunk_lengths)
    assert glb.length == 12 + 8 + 8 + sum(glb.chunk_lengths)
    assert glb.tree["asset"]["version"] == "2.0"
    assert glb.tree["buffers"] == [{"byteLength": len(glb.binary)}]


@by_name(GLBS)
def test_glb_views_are_aligned_and_inside_the_buffer(path: Path, glbs: dict[Path, Glb]) -> None:
    glb = glbs[path]
    for view in glb.tree["bufferViews"]:
        assert view["byteOffset"] % 4 == 0
        assert view["byteOffset"] + view["byteLength"] <= len(glb.binary)


@by_name(GLBS)
def test_glb_geometry_is_sound(path: Path, glbs: dict[Path, Glb]) -> None:
    glb = glbs[path]
    for primitive in glb.primitives:
        attributes = primitive["attributes"]
        positions, normals = glb.accessor(attributes["POSITION"]), glb.accessor(attributes["NORMAL"])
        indices = glb.accessor(primitive["indices"])
        bounds = glb.tree["accessors"][attributes["POSITION"]]
        assert positions.min(axis=0).tolist() == bounds["min"]
        assert positions.max(axis=0).tolist() == bounds["max"]
        assert indices.size % 3 == 0
        assert set(np.unique(indices)) == set(range(len(positions)))
        assert np.linalg.norm(normals.astype(np.float64), axis=1) == pytest.approx(1.0, abs=1e-5)


@by_name(GLBS)
def test_glb_normals_point_the_way_their_triangles_face(path: Path, glbs: dict[Path, Glb]) -> None:
    glb = glbs[path]
    for primitive in glb.primitives:
        corners = glb.accessor(primitive["attributes"]["POSITION"])[glb.accessor(primitive["indices"]).reshape(-1, 3)]
        normals = glb.accessor(primitive["attributes"]["NORMAL"])[glb.accessor(primitive["indices"]).reshape(-1, 3)]
        facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        assert (np.einsum("ij,ij->i", facing, normals.mean(axis=1)) > 0).mean() > 0.99


@by_name(GLBS)
def test_product_stands_on_the_floor_at_its_centre_and_in_metres(path: Path, glbs: dict[Path, Glb]) -> None:
    glb = glbs[path]
    points = np.concatenate([glb.accessor(primitive["attributes"]["POSITION"]) for primitive in glb.primitives])
    low, high = points.min(axis=0), points.max(axis=0)
    assert low[1] == pytest.approx(0.0, abs=1e-5)
    assert (low + high)[[0, 2]] == pytest.approx([0.0, 0.0], abs=1e-4)
    assert 0.3 < (high - low).max() < 2.7


@by_name(GLBS)
def test_glb_materials_are_metallic_roughness_and_their_textures_embedded_pngs(
    path: Path, glbs: dict[Path, Glb]
) -> None:
    glb = glbs[path]
    for primitive in glb.primitives:
        shading = glb.tree["materials"][primitive["material"]]["pbrMetallicRoughness"]
        assert {"baseColorFactor", "metallicFactor", "roughnessFactor"} <= shading.keys()
        assert ("baseColorTexture" in shading) == ("TEXCOORD_0" in primitive["attributes"])
    for image in glb.tree.get("images", []):
        assert image["mimeType"] == "image/png"
        with Image.open(io.BytesIO(glb.view(image["bufferView"]))) as picture:
            assert picture.format == "PNG"
            picture.verify()


def test_several_models_carry_a_texture(glbs: dict[Path, Glb]) -> None:
    assert sum("images" in glb.tree for glb in glbs.values()) >= 4


def test_obj_is_zipped_with_the_materials_it_names() -> None:
    with zipfile.ZipFile(EXAMPLES / "models/side_table.zip") as archive:
        assert archive.namelist() == ["side_table.obj", "side_table.mtl"]
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        lines = [line.split() for line in archive.read("side_table.obj").decode().splitlines()]
        materials = archive.read("side_table.mtl").decode().split()
    vertices = sum(line[0] == "v" for line in lines)
    used = [int(corner.split("/")[0]) for line in lines if line[0] == "f" for corner in line[1:]]
    assert (min(used), max(used)) == (1, vertices)
    assert {line[1] for line in lines if line[0] == "usemtl"} <= set(materials)


def test_stl_is_binary_and_as_long_as_its_count_says() -> None:
    data = (EXAMPLES / "models/vase.stl").read_bytes()
    assert not data.startswith(b"solid")
    assert len(data) == 84 + 50 * struct.unpack_from("<I", data, 80)[0]


def test_stl_is_watertight() -> None:
    rows = np.frombuffer(
        (EXAMPLES / "models/vase.stl").read_bytes()[84:], np.dtype([("v", "<f4", (4, 3)), ("a", "<u2")])
    )
    triangles = [[corner.tobytes() for corner in row[1:]] for row in rows["v"]]
    edges = Counter(pair for a, b, c in triangles for pair in ((a, b), (b, c), (c, a)))
    assert all(edges[b, a] == count for (a, b), count in edges.items())


@by_name(THUMBNAILS)
def test_thumbnail_is_a_square_png_that_shows_something(path: Path) -> None:
    assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB"), dtype=np.int64)
    assert pixels.shape == (512, 512, 3)
    drawn = np.abs(pixels - pixels[4, 256]).max(axis=2) > 40
    assert drawn.mean() > 0.02
    assert not drawn[:4].any()


def test_every_model_has_its_thumbnail() -> None:
    assert [path.stem for path in MODELS] == [path.stem for path in THUMBNAILS]


def test_script_reproduces_the_committed_models(tmp_path: Path) -> None:
    wanted = ["stool.glb", "vase.stl", "side_table.zip"]
    names = [argument for name in wanted for argument in ("--only", name.partition(".")[0])]
    script = [sys.executable, str(EXAMPLES / "make_assets.py"), "--no-thumbnails", "--out", str(tmp_path)]
    subprocess.run([*script, *names], check=True, capture_output=True)
    assert {path.name for path in (tmp_path / "models").iterdir()} == set(wanted)
    for name in wanted:
        assert content(tmp_path / "models" / name) == content(EXAMPLES / "models" / name), name


def content(path: Path) -> Any:
    """A file's bytes; of a zip its entries', since releases of zlib pack differently."""
    if path.suffix != ".zip":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_manifest_loads_without_a_warning() -> None:
    assert load([EXAMPLES / "catalog.yaml"], strict=True).warnings == ()


def manifest() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """All products and renders as written, each product's files made absolute."""
    products = []
    root = yaml.safe_load((EXAMPLES / "catalog.yaml").read_text())
    for path in (EXAMPLES / "catalog.yaml", *EXAMPLES.glob("products/*.yaml")):
        for product in yaml.safe_load(path.read_text())["products"]:
            files = {name: (path.parent / product[name]).resolve() for name in ("model", "thumbnail")}
            products.append(product | files)
    return products, root["renders"]


def test_manifest_names_every_asset_once() -> None:
    products, _ = manifest()
    assert sorted(product["model"] for product in products) == MODELS
    assert sorted(product["thumbnail"] for product in products) == THUMBNAILS


def test_gtins_are_unique_in_store_numbers_with_right_check_digits() -> None:
    gtins = [product["gtin"] for product in manifest()[0] if "gtin" in product]
    assert len(set(gtins)) == len(gtins) == 10
    assert all(gtin.startswith("2") and len(gtin) == 13 and ean.is_valid(gtin) for gtin in gtins)


def test_renders_use_what_the_sandbox_knows() -> None:
    products, renders = manifest()
    known = {product["sku_id"] for product in products}
    for render in renders:
        cameras = {camera.id for camera in SCENES[render["scene_id"]].cameras}
        assert set(render["cameras_to_render"]) <= cameras
        assert render["units"] in UNITS
        assert {placed["sku_id"] for placed in render["products"]} <= known
        assert {placed.get("material_id", 500) for placed in render["products"]} <= MATERIALS.keys()
