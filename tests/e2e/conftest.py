"""A shop, a sandbox and the command between them, new for every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from e2e_command import Command
from e2e_remote import Remote
from e2e_shop import Shop

from catalogsync.sandbox import SandboxSettings, running

StartRemote = Callable[..., Remote]
JOB_SECONDS = 0.2
NEVER = 1000.0  # seconds: such a job runs until the clock is moved


@pytest.fixture
def start_remote(tmp_path: Path) -> Iterator[StartRemote]:
    """Starts a sandbox with a data folder of its own, from a thread of the tests; the command is always a process."""
    with ExitStack() as stack:

        def started(name: str = "remote", **settings: Any) -> Remote:
            chosen = {"port": 0, "job_seconds": JOB_SECONDS, "image_size": 32} | settings
            data = tmp_path / name
            return Remote(stack.enter_context(running(SandboxSettings(data, **chosen))), data)

        yield started


@pytest.fixture
def remote(start_remote: StartRemote) -> Remote:
    return start_remote()


@pytest.fixture
def slow_remote(start_remote: StartRemote) -> Remote:
    """Its jobs run until the test moves its clock."""
    return start_remote(job_seconds=NEVER)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path / "shop")
    made.write()
    return made


@pytest.fixture
def command(shop: Shop, remote: Remote) -> Iterator[Command]:
    """The command in the shop's folder, pointed at the sandbox."""
    yield Command(shop.folder, remote.environment, remote.secrets)
    assert_no_key_on_disk(shop, remote)


def assert_no_key_on_disk(shop: Shop, remote: Remote) -> None:
    """Whatever a test did, nothing that it left in the shop's folder holds a key."""
    for path in (path for path in shop.folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert not any(secret.encode() in content for secret in remote.secrets), f"{path} holds a key"


@pytest.fixture
def slow_command(shop: Shop, slow_remote: Remote) -> Iterator[Command]:
    yield Command(shop.folder, slow_remote.environment, slow_remote.secrets)
    assert_no_key_on_disk(shop, slow_remote)
