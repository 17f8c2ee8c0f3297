"""A shop, a sandbox and the command between them, new for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e_command import Command
from e2e_remote import Remote
from e2e_shop import Shop
from e2e_world import NEVER, World, assert_no_key_on_disk, serving, world


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
