"""Every exit code, each reached as a user would reach it."""

from __future__ import annotations

import re
import signal

import pytest
from e2e_command import Command
from e2e_remote import BUCKET, CREATE, FINALIZE, JOB, RENDER, STATUS, Remote
from e2e_shop import Shop, product
from e2e_waiting import until
from e2e_world import NEVER, World

APPLY = ("apply", "--auto-approve")
UNCHANGED = ("plan", "--detailed-exitcode")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plan", "--bogus"), "No such option '--bogus'"),
        (("plan", "--refresh", "never"), "'never' is not one of"),
        (("nonsense",), "No such command 'nonsense'"),
        (("apply", "--json"), "--json cannot ask for approval"),
        (("plan", "--allow", "conflict"), "no such guard can be overridden"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_1_a_usage_error(arguments: tuple[str, ...], said: str, command: Command) -> None:
    """Click's own code for these is 2, which here means "there are changes"."""
    ran = command(*arguments, code=1)
    assert said in ran.err
    assert ran.out == ""


def test_2_changes_are_present_only_when_asked(command: Command) -> None:
    command("plan", code=0)
    command("plan", "--detailed-exitcode", code=2)


def test_3_one_upload_is_refused_and_the_rest_is_applied(command: Command, remote: Remote) -> None:
    remote.fault(BUCKET, "s3", status=400, code="EntityTooLarge")
    ran = command(*APPLY, "--upload-parallelism", "1", code=3)
    assert "Apply incomplete. Resources: " in ran.out
    assert re.search(r"^1 failed:\n  product\.\S+: .*larger than the form allows", ran.out, re.MULTILINE)
    assert re.search(r"^\d not started:\n  (content|render)\.\S+ \(", ran.out, re.MULTILINE)
    assert "Run apply again: it goes on from here.\n" in ran.out
    assert len(remote.finalized()) == 2
    assert "Apply complete!" in command(*APPLY).out
    told = command("state", "history", "product.*").out
    assert len(re.findall(r"^# apply of .*: ended some_changes_failed, \d+ credits spent$", told, re.MULTILINE)) == 1
    assert len(re.findall(r"^  \S+ \S+  product\.\S+  create: done \(\S+\)$", told, re.MULTILINE)) == 3
    assert remote.books("SELECT count(*) FROM products") == [(3,)], (
        "the unfinished product was finished, not made again"
    )
    command(*UNCHANGED)


def test_4_waiting_ends_before_the_jobs_and_wait_picks_them_up(slow: World) -> None:
    left = slow.command(*APPLY, "--wait-timeout", "0.5", code=4)
    assert "4 still processing at the remote:\n" in left.out
    assert "Apply complete! Resources: 3 added, 0 changed, 0 destroyed.\n" in left.out
    assert "content.LAMP: Still processing at the remote" in left.err
    jobs = len(slow.remote.calls(JOB))
    assert "4 jobs are still running at the remote:\n" in slow.command("plan").out
    slow.command("wait", "--wait-timeout", "0.5", code=4)
    seen = slow.remote.last()
    with slow.command.started("wait") as process:
        slow.remote.wait_for_call(STATUS, times=6, after=seen)  # three of the plan, then its own
        slow.remote.advance(NEVER)
        waited = slow.command.ended(process)
    assert waited.code == 0
    assert "content.LAMP: Waiting complete after" in waited.err
    assert slow.command("wait").out == "Nothing is running.\n"
    assert len(slow.remote.calls(JOB)) == jobs
    slow.command(*UNCHANGED)


def test_0_jobs_are_left_running_when_that_was_asked_for(slow: World) -> None:
    ran = slow.command(*APPLY, "--no-wait", code=4)
    assert "Run `catalogsync wait`, or the next apply" in ran.out
    slow.remote.advance(NEVER)
    slow.command(*APPLY)
    assert len(slow.remote.calls(RENDER)) == 1
    slow.command(*UNCHANGED)


def test_5_the_credits_run_out(command: Command, remote: Remote) -> None:
    remote.account(credits=5)
    ran = command(*APPLY, code=5)
    assert "Apply incomplete." in ran.out
    assert re.search(r"^  \S+ \(\d credits are more than what the account has left\)", ran.out, re.MULTILINE)
    remote.account(credits=1000)
    command(*APPLY)
    command(*UNCHANGED)
    assert remote.finalized() == ["CHAIR", "LAMP", "TABLE"]


@pytest.mark.parametrize("cutoff", ["hard", "soft"])
def test_5_the_limit_of_the_run_is_reached_and_the_next_run_goes_on(
    command: Command, remote: Remote, cutoff: str
) -> None:
    before = remote.last()
    ran = command(*APPLY, "--max-credits", "7", "--cutoff", cutoff, "--json", code=5)
    plan, end = ran.only("change_summary")
    spent = end["credits"]["spent"]
    assert spent > 0
    assert spent <= 7 or cutoff == "soft"
    charged = [call for call in remote.log(before) if call["credits"] is not None]
    assert len(charged) == plan["credits"]["spent_reading"] + spent
    assert end["skipped"] == len(ran.only("change_skipped"))
    assert end["skipped"]
    command(*APPLY)
    command(*UNCHANGED)
    assert remote.finalized() == ["CHAIR", "LAMP", "TABLE"]


def test_6_a_plan_over_the_limit_is_refused_unless_a_cutoff_is_chosen(command: Command, remote: Remote) -> None:
    before = remote.last()
    command(*APPLY, "--max-credits", "7", code=6)
    assert remote.writes(before) == []


def test_5_a_plan_without_credits(command: Command, remote: Remote) -> None:
    remote.account(credits=0)
    assert "no credits left" in command("plan", code=5).err


def refused(command: Command, remote: Remote, *arguments: str) -> str:
    """plan and apply refuse alike and show the plan in full; nothing is written. What apply printed."""
    before = remote.last()
    planned = command("plan", "--detailed-exitcode", *arguments, code=6).out
    applied = command(*APPLY, *arguments, code=6).out
    assert re.search(r"^Plan: ", planned, re.MULTILINE)
    assert "This plan will not be applied:\n" in planned
    without_balance = re.compile(r"[\d,]+ available")
    assert without_balance.sub("", applied) == without_balance.sub("", planned)
    assert remote.writes(before) == []
    return applied


def test_6_a_conflict(command: Command, remote: Remote, shop: Shop) -> None:
    command(*APPLY)
    shop.products[0]["gtin"] = shop.products[1].pop("gtin")
    shop.state.unlink()
    shop.write()
    said = refused(command, remote)
    assert "  # product.LAMP is in conflict\n" in said
    assert "[conflict] product.LAMP: " in said


def test_6_a_protected_product(command: Command, remote: Remote, shop: Shop) -> None:
    shop.products[2]["protect"] = True
    shop.write()
    command(*APPLY)
    del shop.products[2]
    shop.write()
    said = refused(command, remote)
    assert "  # product.table will be destroyed\n" in said
    assert "[protected] product.table is protected" in said
    command(*APPLY, "--allow", "protected")
    assert remote.books("SELECT sku_id FROM products WHERE deleted_at IS NULL ORDER BY sku_id") == [
        ("CHAIR",),
        ("LAMP",),
    ]


def test_6_an_empty_catalog(command: Command, remote: Remote, shop: Shop) -> None:
    command(*APPLY)
    shop.products, shop.renders = [], []
    shop.write()
    assert "[empty-catalog] the manifest names no product at all, which would destroy all 3" in refused(command, remote)
    command(*APPLY, "--allow", "empty-catalog")
    assert "No changes." in command(*UNCHANGED).out


def test_6_too_many_deletes(command: Command, remote: Remote, shop: Shop) -> None:
    command(*APPLY)
    del shop.products[1:]
    shop.write()
    assert "[max-deletes] 2 of 3 managed products" in refused(command, remote, "--max-deletes", "1")
    command(*APPLY, "--max-deletes", "2")


def test_6_ten_percent_is_the_limit_from_ten_products_on(command: Command, remote: Remote, shop: Shop) -> None:
    shop.products = [product(f"P{number}", outputs=[]) for number in range(10)]
    shop.renders = []
    shop.write()
    command(*APPLY)
    last = shop.products.pop()
    shop.write()
    command("plan", "--detailed-exitcode", code=2)
    assert last["sku_id"] == "P9"
    shop.products.pop()
    shop.write()
    assert "[max-deletes] 2 of 10 managed products would be destroyed, the limit is 10%" in refused(command, remote)


def test_6_too_many_credits(command: Command, remote: Remote) -> None:
    assert "[max-credits] the plan is expected to cost" in refused(command, remote, "--max-credits", "3")
    ran = command(*APPLY, "--json", code=6, CATALOGSYNC_MAX_CREDITS="3")
    (diagnostic,) = ran.only("diagnostic")
    assert diagnostic["diagnostic"]["guard"] == "max-credits"
    assert diagnostic["diagnostic"]["detail"].startswith("To go on: --max-credits=")
    assert len(ran.only("change_summary")) == 1, "nothing was applied"
    assert (ran.lines[-1]["type"], ran.lines[-1]["outcome"]) == ("run_ended", "guard_refused")


def test_7_a_second_apply_is_refused_or_waits(slow: World) -> None:
    with slow.command.started(*APPLY) as first:
        slow.remote.wait_for_call(RENDER)
        second = slow.command(*APPLY, code=7)
        assert f"is locked by `apply` (pid {first.pid} on " in second.err
        assert "--lock-timeout" in second.err
        with slow.command.started(*APPLY, "--lock-timeout", "60s") as third:
            line = third.stderr.readline()
            assert f"is locked by `apply` (pid {first.pid}" in line
            slow.remote.advance(NEVER)
            assert slow.command.ended(first).code == 0
            ended = slow.command.ended(third)
    assert ended.code == 0
    assert "No changes." in ended.out
    assert len(slow.remote.calls(CREATE)) == 3


def test_7_the_wait_for_the_lock_ends(slow: World) -> None:
    with slow.command.started(*APPLY):
        slow.remote.wait_for_call(RENDER)
        slow.command(*APPLY, "--lock-timeout", "0.2s", code=7)
    slow.remote.advance(NEVER)
    slow.command(*APPLY)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_130_interrupted_while_waiting(number: signal.Signals, slow: World) -> None:
    with slow.command.started(*APPLY) as process:
        slow.remote.wait_for_call(RENDER)
        slow.remote.wait_for_call(JOB, times=3)
        process.send_signal(number)
        ran = slow.command.ended(process)
    assert ran.code == 130
    assert f"Stopping: {number.name} received." in ran.err
    assert "Apply interrupted. Resources: 3 added" in ran.out
    assert "Run apply again: it goes on from here.\n" in ran.out
    slow.remote.advance(NEVER)
    slow.command(*APPLY)
    slow.command(*UNCHANGED)
    assert len(slow.remote.calls(JOB)) == 3
    assert len(slow.remote.calls(RENDER)) == 1


def test_130_the_first_interrupt_lets_running_calls_finish(command: Command, remote: Remote) -> None:
    remote.fault(FINALIZE, "delay", seconds=1.0)
    with command.started(*APPLY, "--parallelism", "1") as process:
        remote.wait_for_fault()
        process.send_signal(signal.SIGINT)
        ran = command.ended(process)
    assert ran.code == 130
    assert remote.calls(JOB) == [], "nothing new was started"
    assert len(remote.finalized()) == 1, "the running call finished"
    command(*APPLY)
    command(*UNCHANGED)
    assert len(remote.calls(CREATE)) == 3


def test_130_the_second_interrupt_stops_now(command: Command, remote: Remote) -> None:
    remote.fault(FINALIZE, "delay", seconds=20.0)
    with command.started(*APPLY) as process:
        remote.wait_for_fault()
        process.send_signal(signal.SIGINT)
        until(lambda: "Stopping: SIGINT received." in process.stderr.readline(), "the word that it stops")
        process.send_signal(signal.SIGINT)
        ran = command.ended(process, timeout=10)
    assert ran.code == 130
    assert "Apply interrupted." in ran.out
    command(*APPLY)
    command(*UNCHANGED)


def test_130_a_cancelled_ci_job_is_not_held_up_by_a_call_that_hangs(command: Command, remote: Remote) -> None:
    remote.fault(FINALIZE, "delay", seconds=60.0)
    with command.started(*APPLY) as process:
        remote.wait_for_fault()
        process.send_signal(signal.SIGTERM)
        ran = command.ended(process, timeout=20)
    assert ran.code == 130
    assert "Apply interrupted." in ran.out
    command(*APPLY)
    command(*UNCHANGED)
    assert len(remote.calls(CREATE)) == 3


def test_130_interrupted_while_reading(command: Command, remote: Remote) -> None:
    remote.fault(("GET", "*"), "delay", seconds=20.0)
    with command.started(*APPLY) as process:
        remote.wait_for_fault()
        process.send_signal(signal.SIGINT)
        ran = command.ended(process, timeout=10)
    assert ran.code == 130
    assert "Interrupted." in ran.err
    command(*APPLY)
