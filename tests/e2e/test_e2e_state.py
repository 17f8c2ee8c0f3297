"""The state's commands as a user runs them, and what a run does whose state is taken from it."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from e2e_command import Command
from e2e_remote import CREATE, JOB, RENDER, Remote
from e2e_shop import Shop
from e2e_terminal import terminal
from e2e_world import NEVER, World
from jsonschema import Draft202012Validator

from catalogsync.manifest.schema import schema_text
from catalogsync.state.owner import new_owner, owner_text
from catalogsync.state.rows import utc_now

APPLY = ("apply", "--auto-approve")


def credits_said(text: str) -> int:
    """The sum of what each batch of reads was said to cost."""
    return sum(int(number.replace(",", "")) for number in re.findall(r"\(([\d,]+) credits?\)", text))


def test_a_plan_without_the_state_adopts_everything_and_creates_nothing_for_the_credits_it_said(
    command: Command, remote: Remote, shop: Shop
) -> None:
    shop.renders = []
    shop.write()
    command(*APPLY)
    shop.state.unlink()
    before = remote.last()
    planned = command("plan", "--json")
    changes = planned.document["changes"]
    assert {change["action"] for change in changes} == {"adopt"}
    assert sorted(change["address"] for change in changes) == ["product.CHAIR", "product.LAMP", "product.table"]
    reads = remote.log(before)
    assert {row["method"] for row in reads} == {"GET"}
    assert credits_said(planned.err) == len(reads) == planned.document["credits"]["spent_reading"]


@pytest.mark.parametrize("damage", ["lost", "cut off", "no database", "with a log of its own"])
def test_rebuilding_adopts_what_is_there_without_a_write_and_leaves_nothing_to_plan(
    damage: str, command: Command, remote: Remote, shop: Shop
) -> None:
    shop.renders = []
    shop.write()
    command(*APPLY)
    content = shop.state.read_bytes()
    spoilt = {"lost": b"", "cut off": content[:5000], "no database": b"Hello", "with a log of its own": b""}[damage]
    shop.state.write_bytes(spoilt)
    if damage == "lost":
        shutil.rmtree(shop.state.parent)
    if damage == "with a log of its own":
        shop.state.with_name("state.db-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(60))
    before = remote.last()
    ran = command("state", "rebuild")
    reads = remote.log(before)
    assert {row["method"] for row in reads} == {"GET"}
    assert "State rebuilt: 3 products adopted, content of 3 found.\n" in ran.out
    assert f"Credits: {len(reads)} spent reading, " in ran.out
    assert credits_said(ran.err) == len(reads)
    kept = [path.read_bytes() for path in shop.state.parent.glob("state.db.backup-rebuild-*Z")]
    assert kept == ([] if damage == "lost" else [spoilt])
    command("plan", "--detailed-exitcode")
    history = command("state", "history", "--json").document
    assert [(run["command"], run["credits_spent"]) for run in history["runs"]] == [("state rebuild", len(reads))]


def test_rebuilding_says_what_cannot_be_found_again(command: Command, remote: Remote, shop: Shop) -> None:
    command(*APPLY, "--exclude", "product.CHAIR")
    shop.state.unlink()
    said = command("state", "rebuild", "--json").document
    assert (said["absent"], said["renders"], said["kept"]) == (["product.CHAIR"], ["render.hero"], None)
    assert said["adopted"] == ["product.LAMP", "product.table"]


def test_a_state_that_is_whole_is_not_rebuilt_without_force(command: Command, remote: Remote, shop: Shop) -> None:
    command(*APPLY)
    before, kept = remote.last(), shop.state.read_bytes()
    assert "is whole, with 3 products in it" in command("state", "rebuild", code=1).err
    assert remote.log(before) == []
    assert command("state", "rebuild", "--force").out.startswith("State rebuilt: 3 products adopted")
    (copy,) = shop.state.parent.glob("state.db.backup-rebuild-*Z")
    assert len(copy.read_bytes()) == len(kept)


def test_a_file_that_is_not_ours_is_not_moved_whatever_is_forced(command: Command, shop: Shop) -> None:
    theirs = shop.folder / "theirs.db"
    with closing(sqlite3.connect(theirs)) as connection:
        connection.execute("CREATE TABLE notes (text)")
        connection.commit()
    before = theirs.read_bytes()
    ran = command("state", "rebuild", "--force", "--state", "theirs.db", code=1)
    assert "is a database of another program" in ran.err
    assert theirs.read_bytes() == before


def test_a_remote_that_cannot_be_read_leaves_a_damaged_state_where_it_is(
    command: Command, remote: Remote, shop: Shop
) -> None:
    command(*APPLY)
    shop.state.write_bytes(b"Hello")
    remote.account(credits=0)
    command("state", "rebuild", code=5)
    assert shop.state.read_bytes() == b"Hello"


def test_what_is_forgotten_by_hand_is_adopted_again_and_a_saved_plan_is_stale(
    command: Command, remote: Remote, shop: Shop
) -> None:
    command(*APPLY)
    shop.products[1]["name"] = "Another chair"
    shop.write()
    command("plan", "--out", "plan.json")
    dry = command("state", "rm", "--dry-run", "product.LAMP")
    assert dry.out.splitlines() == [
        "Would remove product.LAMP",
        "Would remove content.LAMP",
        "render.hero shows product.LAMP; it stays in the state.",
    ]
    before = remote.last()
    ran = command("state", "rm", "product.LAMP")
    assert ran.out == dry.out.replace("Would remove", "Removed") + (
        "Successfully removed 2 resource(s) from the state.\n"
    )
    assert "product.LAMP" not in command("state", "list").out
    assert remote.log(before) == []
    assert "serial" in command("apply", "plan.json", code=8).err
    assert "1 imported, 0 added, 1 changed" in command(*APPLY).out
    command("plan", "--detailed-exitcode")


def test_a_product_moves_with_its_content_to_the_key_that_the_manifest_has_now(
    command: Command, remote: Remote, shop: Shop
) -> None:
    command(*APPLY)
    shop.products[1]["key"] = "seat"
    shop.write()
    before = remote.last()
    ran = command("state", "mv", "product.CHAIR", "product.seat", "--json")
    assert ran.document["moved"] == [
        {"from": "product.CHAIR", "to": "product.seat"},
        {"from": "content.CHAIR", "to": "content.seat"},
    ]
    assert remote.log(before) == []
    command("plan", "--detailed-exitcode")
    assert "product.LAMP is there already" in command("state", "mv", "product.seat", "product.LAMP", code=1).err
    assert "moved: " not in command("state", "history", "product.seat").out
    assert "from product.CHAIR" in command("state", "history", "product.seat").out


def test_what_was_pulled_is_under_its_schema_and_can_be_pushed_back(command: Command, shop: Shop) -> None:
    command(*APPLY)
    pulled = command("state", "pull")
    Draft202012Validator(json.loads(schema_text("state"))).validate(pulled.document)
    document = pulled.document
    document["products"]["product.table"]["protect"] = True
    (shop.folder / "state.json").write_text(json.dumps(document))
    pushed = command("state", "push", "state.json", "--json").document
    assert pushed["serial"] == document["serial"] + 1
    assert '"protect": true' in command("state", "show", "product.table", "--json").out
    older = command("state", "push", "state.json", code=1).err
    assert f"its serial is {document['serial']}, here it is {pushed['serial']}" in older
    command("state", "push", "state.json", "--force")
    document["products"]["product.table"] = {"unicode": 5}
    (shop.folder / "state.json").write_text(json.dumps(document))
    wrong = command("state", "push", "state.json", code=1).err
    assert wrong.count("$.products['product.table']") == 4
    assert "state.json cannot be read" not in wrong
    assert "none.json cannot be read: No such file" in command("state", "push", "none.json", code=1).err


def test_a_live_owner_on_another_machine_is_named_and_its_lock_broken_for_whoever_says_yes(
    command: Command, shop: Shop
) -> None:
    command(*APPLY)
    owner = replace(new_owner("apply", utc_now()), machine="elsewhere", who="ann@runner-7", run_url="http://ci/7")
    record = shop.state.with_name("state.db.lock")
    record.write_text(owner_text(owner))
    refused = command(*APPLY, code=7).err
    assert f"is locked by `apply` (pid {owner.pid} on ann@runner-7, since {owner.since}, for " in refused
    assert ", http://ci/7)." in refused
    assert "--lock-timeout 5m" in refused
    assert "catalogsync state unlock" in refused
    for answer, code in (("no", 1), ("yes", 0)):
        assert record.read_text() == owner_text(owner)
        with terminal(command, "state", "unlock") as screen:
            screen.read_until("Only 'yes' will be accepted")
            assert "on ann@runner-7" in screen.seen
            screen.type(f"{answer}\n")
            assert screen.end() == code
    assert "The state is unlocked" in screen.seen
    command(*APPLY)


def test_breaking_the_lock_of_a_run_that_lives_stops_it_before_it_writes_again(slow: World) -> None:
    with slow.command.started(*APPLY) as first:
        slow.remote.wait_for_call(RENDER)
        slow.remote.wait_for_call(JOB, times=3)  # the render may be submitted before the last of them
        asked = slow.command("state", "unlock", code=1)
        assert f"is locked by `apply` (pid {first.pid} on " in asked.out
        assert "--force" in asked.err
        told = slow.command("state", "unlock", "--force", "--json").document
        assert (told["unlocked"], told["owner"]["pid"]) == (True, first.pid)
        slow.command("state", "rm", "content.table")
        slow.remote.advance(NEVER)
        stopped = slow.command.ended(first)
    assert stopped.code == 7, stopped
    assert "The lock of the state is no longer held by this run" in stopped.out + stopped.err
    assert "Traceback" not in stopped.err
    assert "The state is not locked." in slow.command("state", "unlock").out
    slow.command(*APPLY)
    slow.command("plan", "--detailed-exitcode")
    assert len(slow.remote.calls(CREATE)) == len(slow.remote.calls(JOB)) == 3
    assert len(slow.remote.calls(RENDER)) == 1


def test_a_run_that_was_killed_is_taken_over_from_with_a_message(slow: World) -> None:
    with slow.command.started(*APPLY) as first:
        slow.remote.wait_for_call(RENDER)
        slow.remote.wait_for_call(JOB, times=3)  # the render may be submitted before the last of them
        first.kill()
        first.wait()
    slow.remote.advance(NEVER)
    ran = slow.command(*APPLY)
    assert f"Taking over the lock of .catalogsync/state.db from `apply` (pid {first.pid} on " in ran.err
    assert len(slow.remote.calls(CREATE)) == 3
