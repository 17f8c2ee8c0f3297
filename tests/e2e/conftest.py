"""A shop, a sandbox and the command between them, new for every test."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e_command import Command
from e2e_remote import Remote
from e2e_shop import Shop
from e2e_world import NEVER, World, assert_no_key_on_disk, serving, world


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> Iterator[None]:
    """A suite begun in a shell's background ignores SIGINT, and so would each command that it starts."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Remote]:
    with serving(tmp_path / "remote") as served:
        yield served


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


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[World]:
    """Its jobs run until the test moves its clock."""
    with world(tmp_path, job_seconds=NEVER) as made:
        yield made
