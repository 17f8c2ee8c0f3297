"""A saved plan of a part of the catalog: it is applied as that part, and the rest stays due."""

from __future__ import annotations

import json
import signal

import pytest
from e2e_command import Command
from e2e_remote import Remote
from e2e_shop import Shop, tiny_glb
from e2e_truth import assert_as_wanted

PLAN = "plan.json"
PART = "This plan is partial: 5 resources are outside the selection, with 5 changes due there.\n"


@pytest.fixture
def planned(command: Command) -> str:
    """What the plan of a render and of what it needs printed."""
    return command("plan", "--target", "render.hero", "--out", PLAN).out


def test_it_is_shown_and_applied_as_the_part_that_it_is_and_the_rest_stays_due(
    shop: Shop, command: Command, remote: Remote, planned: str
) -> None:
    assert planned.startswith(PART)
    assert command("show", PLAN).out == planned
    applied = command("apply", PLAN).out
    assert applied.startswith(PART)
    assert "\nApply complete! Resources: 2 added, 0 changed, 0 destroyed.\n" in applied
    assert remote.finalized() == ["LAMP"]
    before = remote.last()
    assert "This plan was already applied" in command("apply", PLAN).out
    assert remote.writes(before) == []
    command("plan", "--detailed-exitcode", code=2)
    command("apply", "--auto-approve")
    assert_as_wanted(command, remote, shop)


def test_its_selection_is_kept_and_no_other_may_be_given(command: Command, remote: Remote, planned: str) -> None:
    assert planned
    assert "--target has no place here" in command("apply", PLAN, "--target", "product.CHAIR", code=1).err
    assert "--exclude has no place here" in command("apply", PLAN, "--exclude", "product.LAMP", code=1).err
    assert remote.writes() == []


def test_the_targets_of_a_file_are_in_the_plan_and_the_file_is_not_needed_again(
    shop: Shop, command: Command, remote: Remote
) -> None:
    targets = shop.folder / "targets.txt"
    targets.write_text("CHAIR\nTABLE # and its content\n")
    command("plan", "--target-file", "targets.txt", "--exclude", "content.*", "--out", PLAN)
    targets.unlink()
    choices = json.loads((shop.folder / PLAN).read_text())["made_from"]["choices"]
    assert (choices["target"], choices["exclude"]) == (["CHAIR", "TABLE"], ["content.*"])
    command("apply", PLAN)
    assert remote.finalized() == ["CHAIR", "TABLE"]
    assert remote.books("SELECT count(*) FROM jobs") == [(0,)]


def test_a_change_inside_the_part_makes_it_stale(shop: Shop, command: Command, remote: Remote, planned: str) -> None:
    assert planned
    shop.products[0]["name"] = "Another lamp"
    shop.write()
    assert "product.LAMP: saved create" in command("apply", PLAN, code=8).err
    assert remote.writes() == []


def test_a_change_outside_the_part_makes_it_stale_too(
    shop: Shop, command: Command, remote: Remote, planned: str
) -> None:
    assert planned
    (shop.folder / "models" / "chair.glb").write_bytes(tiny_glb("other"))
    assert "the manifest or its files: saved " in command("apply", PLAN, code=8).err
    assert remote.writes() == []


@pytest.mark.parametrize("call", [1, 3, 5])
def test_a_killed_apply_of_it_goes_on_with_the_same_file_and_stays_in_the_part(
    shop: Shop, command: Command, remote: Remote, planned: str, call: int
) -> None:
    assert planned
    remote.fault(("*", "*"), "reset", after=call)
    with command.started("apply", PLAN) as process:
        remote.wait_for_fault()
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=20)
    command("apply", PLAN)
    assert remote.finalized() == ["LAMP"]
    assert remote.books("SELECT count(*) FROM renders") == [(1,)]
    command("apply", "--auto-approve")
    assert_as_wanted(command, remote, shop)


def test_another_run_on_the_rest_makes_it_stale(command: Command, planned: str) -> None:
    assert planned
    command("apply", "--auto-approve", "--target", "TABLE")
    assert "the state: saved serial 0" in command("apply", PLAN, code=8).err
