"""Running sandboxes: one for all tests that only add to it, and others on demand."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sandbox_client import JOB_SECONDS, Api, Start

from catalogsync.sandbox import SandboxSettings, running


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
