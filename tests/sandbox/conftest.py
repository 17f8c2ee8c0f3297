"""Running sandboxes: one for all tests that only add to it, and others on demand."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sandbox_client import JOB_SECONDS, Api, Start

from catalogsync.sandbox import SandboxSettings, running
from catalogsync.sandbox.content.rendered import Renderer, choose_mode


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One sandbox for all tests that only add to it."""
    settings = SandboxSettings(tmp_path_factory.mktemp("sandbox"), port=0, job_seconds=JOB_SECONDS, image_size=64)
    with ExitStack() as stack:
        yield Api(stack.enter_context(running(settings)), stack)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a sandbox of its own with other settings; it ends with the test."""
    with ExitStack() as stack:

        def started(data: Path = tmp_path / "data", **settings: Any) -> Api:
            chosen = {"port": 0, "job_seconds": JOB_SECONDS, "image_size": 64} | settings
            return Api(stack.enter_context(running(SandboxSettings(data, **chosen))), stack)

        yield started


@pytest.fixture(scope="session")
def cube() -> bytes:
    """A red box standing on the floor."""
    trimesh = pytest.importorskip("trimesh")
    mesh = trimesh.creation.box((0.4, 0.6, 0.4))
    mesh.apply_translation((0, 0.3, 0))
    finish = trimesh.visual.material.PBRMaterial(baseColorFactor=[200, 30, 20, 255], roughnessFactor=0.6)
    mesh.visual = trimesh.visual.TextureVisuals(material=finish)
    return bytes(mesh.export(file_type="glb"))


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the engine's lights, ready made."""
    folder = tmp_path_factory.mktemp("engine")
    mode = choose_mode("auto", Renderer(folder))
    if mode.content != "rendered":
        pytest.skip(mode.why)
    return folder
