"""USDZ from GLB: valid for OpenUSD's own validators, faithful, the same each time, and refused with a reason."""

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from catalogsync.sandbox.content.usdz import write_usdz

MODELS = sorted((Path(__file__).parents[2] / "examples" / "models").glob("*.glb"))
KINDS = {"float32": 5126, "uint16": 5123, "int16": 5122, "uint8": 5121}
WIDTHS = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}


class Building:
    """A GLB while it is put together."""

    def __init__(self) -> None:
        self.binary = b""
        self.json: dict[str, Any] = {"asset": {"version": "2.0"}, "accessors": [], "bufferViews": []}

    def view(self, content: bytes) -> int:
        self.json["bufferViews"].append({"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(content)})
        self.binary += content + bytes(-len(content) % 4)
        return len(self.json["bufferViews"]) - 1

    def accessor(self, values: Any, *, normalized: bool = False) -> int:
        rows = values.reshape(len(values), -1)
        kind = {"componentType": KINDS[str(values.dtype)], "type": WIDTHS[rows.shape[1]], "normalized": normalized}
        self.json["accessors"].append({"bufferView": self.view(values.tobytes()), "count": len(rows), **kind})
        return len(self.json["accessors"]) - 1

    def write(self, path: Path) -> Path:
        self.json.setdefault("buffers", [{"byteLength": len(self.binary)}])
        text = json.dumps(self.json).encode()
        text += b" " * (-len(text) % 4)
        chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(self.binary), b"BIN\0")
        content = chunks + self.binary
        path.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(content)) + content)
        return path


def picture(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGBA" if kind != "JPEG" else "RGB", (4, 4), "teal").save(file, kind)
    return file.getvalue()


def square(building: Building, points: Any = None) -> dict[str, Any]:
    corners = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32)
    coordinates = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    return {
        "attributes": {
            "POSITION": building.accessor(corners if points is None else points),
            "NORMAL": building.accessor(np.tile(np.array([0, 0, 1], np.float32), (4, 1))),
            "TEXCOORD_0": building.accessor(coordinates),
        },
        "indices": building.accessor(np.array([0, 1, 2, 0, 2, 3], np.uint16)),
        "material": 0,
    }


def textured() -> Building:
    """A square with every kind of texture, below a turned and moved node."""
    building = Building()
    views = [(building.view(picture(kind)), kind) for kind in ("PNG", "JPEG", "WEBP")]
    building.json |= {
        "images": [{"bufferView": view, "mimeType": f"image/{kind.lower()}"} for view, kind in views],
        "samplers": [{"wrapS": 33071, "wrapT": 33648}],
        "textures": [
            {"source": 0, "sampler": 0},
            {"source": 1},
            {"extensions": {"EXT_texture_webp": {"source": 2}}},
        ],
        "materials": [
            {
                "pbrMetallicRoughness": {
                    "baseColorTexture": {
                        "index": 0,
                        "extensions": {"KHR_texture_transform": {"scale": [2, 3], "offset": [0.5, 0]}},
                    },
                    "baseColorFactor": [0.5, 0.6, 0.7, 0.8],
                    "metallicRoughnessTexture": {"index": 1},
                },
                "normalTexture": {"index": 1, "scale": 0.5},
                "occlusionTexture": {"index": 1, "strength": 0.4},
                "emissiveTexture": {"index": 2},
                "emissiveFactor": [1, 0.5, 0],
                "alphaMode": "MASK",
                "alphaCutoff": 0.3,
                "doubleSided": True,
            }
        ],
        "scenes": [{"nodes": [0]}],
        "nodes": [
            {"translation": [1, 2, 3], "children": [1]},
            {"rotation": [0, 0, 0.7071068, 0.7071068], "scale": [2, 2, 2], "mesh": 0},
        ],
    }
    building.json["meshes"] = [{"primitives": [square(building)]}]
    return building


def convert(building: Building, folder: Path) -> Path:
    out = folder / "model.usdz"
    write_usdz(building.write(folder / "model.glb"), out)
    return out


