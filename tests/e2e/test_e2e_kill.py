"""A real apply is killed anywhere; the next one brings the shop to its end, with nothing lost and nothing twice."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass

import pytest
from e2e_shop import Shop, product, tiny_glb
from e2e_truth import assert_live
from e2e_waiting import until
from e2e_world import World, side_by_side

Runs = Mapping[str, Future[None]]
APPLY = ("apply", "--auto-approve")
ANY = ("*", "*")


@dataclass(frozen=True)
class UnderWay:
    """While this call is under way: it is done a moment later, when nobody is there to hear of it."""

    call: int


@dataclass(frozen=True)
class NeverArrived:
    """When this call was cut off before the remote did anything: the intent is journalled, the work is not done."""

    call: int


@dataclass(frozen=True)
class Journalled:
    """When the journal has this many events."""

    event: int


@dataclass(frozen=True)
class AtRandom:
    """Several times, each run after a while that differs every time."""

    times: int


@dataclass(frozen=True)
class Replacing:
    """While this call of a replacement is under way: the old product is live until the new one is complete."""

    call: int


Kill = UnderWay | NeverArrived | Journalled | AtRandom | Replacing
CALLS = 24  # as many as an apply of the shop makes at least
EVENTS = 14  # as many as it journals
REPLACEMENT = 10  # calls of the replacement of one product: list, create, upload, finalize, job, looks, hand-over
KILLS: dict[str, Kill] = {
    **{f"while call {call} is under way": UnderWay(call) for call in range(0, CALLS, 3)},
    **{f"when call {call} did not arrive": NeverArrived(call) for call in range(1, CALLS, 5)},
    **{f"at event {event} of the journal": Journalled(event) for event in range(1, EVENTS, 3)},
    **{f"while call {call} of a replacement is under way": Replacing(call) for call in range(1, REPLACEMENT, 2)},
    "again and again": AtRandom(5),
}


def live(world: World, kill: Kill) -> None:
    match kill:
        case UnderWay(call):
            kill_while_under_way(world, call)
        case NeverArrived(call):
            world.remote.fault(ANY, "reset", after=call)
            kill_at_fault(world)
        case Journalled(event):
            kill_at_event(world, event)
        case Replacing(call):
            changed_model(world)
            kill_while_under_way(world, call)
            assert_live(world.remote, "CHAIR")
        case AtRandom(times):
            for _ in range(times):
                kill_at_random(world)
    world.apply()
    world.assert_as_wanted()


def killed(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)


def kill_while_under_way(world: World, call: int) -> None:
    world.remote.fault(ANY, "delay", after=call, seconds=0.15)
    kill_at_fault(world)
    until(lambda: any(row["fault"] for row in world.remote.log()), "the end of the delayed call")


def changed_model(world: World) -> None:
    """A shop of one product that is complete, and whose model is another one since."""
    world.shop.products, world.shop.renders = [product("CHAIR")], []
    world.shop.write()
    world.apply()
    (world.shop.folder / "models" / "chair.glb").write_bytes(tiny_glb("another chair"))


def kill_at_fault(world: World) -> None:
    with world.command.started(*APPLY) as process:
        world.remote.wait_for_fault()
        killed(process)


def kill_at_event(world: World, event: int) -> None:
    with world.command.started(*APPLY) as process:
        until(lambda: events(world.shop) >= event or process.poll() is not None, f"event {event} of the journal")
        killed(process)


def events(shop: Shop) -> int:
    """How many events the journal has, as another process sees it."""
    if not shop.state.exists():
        return 0
    with closing(sqlite3.connect(f"file:{shop.state}?mode=ro", uri=True)) as connection:
        try:
            count: int = connection.execute("SELECT count(*) FROM journal").fetchone()[0]
        except sqlite3.Error:  # the file is there and its tables are not yet
            return 0
        return count


def kill_at_random(world: World) -> None:
    with world.command.started(*APPLY) as process:
        try:
            process.wait(random.uniform(0.3, 1.2))
        except subprocess.TimeoutExpired:
            killed(process)


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    with side_by_side(request, tmp_path_factory, KILLS, live) as futures:
        yield futures


@pytest.mark.parametrize("name", KILLS)
def test_an_apply_that_was_killed_is_brought_to_its_end(name: str, runs: Runs) -> None:
    runs[name].result()
