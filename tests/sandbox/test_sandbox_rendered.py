"""Content made by the engine, at a small size; and what happens where it does not work or dies."""

import io
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sandbox_client import AR, SILO, SPIN, VIEWER, Api, Start, unique

from catalogsync.sandbox import SandboxError, SandboxSettings
from catalogsync.sandbox.content import rendered
from catalogsync.sandbox.content.rendered import Renderer, choose_mode
from catalogsync.sandbox.files import SPIN_FRAMES

SIZE = 128
trimesh = pytest.importorskip("trimesh")


@pytest.fixture(scope="module")
def cube() -> bytes:
    """A red box standing on the floor."""
    mesh = trimesh.creation.box((0.4, 0.6, 0.4))
    mesh.apply_translation((0, 0.3, 0))
    finish = trimesh.visual.material.PBRMaterial(baseColorFactor=[200, 30, 20, 255], roughnessFactor=0.6)
    mesh.visual = trimesh.visual.TextureVisuals(material=finish)
    return bytes(mesh.export(file_type="glb"))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the engine's lights, ready made."""
    folder = tmp_path_factory.mktemp("engine")
    mode = choose_mode("auto", Renderer(folder))
    if mode.content != "rendered":
        pytest.skip(mode.why)
    return folder


@pytest.fixture
def rendering(start: Start, engine: Path, tmp_path: Path) -> Api:
    shutil.copytree(engine, tmp_path / "data" / "engine")
    return start(content="rendered", image_size=SIZE)


def settle(api: Api) -> None:
    assert api.raw.post("/sandbox/settle", timeout=300).is_success
    api.advance(1000)


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
    settle(rendering)
    assert rendering.log()["failures"] == []
    assert len(rendering.shared(data)["product_silo_images"]) == 6
    files = made(tmp_path)
    content = [name for name in files if name.startswith("content/")]
    assert sum(name.endswith("/poster.webp") for name in content) == 3
    assert [files[name] for name in content if name.endswith("/viewer.glb")] == [cube, cube]
    assert sum("/spin/" in name for name in content) == len(SPIN_FRAMES) == 36
    red, green, blue = middle(rendering, rendering.shared(data)["product_silo_images"][3]["image_url"])
    assert red > 120 > 2 * max(green, blue), "the model is shown, not the thumbnail"
    assert rendering.raw.get("/sandbox/health").json()["content"] == "rendered"


def middle(api: Api, url: str) -> Any:
    picture = Image.open(io.BytesIO(api.raw.get(url).content)).convert("RGB")
    return picture.getpixel((picture.width // 2, picture.height // 2))


def test_the_same_model_gives_the_same_bytes(rendering: Api, tmp_path: Path, cube: bytes) -> None:
    for _ in range(2):
        rendering.generate(rendering.finalized(model=cube, name="Twin"), SILO)
    settle(rendering)
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
    settle(api)
    outputs = [[job["output"] for job in request["jobs"]] for request in asked]
    assert outputs == [["3d_model_viewer", "ar"], ["360_degree_spin"]]
    assert [len(request["images"]) for request in asked] == [6, 0]


def test_what_a_process_leaves_unmade_has_failed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_self: Renderer, request: dict[str, Any], heard: Callable[[dict[str, Any]], None], *_: float) -> str | None:
        if request["task"] == "probe":
            heard({"probed": True})
            return None
        heard({"made": ["images", request["images"][0]["id"]]})
        return "the engine crashed (SIGSEGV)"

    monkeypatch.setattr(Renderer, "run", run)
    api = start(content="rendered", workers=1)
    data = api.finalized()
    api.generate(data, VIEWER, SILO)
    settle(api)
    status = api.status(data)
    words = [row["status"] for row in status["product_silo_images_status"]]
    assert (status["product_3d_status"], sorted(words)) == ("Failed", ["Done"] + ["Failed"] * 5)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts what is written to")
def test_a_job_has_less_than_a_gib() -> None:
    greedy = "from catalogsync.sandbox.content.limits import limit_this_process as l; l(); bytearray(900 * 1024**2)"
    ended = subprocess.run([sys.executable, "-c", greedy], capture_output=True, text=True, check=False)
    assert "more than 832 MiB" in rendered.why_ended(ended.returncode, ended.stderr)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends processes with their parent")
def test_a_job_ends_with_a_server_that_is_killed() -> None:
    job = "from catalogsync.sandbox.content.limits import limit_this_process as l; l(); print('on'); input()"
    server = f"import subprocess, sys; subprocess.run([sys.executable, '-uc', {job!r}])"
    with subprocess.Popen([sys.executable, "-c", server], stdout=subprocess.PIPE, stdin=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"on\n"
        process.kill()
        assert process.stdout.read() == b"", "its output ends only when the job has ended too"


def test_a_placement_changes_the_picture(rendering: Api, cube: bytes) -> None:
    sku = unique("SKU")
    rendering.finalized(model=cube, sku_id=sku)
    placements: list[dict[str, Any]] = [{}, {"rotation": [0, 30, 0]}, {"material_id": 506}]
    for placement in placements:
        products = [{"sku_id": sku, "position": [0, 0, 0], "rotation": [0, 0, 0], **placement}]
        assert rendering.render(products=products, scene_id=7551, cameras_to_render=[8152601]).is_success
    settle(rendering)
    rows = rendering.json("GET", "/v1/product/render-images/", params={"sku_id": sku})["results"]
    assert len({rendering.raw.get(row["file"]).content for row in rows}) == len(placements)


@pytest.mark.parametrize(
    ("name", "model", "reason"),
    [
        ("a.max", b"\xd0\xcf\x11\xe0 and more", ".max cannot be rendered by this engine"),
        ("a.glb", b"glTF\x02\x00\x00\x00" + bytes(120), "cannot read it"),
    ],
)
def test_what_cannot_be_rendered_fails_with_a_reason(rendering: Api, name: str, model: bytes, reason: str) -> None:
    data = rendering.finalized(model=model, prop_data_user_file_name=name)
    rendering.generate(data, VIEWER, SILO)
    settle(rendering)
    status = rendering.status(data)
    assert status["product_3d_status"] == "Failed"
    assert {row["status"] for row in status["product_silo_images_status"]} == {"Failed"}
    assert all(reason in failure["reason"] for failure in rendering.log()["failures"])


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (-signal.SIGSEGV, "the engine crashed (SIGSEGV)"),
        (-signal.SIGKILL, "the engine was ended"),
        (-signal.SIGXCPU, "more than 120 s of computing"),
        (1, "the engine gave up (ValueError: no model)"),
    ],
)
def test_an_ended_process_has_a_reason(code: int, reason: str) -> None:
    assert reason in rendered.why_ended(code, "Traceback\nValueError: no model\n")


@pytest.mark.parametrize("complaint", ["Traceback\nMemoryError: no room\n", "what():  std::bad_alloc\n"])
def test_a_process_without_memory_says_so(complaint: str) -> None:
    assert rendered.why_ended(-signal.SIGABRT, complaint) == "the engine needed more than 832 MiB of memory"


def test_a_process_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    failure = Renderer(tmp_path).run({"task": "probe"}, lambda _: None, seconds=0.01)
    assert failure is not None
    assert "was ended" in failure


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