def problems(path: Path) -> list[str]:
    validation = pytest.importorskip("pxr.UsdValidation")
    from pxr import Usd

    validators = validation.ValidationRegistry().GetOrLoadAllValidators()
    errors = validation.ValidationContext(validators).Validate(Usd.Stage.Open(str(path)))
    return [f"{error.GetName()}: {error.GetMessage()}" for error in errors]


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_the_example_models_become_valid_usdz(model: Path, tmp_path: Path) -> None:
    write_usdz(model, tmp_path / f"{model.stem}.usdz")
    assert problems(tmp_path / f"{model.stem}.usdz") == []


def test_every_kind_of_texture_is_valid(tmp_path: Path) -> None:
    assert problems(convert(textured(), tmp_path)) == []


def test_nodes_points_coordinates_and_factors_arrive(tmp_path: Path) -> None:
    usd = pytest.importorskip("pxr.Usd")
    from pxr import UsdGeom, UsdShade

    stage = usd.Stage.Open(str(convert(textured(), tmp_path)))
    mesh = next(prim for prim in stage.Traverse() if prim.IsA(UsdGeom.Mesh))
    place = UsdGeom.XformCache().GetLocalToWorldTransform(mesh)
    assert np.allclose(place.Transform((1, 0, 0)), (1, 4, 3), atol=1e-5)
    coordinates = mesh.GetAttribute("primvars:st").Get()
    assert np.allclose(coordinates, [[0.5, 1], [2.5, 1], [2.5, -2], [0.5, -2]])
    material = UsdShade.MaterialBindingAPI(mesh).GetDirectBinding().GetMaterial().GetPrim()
    assert np.allclose(stage.GetPrimAtPath(f"{material.GetPath()}/diffuse").GetAttribute("inputs:scale").Get()[3], 0.8)
    surface = stage.GetPrimAtPath(f"{material.GetPath()}/Surface")
    assert np.isclose(surface.GetAttribute("inputs:opacityThreshold").Get(), 0.3)


def coated() -> Building:
    """A square with colours at its corners under a clear coat, and one of the same material without colours."""
    building = Building()
    plain, coloured = square(building), square(building)
    corners = np.array([[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [255, 255, 255, 255]], np.uint8)
    coloured["attributes"]["COLOR_0"] = building.accessor(corners, normalized=True)
    coat = {"clearcoatFactor": 0.7, "clearcoatRoughnessFactor": 0.2}
    building.json |= {
        "materials": [
            {
                "pbrMetallicRoughness": {"baseColorFactor": [0.5, 1, 1, 1]},
                "extensions": {"KHR_materials_clearcoat": coat},
            }
        ],
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [plain, coloured]}],
    }
    return building


def test_colours_of_points_and_a_clear_coat_are_valid_and_arrive(tmp_path: Path) -> None:
    usd = pytest.importorskip("pxr.Usd")
    from pxr import UsdGeom, UsdShade

    path = convert(coated(), tmp_path)
    assert problems(path) == []
    stage = usd.Stage.Open(str(path))
    plain, coloured = (prim for prim in stage.Traverse() if prim.IsA(UsdGeom.Mesh))
    assert not plain.GetAttribute("primvars:displayColor").Get()
    assert np.allclose(coloured.GetAttribute("primvars:displayColor").Get()[0], (0.5, 0, 0))
    surface = UsdShade.MaterialBindingAPI(coloured).GetDirectBinding().GetMaterial().ComputeSurfaceSource()[0]
    assert np.isclose(surface.GetInput("clearcoat").Get(), 0.7)
    assert np.isclose(surface.GetInput("clearcoatRoughness").Get(), 0.2)
    reader = surface.GetInput("diffuseColor").GetConnectedSource()[0]
    assert np.allclose(reader.GetPrim().GetAttribute("inputs:fallback").Get(), (0.5, 1, 1))


def test_the_strength_of_normals_goes_into_their_picture(tmp_path: Path) -> None:
    building = textured()
    file = io.BytesIO()
    Image.new("RGB", (4, 4), (204, 128, 230)).save(file, "PNG")
    building.json["images"].append({"bufferView": building.view(file.getvalue()), "mimeType": "image/png"})
    building.json["textures"].append({"source": 3})
    building.json["materials"][0]["normalTexture"] = {"index": 3, "scale": 0.5}
    path = convert(building, tmp_path)
    assert problems(path) == []
    with zipfile.ZipFile(path) as package:
        (name,) = [name for name in package.namelist() if "-" in name]
        red, green, blue = Image.open(io.BytesIO(package.read(name))).getpixel((1, 1))  # type: ignore[misc]
    assert (red, green, blue) == pytest.approx((173, 128, 246), abs=2)


