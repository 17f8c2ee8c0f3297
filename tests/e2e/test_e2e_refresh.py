"""`--refresh`: none plans for no credit and applies nothing unread, full reads every status again."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from e2e_command import Command
from e2e_remote import CREATE, JOB, LIST, STATUS, Remote
from e2e_shop import Shop, product
from e2e_truth import assert_as_wanted
from e2e_world import World

from catalogsync.model.state import Intend, Intent
from catalogsync.state import StateStore

OFFLINE = {
    "CATALOGSYNC_API_URL": "http://127.0.0.1:9",
    "CATALOGSYNC_SECRET_KEY": None,
    "CATALOGSYNC_PUBLIC_KEY": None,
    "CATALOGSYNC_ORIGIN": None,
}
NONE = "--refresh=none"


@pytest.fixture
def applied(command: Command) -> Command:
    command("apply", "--auto-approve")
    return command


def state_of(command: Command) -> StateStore:
    return StateStore.open(command.folder / ".catalogsync" / "state.db")


def reads(remote: Remote, after: int) -> tuple[int, int]:
    """How many pages and look-ups of products, and how many statuses, were read."""
    return len(remote.calls(LIST, after)), len(remote.calls(STATUS, after))


def test_a_plan_needs_neither_network_nor_key_and_says_how_old_what_it_trusts_is(applied: Command) -> None:
    ran = applied("plan", NONE, **OFFLINE)
    assert "\nNo changes. The state matches the manifest; the remote was not read.\n" in "\n" + ran.out
    assert ran.err.startswith("Trusting 7 facts from the state, the oldest less than a minute old (")
    assert ran.err.endswith("Z); nothing was read.\n")
    document = applied("plan", NONE, "--json", **OFFLINE).document
    assert sorted(document["trusted"]) == [
        *("content.CHAIR", "content.LAMP", "content.table"),
        *("product.CHAIR", "product.LAMP", "product.table", "render.hero"),
    ]
    assert all(document["trusted"].values())
    assert document["credits"]["spent_reading"] == 0


def test_a_plan_without_a_state_marks_what_nobody_read(command: Command, remote: Remote) -> None:
    ran = command("plan", NONE, **OFFLINE)
    assert ran.err == "Trusting nothing from the state; nothing was read.\n"
    assert ran.out.count("  # (not read: the state does not know it)\n") == 7
    assert remote.last() == 0


def test_a_state_of_before_there_were_times_is_read_and_its_age_is_not_known(applied: Command) -> None:
    with closing(sqlite3.connect(applied.folder / ".catalogsync" / "state.db")) as db, db:
        for address, data in db.execute("SELECT address, data FROM bindings").fetchall():
            old = {key: value for key, value in json.loads(data).items() if key != "seen_at"}
            db.execute("UPDATE bindings SET data = ? WHERE address = ?", (json.dumps(old), address))
    assert (
        applied("plan", NONE, **OFFLINE).err == "Trusting 7 facts from the state, of unknown age; nothing was read.\n"
    )
    applied("apply", "--auto-approve")
    assert "content.table" in applied("plan", NONE, "--json", **OFFLINE).document["trusted"]
    assert ", 4 of unknown age; nothing was read." in applied("plan", NONE, **OFFLINE).err, "products were read"


def test_apply_reads_what_it_is_about_to_change_and_nothing_else(applied: Command, shop: Shop, remote: Remote) -> None:
    shop.products[2]["name"] = "Another table"
    shop.write()
    before = remote.last()
    ran = applied("apply", "--auto-approve", NONE)
    assert reads(remote, before) == (1, 0)
    assert len(remote.writes(before)) == 1
    assert "; what is to be changed was read.\n" in ran.err
    assert_as_wanted(applied, remote, shop)


def test_apply_without_a_state_adopts_what_is_there_and_makes_nothing_twice(
    applied: Command, shop: Shop, remote: Remote
) -> None:
    shop.state.unlink()
    shop.renders = []
    shop.write()
    before = remote.last()
    applied("apply", "--auto-approve", NONE)
    assert (remote.calls(CREATE, before), remote.calls(JOB, before)) == ([], [])
    assert "No changes." in applied("plan", "--refresh=full").out


def test_what_is_gone_is_made_anew_once_it_is_to_be_changed(applied: Command, shop: Shop, remote: Remote) -> None:
    with closing(sqlite3.connect(remote.data / "sandbox.db", timeout=20)) as db, db:
        db.execute("UPDATE products SET deleted_at = 1 WHERE sku_id = 'TABLE'")
    assert "No changes." in applied("plan", NONE).out, "it is trusted to be there"
    shop.products[2]["name"] = "Another table"
    shop.write()
    assert "# product.table will be updated in-place" in applied("plan", NONE).out
    assert "# product.table will be created" in applied("apply", "--auto-approve", NONE).out
    assert_as_wanted(applied, remote, shop)


def test_a_saved_plan_is_applied_when_the_remote_is_as_it_was_trusted_to_be(
    command: Command, shop: Shop, remote: Remote
) -> None:
    command("plan", NONE, "--out", "plan.json", **OFFLINE | {"CATALOGSYNC_API_URL": remote.endpoints.url})
    assert remote.last() == 0
    command("apply", "plan.json")
    assert_as_wanted(command, remote, shop)


def test_a_saved_plan_is_stale_when_the_remote_is_otherwise(applied: Command, shop: Shop, remote: Remote) -> None:
    shop.state.unlink()
    applied("plan", NONE, "--out", "plan.json")
    before = remote.last()
    assert "product.LAMP: saved create, now adopt" in applied("apply", "plan.json", code=8).err
    assert remote.writes(before) == []


def test_a_call_of_unknown_outcome_blocks_its_product_and_is_looked_into_by_apply(
    command: Command, shop: Shop, remote: Remote
) -> None:
    shop.products, shop.renders = [product("LAMP"), product("CHAIR")], []
    shop.write()
    fields = {"sku_id": "LAMP", "name": "The lamp", "main_asset_name": "lamp"}
    shop.state.parent.mkdir()
    with state_of(command) as store:
        store.commit_now(Intend(Intent("i", "r", "product.LAMP", "create", fields, "2026-01-01T00:00:00Z")))
    out = command("plan", NONE, **OFFLINE).out
    assert "# product.LAMP" not in out
    assert "# product.CHAIR will be created" in out
    assert "Note: product.LAMP: left out, since whether an earlier run's create was done is not known" in out
    command("apply", "--auto-approve", NONE)
    assert remote.finalized() == ["CHAIR", "LAMP"]
    assert_as_wanted(command, remote, shop)


def test_a_conflict_that_the_state_does_not_know_of_is_found_before_anything_is_sent(
    applied: Command, shop: Shop, remote: Remote
) -> None:
    other = Command(shop.folder.parent / "other", remote.environment, remote.secrets)
    theirs = Shop(other.folder, [product("TAKEN", outputs=[])], [])
    theirs.write()
    other("apply", "--auto-approve")
    shop.products[2]["sku_id"] = "TAKEN"
    shop.write()
    assert '~ sku_id = "TABLE" -> "TAKEN"' in applied("plan", NONE).out
    before = remote.last()
    assert "belongs to another remote product" in applied("apply", "--auto-approve", NONE, code=6).out
    assert remote.writes(before) == []


def test_a_job_that_runs_stays_pending(slow: World) -> None:
    slow.shop.renders = []
    slow.shop.write()
    slow.apply("--no-wait", code=4)
    said = slow.command("plan", NONE, **OFFLINE).out
    assert "3 jobs are still running at the remote:" in said
    assert "No changes." in said


def test_destroying_on_the_word_of_the_state_deletes_only_what_is_there(applied: Command, remote: Remote) -> None:
    with closing(sqlite3.connect(remote.data / "sandbox.db", timeout=20)) as db, db:
        db.execute("UPDATE products SET deleted_at = 1 WHERE sku_id = 'TABLE'")
    before = remote.last()
    assert "0 added, 0 changed, 2 destroyed" in applied("destroy", "--auto-approve", NONE).out
    assert len(remote.writes(before)) == 2
    assert remote.finalized() == []


def test_full_reads_every_status_again_and_sees_what_auto_does_not(applied: Command, remote: Remote) -> None:
    with closing(sqlite3.connect(remote.data / "sandbox.db", timeout=20)) as db, db:
        db.execute("DELETE FROM jobs WHERE product_id = (SELECT id FROM products WHERE sku_id = 'TABLE')")
    before = remote.last()
    assert applied("plan").out.startswith("No changes.")
    assert reads(remote, before) == (1, 0)
    before = remote.last()
    assert "# content.table will be created" in applied("plan", "--refresh=full").out
    assert reads(remote, before) == (1, 3)


def test_an_apply_without_a_change_confirms_what_it_read_and_makes_no_saved_plan_stale(
    applied: Command, shop: Shop, tmp_path: Path
) -> None:
    shop.products[0]["name"] = "Another lamp"
    shop.write()
    applied("plan", "--out", str(tmp_path / "plan.json"))
    with state_of(applied) as store:
        before = store.load()
    shop.products[0]["name"] = "The lamp"
    shop.write()
    assert "No changes." in applied("apply", "--auto-approve").out
    with state_of(applied) as store:
        after = store.load()
    assert after.serial == before.serial
    assert all(after.products[one].seen_at > before.products[one].seen_at for one in after.products)
    assert after.contents["content.table"].seen_at == before.contents["content.table"].seen_at, "it was not read"
    shop.products[0]["name"] = "Another lamp"
    shop.write()
    applied("apply", str(tmp_path / "plan.json"))
