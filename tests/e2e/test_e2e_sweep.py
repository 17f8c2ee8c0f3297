"""What a replacement leaves behind is found by proof and cleared away; a lost state is no reason for anything twice."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from e2e_remote import FINALIZE, Remote
from e2e_shop import product, tiny_glb
from e2e_waiting import until
from e2e_world import World, side_by_side, world

from catalogsync.manifest.schema import breaches

Runs = Mapping[str, Future[None]]
ANY = ("*", "*")
SECOND = tiny_glb("another chair")
TEMPORARY = f"CHAIR~{sha256(SECOND).hexdigest()[:8]}"
# From the call that creates the new product: before it nothing tells that its file changed since.
KILLS = {f"while call {call} of a replacement is under way": call for call in (2, 5, 7, 8)}
DELETE = ("state", "sweep", "--delete", "--auto-approve")


def start(made: World) -> None:
    """A shop of two products that are complete, one of whose models is another one since."""
    made.shop.products, made.shop.renders = [product("CHAIR"), product("TABLE")], []
    made.shop.write()
    made.apply()
    write_model(made, SECOND)


def write_model(made: World, content: bytes) -> None:
    (made.shop.folder / "models" / "chair.glb").write_bytes(content)


def kill_at(made: World, call: int) -> None:
    """Kill an apply while this call is under way; the remote ends it all the same."""
    made.remote.fault(ANY, "delay", after=call, seconds=0.15)
    with made.command.started("apply", "--auto-approve") as process:
        made.remote.wait_for_fault()
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=20)
    until(lambda: any(row["fault"] for row in made.remote.log()), "the end of the delayed call")


def kill_before_finalize(made: World) -> None:
    made.remote.fault(FINALIZE, "reset")
    with made.command.started("apply", "--auto-approve") as process:
        made.remote.wait_for_fault()
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=20)


def lose_state(made: World) -> None:
    for path in made.shop.state.parent.glob("state.db*"):
        path.unlink()


def living(remote: Remote) -> list[str]:
    return [sku for (sku,) in remote.books("SELECT sku_id FROM products WHERE deleted_at IS NULL ORDER BY sku_id")]


def live(made: World, call: int) -> None:
    start(made)
    kill_at(made, call)
    lose_state(made)
    made.apply()
    assert set(living(made.remote)) >= {"CHAIR", "TABLE"}
    released = [sku for sku in living(made.remote) if sku.startswith("released-")]
    made.command(*DELETE, "--unmanaged", *released)
    made.assert_as_wanted()
    assert made.command("state", "sweep", "--unmanaged", "--detailed-exitcode").out.startswith("Nothing is left over.")


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    with side_by_side(request, tmp_path_factory, KILLS, live, lambda _: {"hold_deleted": True}) as futures:
        yield futures


@pytest.mark.parametrize("name", KILLS)
def test_a_state_that_is_lost_in_mid_replacement_leaves_nothing_twice(name: str, runs: Runs) -> None:
    runs[name].result()


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[World]:
    """Its deleted products keep their identifiers, and its list hides what is not finished."""
    with world(tmp_path, hold_deleted=True, list_unfinished=False) as made:
        start(made)
        yield made


def test_a_replacement_that_was_given_up_is_listed_then_deleted_and_can_be_wanted_again(strict: World) -> None:
    kill_before_finalize(strict)
    assert strict.command("state", "sweep").out.startswith("Nothing is left over."), "it is wanted still"
    write_model(strict, tiny_glb("CHAIR"))
    before = strict.remote.last()
    listed = strict.command("state", "sweep", "--detailed-exitcode", code=2).out
    assert breaches("sweep", strict.command("state", "sweep", "--json").document) == []
    assert "  # replacement.CHAIR will be destroyed: its replacement was given up\n" in listed
    assert "\nSweep: 1 to clear away, 0 kept.\nCredits: 2 expected, " in listed
    assert strict.remote.writes(before) == []

    told = strict.command(*DELETE, "--json").document
    assert [(one["sku_id"], one["proof"], one["action"], one["credits"]) for one in told["leftovers"]] == [
        (TEMPORARY, "state", "delete", 2)
    ]
    assert breaches("sweep", told) == []
    assert told["result"]["outcome"] == "ok"
    assert told["result"]["credits"]["spent"] == 2
    assert living(strict.remote) == ["CHAIR", "TABLE"]
    assert "replacement.CHAIR" in strict.command("state", "history", "replacement.CHAIR").out
    spent = strict.command("spend", "--json").document["runs"][0]
    assert spent["command"] == "state sweep"
    assert spent["charged"] == 2 + told["credits"]["spent_reading"]
    write_model(strict, SECOND)
    strict.apply()
    strict.assert_as_wanted()


def test_an_unfinished_one_that_no_list_shows_is_found_by_its_name(strict: World) -> None:
    kill_before_finalize(strict)
    lose_state(strict)
    strict.apply()
    assert living(strict.remote) == ["CHAIR", TEMPORARY, "TABLE"]
    assert strict.command("state", "sweep", "--unmanaged").out.startswith("Nothing is left over.")
    found = strict.command("state", "sweep", "--unlisted")
    assert "Reading the status of 2 names that no list shows (2 credits).\n" in found.err
    assert f"  # stray.{TEMPORARY} will be destroyed: " in found.out
    assert "`apply --replace product.CHAIR` does it" in found.out
    strict.apply("--replace", "product.CHAIR")
    strict.assert_as_wanted()


def test_a_sweep_that_is_killed_is_ended_by_the_next_run(strict: World) -> None:
    kill_before_finalize(strict)
    lose_state(strict)
    strict.apply()
    strict.remote.fault(("DELETE", "*"), "reset")
    with strict.command.started(*DELETE, "--unlisted") as process:
        strict.remote.wait_for_fault()
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=20)
    assert [sku.partition("-")[0] for sku in living(strict.remote)] == ["CHAIR", "TABLE", "released"]
    assert f"  # stray.{TEMPORARY} will be destroyed: it was left over\n" in strict.command("state", "sweep").out
    strict.apply()
    assert living(strict.remote) == ["CHAIR", "TABLE"]
    assert strict.command("state", "sweep", "--unlisted").out.startswith("Nothing is left over.")


def test_what_is_not_to_be_taken_over_is_refused_whatever_was_replacing_it(strict: World) -> None:
    kill_at(strict, 4)
    lose_state(strict)
    assert "unmanaged-takeover" in strict.command("apply", "--auto-approve", "--adopt", "refuse", code=6).out


def test_what_may_be_a_strangers_is_deleted_only_when_it_is_named(strict: World) -> None:
    write_model(strict, tiny_glb("CHAIR"))
    theirs, others = "CHAIR~0123abcd", "LAMP~0123abcd"
    with closing(sqlite3.connect(strict.remote.data / "sandbox.db", timeout=20)) as db, db:
        for number, (sku_id, gtin) in enumerate([(theirs, None), (others, None), ("CHAIR~4567abcd", "4006381333931")]):
            db.execute(
                "INSERT INTO products(unicode, viewer_id, name, main_asset_name, sku_id, gtin, created_at, "
                "upload_status, model_name, model_key) VALUES (?, ?, 'x', 'x', ?, ?, 1e9, 2, 'm.glb', 'm')",
                (f"00000000-0000-4000-8000-00000000000{number}", f"viewer{number}", sku_id, gtin),
            )
    assert "a replacement of it looks left over under sku_id CHAIR~0123abcd" in strict.command("plan").out
    swept = strict.command(*DELETE, "--unmanaged").out
    assert f"  # stray.{theirs} is kept: it may be another's: name it to delete it\n" in swept
    assert "\nSweep: 0 to clear away, 1 kept.\n" in swept
    assert "\nSweep: 0 to clear away, 1 kept.\n" in strict.command(*DELETE, others).out, "a name alone is no proof"
    assert living(strict.remote) == ["CHAIR", theirs, "CHAIR~4567abcd", "LAMP~0123abcd", "TABLE"]
    assert "Sweep complete! 1 cleared away." in strict.command(*DELETE, theirs).out
    assert living(strict.remote) == ["CHAIR", "CHAIR~4567abcd", "LAMP~0123abcd", "TABLE"]


def test_nobody_is_asked_where_nobody_can_answer(strict: World) -> None:
    kill_before_finalize(strict)
    write_model(strict, tiny_glb("CHAIR"))
    assert "--auto-approve" in strict.command("state", "sweep", "--delete", code=1).err
    assert "--json cannot ask" in strict.command("state", "sweep", "--delete", "--json", code=1).err
    assert "no place without --delete" in strict.command("state", "sweep", "--auto-approve", code=1).err
    assert TEMPORARY in living(strict.remote)
