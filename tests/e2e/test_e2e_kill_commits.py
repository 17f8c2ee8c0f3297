"""A real apply is killed before and after every single commit of its journal, and each time the next one ends well."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import e2e_killer
import pytest
from e2e_shop import product, tiny_glb
from e2e_truth import assert_live
from e2e_world import World, side_by_side
from e2e_world import world as new_world

FIRST, REPLACEMENT = "the first apply", "a replacement"
COMMITS = {FIRST: 16, REPLACEMENT: 21}  # as many as an undisturbed run makes; what a slower one adds is killed at too
SIDES = ("before", "after")
APPLY = ("apply", "--auto-approve")


@dataclass(frozen=True)
class Kill:
    scenario: str
    side: str
    commit: int


KILLS = {
    f"{scenario} {side} commit {commit}": Kill(scenario, side, commit)
    for scenario, most in COMMITS.items()
    for commit in range(1, most + 1)
    for side in SIDES
}
WHOLE = {f"{scenario} undisturbed": Kill(scenario, "before", 0) for scenario in COMMITS}


def live(world: World, kill: Kill) -> None:
    prepared(world, kill.scenario)
    counted = world.shop.folder.parent / "commits"
    process = subprocess.run(
        [sys.executable, e2e_killer.__file__, kill.side, str(kill.commit), str(counted), *APPLY],
        cwd=world.shop.folder,
        env=world.command.env(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    made = len(counted.read_bytes())
    if not kill.commit:
        assert process.returncode == 0, process.stderr
        live_the_rest(world.shop.folder.parent / "rest", kill.scenario, made)
    elif kill.commit < made:
        pytest.fail(f"it lived on after commit {kill.commit}: {process.stderr}")
    if kill.scenario == REPLACEMENT:
        assert_live(world.remote, "LAMP")
    world.apply()
    world.assert_as_wanted()


def live_the_rest(folder: Path, scenario: str, made: int) -> None:
    """How many events share a commit is a matter of timing: what this run made beyond the cases is killed at here."""
    for commit in range(COMMITS[scenario] + 1, made + 1):
        for side in SIDES:
            with new_world(folder / f"{side}-{commit}") as world:
                live(world, Kill(scenario, side, commit))


def prepared(world: World, scenario: str) -> None:
    """One product with a thumbnail, content, hidden images and a render; for a replacement it is complete already."""
    world.shop.products = world.shop.products[:1]
    world.shop.write()
    if scenario == REPLACEMENT:
        world.shop.products, world.shop.renders = [product("LAMP", gtin="4006381333931")], []
        world.shop.write()
        world.apply()
        (world.shop.folder / "models" / "lamp.glb").write_bytes(tiny_glb("another lamp"))


Runs = Mapping[str, Future[None]]


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    with side_by_side(request, tmp_path_factory, {**KILLS, **WHOLE}, live) as futures:
        yield futures


@pytest.mark.parametrize("name", [*KILLS, *WHOLE])
def test_no_commit_is_one_too_few_or_one_too_many(name: str, runs: Runs) -> None:
    runs[name].result()