def test_the_package_is_stored_aligned_and_always_the_same(tmp_path: Path) -> None:
    content = convert(textured(), tmp_path).read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        entries = package.infolist()
    assert entries[0].filename == "model.usda"
    assert {Path(entry.filename).suffix for entry in entries[1:]} == {".png", ".jpg"}
    for entry in entries:
        name, extra = struct.unpack_from("<HH", content, entry.header_offset + 26)
        assert entry.compress_type == zipfile.ZIP_STORED
        assert (entry.header_offset + 30 + name + extra) % 64 == 0
    assert convert(textured(), tmp_path).read_bytes() == content


def test_quantised_points_become_numbers(tmp_path: Path) -> None:
    building = textured()
    points = np.array([[0, 0, 0], [32767, 0, 0], [32767, 32767, 0], [0, 32767, 0]], np.int16)
    primitive = square(building)
    primitive["attributes"]["POSITION"] = building.accessor(points, normalized=True)
    building.json["meshes"] = [{"primitives": [primitive]}]
    with zipfile.ZipFile(convert(building, tmp_path)) as package:
        assert "point3f[] points = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]" in package.read("model.usda").decode()


@pytest.mark.parametrize(
    ("mode", "corners"), [(5, "[0, 1, 2, 1, 3, 2]"), (6, "[0, 1, 2, 0, 2, 3]")], ids=["strip", "fan"]
)
def test_strips_and_fans_become_triangles_of_the_same_side(mode: int, corners: str, tmp_path: Path) -> None:
    building = textured()
    primitive = building.json["meshes"][0]["primitives"][0]
    primitive.pop("indices")
    primitive["mode"] = mode
    with zipfile.ZipFile(convert(building, tmp_path)) as package:
        assert f"faceVertexIndices = {corners}" in package.read("model.usda").decode()


def changed(change: Callable[[dict[str, Any]], Any]) -> Building:
    building = textured()
    building.json["buffers"] = [{"byteLength": len(building.binary)}]
    change(building.json)
    return building


@pytest.mark.parametrize(
    ("building", "reason"),
    [
        (changed(lambda gltf: gltf.update(extensionsRequired=["KHR_draco_mesh_compression"])), "Draco"),
        (changed(lambda gltf: gltf.update(extensionsRequired=["EXT_meshopt_compression"])), "meshopt"),
        (changed(lambda gltf: gltf.update(extensionsRequired=["KHR_texture_basisu"])), "KTX2"),
        (changed(lambda gltf: gltf["buffers"][0].update(uri="far.bin")), "outside the file"),
        (changed(lambda gltf: gltf["images"].insert(0, {"uri": "../../etc/passwd"})), "outside the file"),
        (changed(lambda gltf: gltf["accessors"][0].update(count=10**9)), "larger than"),
        (changed(lambda gltf: gltf["bufferViews"][3].update(byteLength=10**9)), "larger than"),
        (changed(lambda gltf: gltf["nodes"][1].update(children=[0])), "nested too deeply"),
        (changed(lambda gltf: gltf["meshes"][0]["primitives"][0].update(mode=0)), "no triangles"),
        (changed(lambda gltf: gltf.pop("scenes")), "malformed"),
        (changed(lambda gltf: gltf.update(meshes=7)), "malformed"),
    ],
)
def test_what_cannot_be_converted_is_refused_with_the_reason(building: Building, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=reason):
        convert(building, tmp_path)
    assert not (tmp_path / "model.usdz").exists()


@pytest.mark.parametrize("content", [b"", b"glTF", b"glTF" + bytes(30), b"PK" + bytes(40)])
def test_what_is_no_glb_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.glb").write_bytes(content)
    with pytest.raises(ValueError, match="GLB"):
        write_usdz(tmp_path / "model.glb", tmp_path / "model.usdz")
