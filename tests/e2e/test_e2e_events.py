"""`--json` of apply, destroy and wait, -v and --log-file: real runs, good and bad, told line by line."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from e2e_command import Command, Ran
from e2e_remote import BUCKET, CREATE, JOB, LIST, RENDER, Remote
from e2e_shop import Shop
from e2e_terminal import terminal
from e2e_world import NEVER, World
from event_lines import check_lines

APPLY = ("apply", "--auto-approve", "--json")
TOO_MANY = {"status": 429, "body": '{"message": "Slow down."}', "headers": {"Retry-After": "1"}}


def told(ran: Ran, outcome: str) -> list[Any]:
    """The lines of a run, after they were held to the schema and to the rules of every stream."""
    lines = ran.lines
    check_lines(lines)
    assert lines[0]["type"] == "version"
    assert [line["type"] for line in lines].count("run_ended") == 1
    assert (lines[-1]["type"], lines[-1]["outcome"], lines[-1]["exit_code"]) == ("run_ended", outcome, ran.code)
    assert [line["@timestamp"] for line in lines] == sorted(line["@timestamp"] for line in lines)
    return lines


def logged(shop: Shop, name: str = "run.log") -> list[Any]:
    lines = [json.loads(line) for line in (shop.folder / name).read_text(encoding="utf-8").splitlines()]
    check_lines(lines)
    return lines


def kinds(lines: list[Any]) -> set[str]:
    return {line["type"] for line in lines}


def diagnostics(lines: list[Any]) -> list[Any]:
    return [line["diagnostic"] for line in lines if line["type"] == "diagnostic"]


def test_a_good_apply_is_told_from_its_plan_to_its_credits(command: Command, remote: Remote, shop: Shop) -> None:
    ran = command(*APPLY, "--log-file", "run.log")
    lines = told(ran, "ok")
    planned = [line["change"]["resource"]["addr"] for line in lines if line["type"] == "planned_change"]
    started = [line["hook"]["resource"]["addr"] for line in lines if line["type"] == "apply_start"]
    done = [line["hook"]["resource"]["addr"] for line in lines if line["type"] == "apply_complete"]
    assert len(planned) == 7
    assert sorted(planned) == sorted(started) == sorted(done)
    assert {line["sent"] == line["size"] for line in lines if line["type"] == "upload_progress"} == {True}
    end = ran.only("change_summary")[-1]
    assert end["@message"] == "Apply complete! Resources: 7 added, 0 changed, 0 destroyed."
    log = logged(shop)
    assert [line for line in log if line["type"] != "call_made"][1:] == lines[1:], "the log has the same lines"
    calls = [line for line in log if line["type"] == "call_made"]
    assert sum(line["credits"] for line in calls) == len([row for row in remote.log() if row["credits"] is not None])
    assert end["credits"]["available"] == calls[-1]["credits_left"]
    assert {line["address"] for line in calls} == {"", *planned}


def test_a_change_that_fails_is_a_diagnostic_and_its_dependents_are_skipped(command: Command, remote: Remote) -> None:
    remote.fault(BUCKET, "s3", status=400, code="EntityTooLarge")
    lines = told(command(*APPLY, "--upload-parallelism", "1", code=3), "some_changes_failed")
    (errored,) = [line for line in lines if line["type"] == "apply_errored"]
    (diagnostic,) = diagnostics(lines)
    assert diagnostic["address"] == errored["hook"]["resource"]["addr"]
    assert "larger than the form allows" in diagnostic["summary"]
    assert "change_skipped" in kinds(lines)


def test_what_was_put_right_and_what_was_tried_again_is_told(command: Command, remote: Remote, shop: Shop) -> None:
    remote.fault(BUCKET, "s3", status=403)
    remote.fault(LIST, "status", **TOO_MANY)
    ran = command(*APPLY, "-v", "--log-file", "run.log")
    lines = told(ran, "ok")
    assert "change_recovered" in kinds(lines)
    (paused,) = [line for line in lines if line["type"] == "call_paused"]
    assert paused["operation"] == "read the list of products"
    assert 1 <= paused["seconds"] < 2
    assert "catalogsync.api: Trying again to read the list of products in 1." in ran.err
    tries = [line for line in logged(shop) if line["type"] == "call_made" and line["operation"] == paused["operation"]]
    assert [(line["status"], line["attempt"]) for line in tries[:2]] == [(429, 1), (200, 2)]


def test_a_job_that_runs_on_and_its_end(slow: World) -> None:
    left = told(slow.command(*APPLY, "--wait-timeout", "0.5", code=4), "still_processing")
    assert [line["type"] for line in left].count("change_left") == 4
    waited = told(slow.command("wait", "--json", "--wait-timeout", "0.5", code=4), "still_processing")
    assert {line["change"]["action"] for line in waited if line["type"] == "planned_change"} == {"noop"}
    slow.remote.advance(NEVER)
    told(slow.command("wait", "--json"), "ok")
    destroyed = told(slow.command("destroy", "--auto-approve", "--json"), "ok")
    assert [line["changes"] for line in destroyed if line["type"] == "change_summary"][-1]["operation"] == "destroy"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupted_run_says_so_to_the_last_line(number: signal.Signals, slow: World) -> None:
    with slow.command.started(*APPLY) as process:
        slow.remote.wait_for_call(RENDER)
        slow.remote.wait_for_call(JOB, times=3)
        process.send_signal(number)
        ran = slow.command.ended(process)
    lines = told(ran, "interrupted")
    assert "run_stopping" in kinds(lines)
    assert lines[-2]["@message"].startswith("Apply interrupted. Resources: 3 added")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupt_while_reading_is_told_and_leaves_no_lock(
    number: signal.Signals, command: Command, remote: Remote
) -> None:
    remote.fault(("GET", "*"), "delay", seconds=20.0)
    with command.started(*APPLY) as process:
        remote.wait_for_fault()
        process.send_signal(number)
        ran = command.ended(process, timeout=10)
    assert [line["summary"] for line in diagnostics(told(ran, "interrupted"))] == ["Interrupted."]
    command("apply", "--auto-approve")


def test_a_locked_state_is_told(slow: World) -> None:
    with slow.command.started("apply", "--auto-approve"):
        slow.remote.wait_for_call(CREATE)
        (diagnostic,) = diagnostics(told(slow.command(*APPLY, code=7), "state_locked"))
        assert "is locked by" in diagnostic["summary"]


def test_a_stale_plan_is_told(command: Command, shop: Shop) -> None:
    command("plan", "--out", "plan.json")
    shop.products[0]["name"] = "Another"
    shop.write()
    lines = told(command("apply", "plan.json", "--json", code=8), "stale_plan")
    assert kinds(lines) == {"version", "log", "diagnostic", "run_ended"}


def test_a_broken_manifest_is_told_with_its_places(command: Command, shop: Shop) -> None:
    shop.products[0]["nam"] = "Arc lamp"
    shop.write()
    first, last = diagnostics(told(command(*APPLY, code=1), "error"))
    assert (first["rule"], first["range"]["filename"]) == ("unknown-key", shop.manifest.name)
    assert last["summary"] == "The manifest has 1 error."


def test_an_empty_run_is_told(command: Command) -> None:
    lines = told(command("wait", "--json"), "ok")
    assert [line["changes"]["operation"] for line in lines if line["type"] == "change_summary"] == ["plan", "wait"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_log_that_finds_no_room_changes_nothing(command: Command) -> None:
    ran = command("apply", "--auto-approve", CATALOGSYNC_LOG_FILE="/dev/full")
    assert "Apply complete!" in ran.out
    assert ran.err.count("lacks lines of this run: No space left on device.") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_events_that_find_no_room_are_an_error_after_the_work_was_done(command: Command, remote: Remote) -> None:
    script = 'exec "$@" > /dev/full'
    ran = command(*APPLY, code=1, wrap=["sh", "-c", script, "sh"])
    assert ran.err.count("Error: The output could not be written: No space left on device.") == 1
    assert len(remote.finalized()) == 3


def test_a_log_file_that_cannot_be_opened_ends_it_before_any_call(command: Command, remote: Remote) -> None:
    ran = command("apply", "--auto-approve", "--log-file", "missing/run.log", code=1)
    assert "The log file missing/run.log cannot be written" in ran.err
    assert remote.log() == []


@pytest.mark.parametrize(
    "arguments", [("plan",), ("status", "--refresh=full"), ("drift",), ("whoami",)], ids=lambda value: value[0]
)
def test_commands_that_read_log_their_calls(arguments: tuple[str, ...], command: Command, shop: Shop) -> None:
    command("apply", "--auto-approve")
    ran = command(*arguments, "-vv", "--log-file", "run.log")
    log = logged(shop)
    assert log[0]["command"] == arguments[0]
    assert (log[-1]["type"], log[-1]["exit_code"]) == ("run_ended", 0)
    calls = [line for line in log if line["type"] == "call_made"]
    assert calls
    assert ran.err.count("answered 200") == len(calls)


def test_a_plan_is_in_the_log_of_the_command_that_made_it(command: Command, shop: Shop) -> None:
    command("plan", "--log-file", "run.log")
    assert [line["type"] for line in logged(shop)].count("planned_change") == 7
    document = command("plan", "--json", "--log-file", "run.log").document
    assert len(document["changes"]) == 7, "a plan as JSON is one document"


def test_no_key_no_signature_and_no_header_of_a_collector_is_told(command: Command, remote: Remote, shop: Shop) -> None:
    """That no output and no file holds a key is held to by `command` after each test."""
    remote.fault(("PATCH", "*"), "status", status=401, body=json.dumps({"error": f"No key {remote.secrets[0]}."}))
    collector = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_EXPORTER_OTLP_HEADERS": "api-key=hunter2"}
    runs = [
        command(*arguments, code=code, CATALOGSYNC_LOG_FILE="run.log", **(collector if code else {}))
        for arguments, code in (
            (("plan", "-vv"), 0),
            ((*APPLY, "-vv"), 3),
            (("apply", "--auto-approve", "-vv"), 0),
            (("status", "-vv"), 0),
            (("outputs", "-vv"), 0),
            (("drift", "-vv"), 0),
            (("whoami", "-vv"), 0),
            (("feed", "-vv"), 0),
            (("destroy", "--auto-approve", "--json", "-vv"), 0),
        )
    ]
    assert "<secret key>" in runs[1].err, "the remote did echo a key"
    told = (shop.folder / "run.log").read_text().lower() + "".join(ran.err.lower() for ran in runs)
    for secret in ("hunter2", "signature", "policy", "imagine-key", "authorization"):
        assert secret not in told
    assert "post /bucket/" in told


def test_live_bars_do_not_swallow_the_lines_of_a_file(command: Command, shop: Shop) -> None:
    with (shop.folder / "out.ndjson").open("wb") as out, terminal(command, *APPLY, "-v", out=out) as screen:
        assert screen.end() == 0
    lines = logged(shop, "out.ndjson")
    assert lines[-1]["outcome"] == "ok"
    assert "catalogsync.api: POST" in screen.seen
