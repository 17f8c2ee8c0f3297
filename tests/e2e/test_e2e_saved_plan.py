"""A plan is saved, looked at and applied: exactly it, or nothing."""

from __future__ import annotations

import json
import signal

import pytest
from e2e_command import Command
from e2e_remote import Remote
from e2e_shop import Shop, product, tiny_glb
from e2e_truth import assert_as_wanted

PLAN = "plan.json"


@pytest.fixture
def planned(command: Command) -> str:
    """What `plan --out` printed."""
    return command("plan", "--out", PLAN).out


def refused(command: Command, remote: Remote, *options: str) -> str:
    """What a stale plan is told, after it was seen to change nothing."""
    before = remote.last()
    said = command("apply", PLAN, *options, code=8).err
    assert remote.writes(before) == []
    return said


def test_a_saved_plan_is_applied_without_asking_and_then_was_applied_already(
    shop: Shop, command: Command, remote: Remote, planned: str
) -> None:
    applied = command("apply", PLAN)
    rows, _, _ = planned.partition("Credits:")  # the balance is another one
    assert rows in applied.out
    assert_as_wanted(command, remote, shop)
    before = remote.last()
    assert "This plan was already applied" in command("apply", PLAN).out
    assert remote.writes(before) == []


def test_a_saved_plan_is_shown_as_it_was_planned_without_state_manifest_or_network(
    shop: Shop, command: Command, planned: str
) -> None:
    shop.manifest.unlink()
    offline = {"CATALOGSYNC_API_URL": "http://127.0.0.1:9", "CATALOGSYNC_SECRET_KEY": None}
    assert command("show", PLAN, **offline).out == planned
    assert command("show", PLAN, "--json", **offline).document == json.loads((shop.folder / PLAN).read_text())


def test_a_saved_plan_has_paths_of_the_manifest_and_no_path_of_this_machine(shop: Shop, planned: str) -> None:
    text = (shop.folder / PLAN).read_text()
    assert planned
    assert '"path": "models/lamp.glb"' in text
    assert str(shop.folder) not in text


def test_an_edited_manifest_makes_it_stale_and_the_rows_are_named(
    shop: Shop, command: Command, remote: Remote, planned: str
) -> None:
    assert planned
    shop.products[1]["name"] = "Another chair"
    shop.products.append(product("STOOL"))
    shop.write()
    said = refused(command, remote)
    assert "product.CHAIR: saved create (fields.name 'The chair'), now create (fields.name 'Another chair')" in said
    assert "product.STOOL: saved nothing, now create" in said
    assert "content.STOOL: saved nothing, now generate" in said
    assert "product.LAMP" not in said


def test_an_edited_file_makes_it_stale(shop: Shop, command: Command, remote: Remote, planned: str) -> None:
    assert planned
    (shop.folder / "models" / "chair.glb").write_bytes(tiny_glb("other"))
    assert "product.CHAIR: saved create (model." in refused(command, remote)


def test_another_run_makes_it_stale(shop: Shop, command: Command, remote: Remote, planned: str) -> None:
    assert planned
    command("apply", "--auto-approve")
    said = refused(command, remote)
    assert "the state: saved serial 0" in said
    assert "product.CHAIR: saved create, now nothing" in said


def test_an_edit_after_it_was_applied_makes_it_stale(
    shop: Shop, command: Command, remote: Remote, planned: str
) -> None:
    assert planned
    command("apply", PLAN)
    shop.products[1]["name"] = "Another chair"
    shop.write()
    assert "product.CHAIR: saved create, now update" in refused(command, remote)


@pytest.mark.parametrize("call", [2, 5, 9, 14, 19])
def test_a_killed_apply_goes_on_with_the_same_file(
    shop: Shop, command: Command, remote: Remote, planned: str, call: int
) -> None:
    assert planned
    remote.fault(("*", "*"), "reset", after=call)
    with command.started("apply", PLAN) as process:
        remote.wait_for_fault()
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=20)
    command("apply", PLAN)
    assert_as_wanted(command, remote, shop)
    assert "This plan was already applied" in command("apply", PLAN).out


def test_what_was_left_by_no_wait_is_awaited_by_the_same_file(
    shop: Shop, command: Command, remote: Remote, planned: str
) -> None:
    assert planned
    command("apply", PLAN, "--no-wait", code=4)
    command("apply", PLAN)
    assert_as_wanted(command, remote, shop)


def test_the_choices_of_then_are_those_of_the_apply(shop: Shop, command: Command, remote: Remote) -> None:
    command("apply", "--auto-approve")
    command("plan", "--out", PLAN, "--replace", "product.CHAIR", "--allow", "max-replaces")
    assert "--replace has no place here" in command("apply", PLAN, "--replace", "product.LAMP", code=1).err
    assert "1 added, 0 changed, 1 destroyed" in command("apply", PLAN).out
    assert_as_wanted(command, remote, shop)


def test_a_plan_that_a_guard_refuses_is_saved_and_shown_and_never_applied(command: Command, remote: Remote) -> None:
    command("plan", "--out", PLAN, "--max-credits", "1", code=6)
    assert "max-credits" in command("show", PLAN).out
    before = remote.last()
    assert "This plan will not be applied" in command("apply", PLAN, "--max-credits", "1000", code=6).out
    assert remote.last() == before


@pytest.mark.parametrize("edit", [("product.CHAIR", "product.OTHER"), ('"1.', '"2.'), ("{", "[")])
def test_a_file_that_was_tampered_with_is_refused(
    shop: Shop, command: Command, remote: Remote, planned: str, edit: tuple[str, str]
) -> None:
    assert planned
    file = shop.folder / PLAN
    file.write_text(file.read_text().replace(*edit, 1))
    before = remote.last()
    for arguments in (("apply", PLAN), ("show", PLAN)):
        assert "saved plan" in command(*arguments, code=1).err
    assert remote.last() == before


def test_a_file_that_is_not_there_is_said_before_anything_is_read(command: Command, remote: Remote) -> None:
    before = remote.last()
    missing = command("apply", "nowhere.json", code=1).err
    assert "The saved plan nowhere.json cannot be read" in missing
    assert "Make it with `catalogsync plan --out nowhere.json`." in missing
    assert "there is no folder no/folder" in command("plan", "--out", "no/folder/plan.json", code=1).err
    assert remote.last() == before
