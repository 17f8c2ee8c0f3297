"""Content made by the engine, at a small size; and what happens where it does not work or dies."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sandbox_client import AR, SILO, SPIN, VIEWER, Api, Start, unique

from catalogsync.sandbox import SandboxError, SandboxSettings
from catalogsync.sandbox.content import rendered
from catalogsync.sandbox.content.rendered import Renderer
from catalogsync.sandbox.content.sources import KTX2, join_glb, split_glb
from catalogsync.sandbox.files import SPIN_FRAMES

SIZE = 128
trimesh = pytest.importorskip("trimesh")


@pytest.fixture
def rendering(start: Start, engine: Path, tmp_path: Path) -> Api:
    shutil.copytree(engine, tmp_path / "data" / "engine")
    return start(content="rendered", image_size=SIZE)


def made(tmp_path: Path) -> dict[str, bytes]:
    """Everything generated in the bucket, by its key without ids."""
    bucket = tmp_path / "data" / "bucket" / "media" / "private"
    files = sorted(path for path in bucket.rglob("*") if path.is_file())
    return {str(path.relative_to(bucket)): path.read_bytes() for path in files}


def test_all_content_of_a_model_is_rendered(rendering: Api, tmp_path: Path, cube: bytes) -> None:
    sku = unique("SKU")
    data = rendering.finalized(model=cube, sku_id=sku)
    rendering.generate(data, VIEWER, AR, SPIN, SILO)
    rendering.render(sku, scene_id=7551, cameras_to_render=[8152602])
    rendering.settle()
    assert rendering.log()["failures"] == []
    assert len(rendering.shared(data)["product_silo_images"]) == 6
    files = made(tmp_path)
    content = [name for name in files if name.startswith("content/")]
    assert sum(name.endswith("/poster.webp") for name in content) == 3
    assert [files[name] for name in content if name.endswith("/viewer.glb")] == [cube, cube]
    assert sum("/spin/" in name for name in content) == len(SPIN_FRAMES) == 36
    red, green, blue = rendering.middle(rendering.shared(data)["product_silo_images"][3]["image_url"])
    assert red > 120 > 2 * max(green, blue), "the model is shown, not the thumbnail"
    assert rendering.raw.get("/sandbox/health").json()["content"] == "rendered"


def test_the_same_model_gives_the_same_bytes(rendering: Api, tmp_path: Path, cube: bytes) -> None:
    for _ in range(2):
        rendering.generate(rendering.finalized(model=cube, name="Twin"), SILO)
    rendering.settle()
    twins: dict[str, list[bytes]] = {}
    for name, content in made(tmp_path).items():
        folders = Path(name).parts
        if folders[0] == "renders_images":
            twins.setdefault("/".join(part for part in folders if not part.isdigit()), []).append(content)
    assert len(twins) == 30
    assert {len(set(contents)) for contents in twins.values()} == {1}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The requests that go to processes, which are all said to be made at once."""
    requests: list[dict[str, Any]] = []

    def run(_self: Renderer, request: dict[str, Any], heard: Callable[[dict[str, Any]], None], *_: float) -> None:
        if request["task"] == "probe":
            return heard({"probed": True})
        requests.append(request)
        for table in ("images", "jobs"):
            for row in request.get(table, ()):
                heard({"made": [table, row["id"]]})
        return None

    monkeypatch.setattr(Renderer, "run", run)
    return requests


def test_a_product_is_opened_once_for_its_stills_and_viewers_and_once_for_its_spin(
    start: Start, asked: list[dict[str, Any]]
) -> None:
    api = start(content="rendered", workers=1)
    api.generate(api.finalized(), SPIN, VIEWER, AR, SILO)
    api.settle()
    outputs = [[job["output"] for job in request["jobs"]] for request in asked]
    assert outputs == [["3d_model_viewer", "ar"], ["360_degree_spin"]]
    assert [len(request["images"]) for request in asked] == [6, 0]


def test_a_placement_changes_the_picture(rendering: Api, cube: bytes) -> None:
    sku = unique("SKU")
    rendering.finalized(model=cube, sku_id=sku)
    placements: list[dict[str, Any]] = [{}, {"rotation": [0, 30, 0]}, {"material_id": 506}]
    for placement in placements:
        products = [{"sku_id": sku, "position": [0, 0, 0], "rotation": [0, 0, 0], **placement}]
        assert rendering.render(products=products, scene_id=7551, cameras_to_render=[8152601]).is_success
    rendering.settle()
    rows = rendering.json("GET", "/v1/product/render-images/", params={"sku_id": sku})["results"]
    assert len({rendering.raw.get(row["file"]).content for row in rows}) == len(placements)


