"""A shop, a sandbox and the command between them; and many of them side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from e2e_command import Command
from e2e_remote import Remote
from e2e_shop import Shop
from e2e_truth import assert_as_wanted

from catalogsync.sandbox import SandboxSettings, running

Case = TypeVar("Case")
JOB_SECONDS = 0.2
NEVER = 1000.0  # seconds: such a job runs until the clock is moved
AT_ONCE = 6


@dataclass(frozen=True)
class World:
    shop: Shop
    remote: Remote
    command: Command

    def apply(self, *more: str, code: int = 0) -> str:
        """What an unattended apply said, results and progress."""
        ran = self.command("apply", "--auto-approve", *more, code=code)
        return ran.out + ran.err

    def assert_as_wanted(self) -> None:
        assert_as_wanted(self.command, self.remote, self.shop)


@contextmanager
def serving(data: Path, **settings: Any) -> Iterator[Remote]:
    """A sandbox in a thread of the tests; the command is always a process."""
    chosen = {"port": 0, "job_seconds": JOB_SECONDS, "image_size": 32} | settings
    with running(SandboxSettings(data, **chosen)) as endpoints:
        yield Remote(endpoints, data)


@contextmanager
def world(folder: Path, **settings: Any) -> Iterator[World]:
    """New in `folder`. Whatever is done in it, nothing that is left in the shop's folder holds a key."""
    shop = Shop(folder / "shop")
    shop.write()
    with serving(folder / "remote", **settings) as remote:
        yield World(shop, remote, Command(shop.folder, remote.environment, remote.secrets))
        assert_no_key_on_disk(shop, remote)


def assert_no_key_on_disk(shop: Shop, remote: Remote) -> None:
    for path in (path for path in shop.folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert not any(secret.encode() in content for secret in remote.secrets), f"{path} holds a key"


@contextmanager
def side_by_side(
    request: pytest.FixtureRequest,
    factory: pytest.TempPathFactory,
    cases: Mapping[str, Case],
    live: Callable[[World, Case], None],
    settings: Callable[[Case], dict[str, Any]] = lambda _: {},
) -> Iterator[Mapping[str, Future[None]]]:
    """The lives of those cases that this session tests, several at once, each in a world of its own.

    They mostly wait: for a remote, for a pause before the next look. A test takes the result of one of them.
    """

    folder = factory.mktemp("worlds")

    def lived(name: str) -> None:
        with world(folder / name.replace(" ", "-"), **settings(cases[name])) as made:
            live(made, cases[name])

    chosen = [name for name in cases if any(f"[{name}]" in item.nodeid for item in request.session.items)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(lived, name) for name in chosen}
        pool.shutdown(cancel_futures=True)
