"""What runs cost and how they end: held against the remote's own books."""

from __future__ import annotations

import signal
from pathlib import Path

from e2e_shop import product, tiny_glb
from e2e_world import NEVER, World, world

APPLY = ("apply", "--auto-approve")
STATUS = ("GET", "/v1/product/status/")
JOB = ("POST", "/v1/product/job/")
CREDITS = 1000


def spent_of(here: World) -> dict:
    return here.command("spend", "--json").document


def unattributed(document: dict) -> int:
    return sum(gap["credits"] for gap in document["unattributed"])


def test_every_credit_of_the_account_is_in_a_run_or_said_to_be_in_none(tmp_path: Path) -> None:
    with world(tmp_path, credits=CREDITS) as here:
        here.remote.fault(("PATCH", "*"), "lose")
        here.apply()
        here.command("plan")
        here.apply()
        document = spent_of(here)
        last, first = document["runs"]
        assert (first["balance_before"], last["charged"]) == (CREDITS, 1)
        assert document["total"]["charged"] + unattributed(document) == CREDITS - last["balance_after"]
        assert unattributed(document) == 2, "the call that was not answered, and the plan"
        by_operation = here.command("spend", "--by", "operation", "--json").document
        assert by_operation["total"]["charged"] == document["total"]["charged"]


def test_a_run_that_is_killed_has_what_it_spent_up_to_its_last_commit(tmp_path: Path) -> None:
    with world(tmp_path, job_seconds=NEVER) as here:
        here.shop.products, here.shop.renders = [product("CHAIR")], []
        here.shop.write()
        with here.command.started(*APPLY) as process:
            here.remote.wait_for_call(STATUS, times=3)
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=20)
        document = spent_of(here)
        (run,) = document["runs"]
        assert (run["ended_at"], run["outcome"]) == ("", "")
        # The reading, the create, the mark, the job, and the looks; the last of them may not be written yet.
        answered = sum(row["credits"] is not None for row in here.remote.log())
        assert answered - 2 <= run["charged"] <= answered
        assert run["charged"] >= 6


def test_a_remote_that_asks_to_wait_for_hours_ends_the_run_and_the_next_one_goes_on(tmp_path: Path) -> None:
    with world(tmp_path) as here:
        here.remote.fault(JOB, "status", status=429, body="{}", headers={"Retry-After": "7200"})
        said = here.apply(code=3)
        assert "asks to wait 7200 s" in said
        assert "Run again after" in said
        here.apply()
        here.assert_as_wanted()
        assert len(here.remote.calls(JOB)) == 1 + len(here.shop.products)


def test_a_public_key_alone_is_refused_before_any_call(tmp_path: Path) -> None:
    with world(tmp_path) as here:
        ran = here.command(*APPLY, code=1, CATALOGSYNC_SECRET_KEY=None)
        assert "Only the public key is set" in ran.err
        assert here.remote.log() == []


def test_what_waits_behind_a_running_replacement_has_not_failed_and_wait_picks_its_job_up(tmp_path: Path) -> None:
    with world(tmp_path) as here:
        here.shop.products = [product("LAMP")]
        here.shop.write()
        here.apply()
        (here.shop.folder / "models" / "lamp.glb").write_bytes(tiny_glb("another lamp"))
        here.remote.ask("PATCH", "/sandbox/variants", {"job_seconds": NEVER})
        said = here.apply("--no-wait", code=4)
        assert "product.LAMP is still processing" in said
        assert "Run `catalogsync wait`" in said
        with here.command.started("wait", CATALOGSYNC_WAIT_TIMEOUT="60s") as process:
            seen = len(here.remote.calls(STATUS))
            here.remote.wait_for_call(STATUS, times=seen + 3)
            here.remote.advance(NEVER)
            told, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "1 collected, left running by an earlier run:\n  replacement-content.LAMP" in told
        here.remote.ask("PATCH", "/sandbox/variants", {"job_seconds": 0.2})
        here.apply()
        assert "No changes." in here.command("plan").out