def test_a_model_without_colours_leaves_those_of_the_others(rendering: Api, cube: bytes) -> None:
    """It is painted grey, and comes first in the scene."""
    grey = trimesh.creation.box((0.05, 0.05, 0.05)).export(file_type="stl")
    skus = [unique("SKU"), unique("SKU")]
    rendering.finalized(model=grey, prop_data_user_file_name="grey.stl", sku_id=skus[0])
    rendering.finalized(model=cube, sku_id=skus[1])
    places = [[-30, 0, 0], [0, 0, 0]]
    products = [{"sku_id": sku, "position": at, "rotation": [0, 0, 0]} for sku, at in zip(skus, places, strict=True)]
    assert rendering.render(products=products, scene_id=7551, cameras_to_render=[8152601]).is_success
    rendering.settle()
    (row,) = rendering.json("GET", "/v1/product/render-images/", params={"sku_id": skus[1]})["results"]
    assert reddest(rendering, row["file"]) > 90


def reddest(api: Api, url: str) -> int:
    """By how much the reddest spot of a picture has more red than green and blue."""
    picture = Image.open(io.BytesIO(api.raw.get(url).content)).convert("RGB")
    return max(red - max(green, blue) for _, (red, green, blue) in picture.getcolors(picture.width * picture.height))


def test_browsers_get_a_model_with_ktx2_although_the_engine_cannot_draw_it(rendering: Api, cube: bytes) -> None:
    document, rest = split_glb(cube)
    model = join_glb(document | {"extensionsRequired": [KTX2], "extensionsUsed": [KTX2]}, rest)
    data = rendering.finalized(model=model)
    rendering.generate(data, VIEWER, AR, SPIN, SILO)
    rendering.settle()
    status = rendering.status(data)
    assert (status["product_3d_status"], status["product_ar_status"]) == ("Done", "Done")
    assert {row["status"] for row in status["product_silo_images_status"]} == {"Failed"}
    assert [row["status"] for row in status["product_threesixty_status"]] == ["Failed"]
    assert {failure["reason"] for failure in rendering.log()["failures"]} == {
        "arc.glb: the engine cannot read it: its textures are KTX2"
    }
    for page in ("product_3d", "product_ar"):
        assert "viewer.glb" in rendering.raw.get(rendering.shared(data)[page]).text


@pytest.mark.parametrize(
    ("name", "model", "reason"),
    [
        ("a.max", b"\xd0\xcf\x11\xe0 and more", ".max cannot be rendered by this engine"),
        ("a.glb", b"glTF\x02\x00\x00\x00" + bytes(120), "a.glb: the engine cannot read it"),
        (
            "a.ply",
            b"ply\nformat binary_little_endian 1.0\nelement vertex 900\nproperty float x\nend_header\n",
            "a.ply: ",
        ),
    ],
)
def test_what_cannot_be_rendered_fails_with_a_reason(
    rendering: Api, tmp_path: Path, name: str, model: bytes, reason: str
) -> None:
    data = rendering.finalized(model=model, prop_data_user_file_name=name)
    rendering.generate(data, VIEWER, SILO)
    rendering.settle()
    status = rendering.status(data)
    assert status["product_3d_status"] == "Failed"
    assert {row["status"] for row in status["product_silo_images_status"]} == {"Failed"}
    reasons = [failure["reason"] for failure in rendering.log()["failures"]]
    assert all(reason in said and str(tmp_path) not in said for said in reasons)


def test_without_the_engine_content_is_plain_and_says_how_to_get_it(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendered, "NEEDED", ("no_such_library",))
    api = start(content="auto")
    data = api.finalized()
    api.generate(data, SILO)
    api.finish()
    assert len(api.shared(data)["product_silo_images"]) == 6
    health = api.raw.get("/sandbox/health").json()
    assert health["content"] == "plain"
    assert "pip install 'catalogsync[sandbox]'" in health["why"]
    assert "libgl1-mesa-dri" in health["why"]


def test_content_is_one_of_three_words(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="pretty"):
        SandboxSettings(tmp_path, content="pretty")
