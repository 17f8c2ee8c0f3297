"""stdout carries results and stderr progress; what reads them may go away, or have no room."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest
from e2e_command import PROGRAM, Command
from e2e_remote import Remote
from e2e_shop import Shop, product


def test_results_go_to_stdout_and_progress_to_stderr(command: Command) -> None:
    planned = command("plan")
    assert planned.err == "Reading all 0 products (1 credit).\n"
    assert planned.out.startswith("Actions are indicated with the following symbols:\n")
    applied = command("apply", "--auto-approve")
    assert "Creating..." not in applied.out
    assert "Apply complete!" not in applied.err
    assert applied.err.splitlines()[0] == "Reading all 0 products (1 credit)."
    failed = command("state", "show", "product.none", code=1)
    assert failed.out == ""
    assert failed.err.startswith("Error: product.none is not in the state.\n")


def test_a_closed_stdin_is_one_where_nobody_can_answer(command: Command) -> None:
    ran = command("apply", code=1, wrap=("sh", "-c", 'exec "$@" <&-', "sh"))
    assert "Nobody can approve" in ran.err
    assert "--auto-approve" in ran.err


def run_with(command: Command, *arguments: str, out: int, err: int = subprocess.PIPE) -> tuple[int, str]:
    """A run whose streams the test chose: its exit code and stderr."""
    process = subprocess.run(
        [*PROGRAM, *arguments],
        cwd=command.folder,
        env=command.env(),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        timeout=60,
        check=False,
    )
    return process.returncode, (process.stderr or b"").decode()


@pytest.fixture
def unread() -> int:
    """The writing end of a pipe whose reader has gone, as after `| head -1`."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    yield write_end
    os.close(write_end)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("plan",), 0),
        (("plan", "--json"), 0),
        (("plan", "--detailed-exitcode"), 2),
        (("validate",), 0),
        (("schema",), 0),
        (("--help",), 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_a_reader_that_went_away_is_no_error(
    arguments: tuple[str, ...], code: int, command: Command, unread: int
) -> None:
    ended, err = run_with(command, *arguments, out=unread)
    assert ended == code
    assert "Traceback" not in err
    assert "Error" not in err


def test_an_apply_goes_on_when_nobody_reads_it(command: Command, unread: int) -> None:
    """Stopping half-way, or ending with 0 without having applied, would be worse than words that nobody reads."""
    assert run_with(command, "apply", "--auto-approve", out=unread, err=unread)[0] == 0
    assert command("plan", "--detailed-exitcode").out.startswith("No changes.")


def test_an_error_that_nobody_reads_has_its_exit_code(command: Command, shop: Shop, unread: int) -> None:
    shop.manifest.unlink()
    assert run_with(command, "plan", out=unread, err=unread)[0] == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [("plan",), ("validate",), ("schema",), ("apply", "--auto-approve")])
def test_a_result_that_finds_no_room_is_an_error_in_words(
    arguments: tuple[str, ...], command: Command, remote: Remote
) -> None:
    with Path("/dev/full").open("wb") as full:
        code, err = run_with(command, *arguments, out=full.fileno())
    assert code == 1
    assert "Error: The output could not be written: No space left on device." in err
    assert "Traceback" not in err
    assert remote.writes() == []


def test_a_long_plan_for_head_shows_its_beginning(command: Command, shop: Shop) -> None:
    shop.products = [product(f"P-{number}") for number in range(400)]
    shop.renders = []
    shop.write()
    script = f'{shlex.join(PROGRAM)} plan | head -1; echo "${{PIPESTATUS[0]}}"'
    process = subprocess.run(
        ["bash", "-c", script], cwd=command.folder, env=command.env(), capture_output=True, text=True, check=True
    )
    assert process.stdout.splitlines() == ["Actions are indicated with the following symbols:", "0"]
    assert "Traceback" not in process.stderr


def test_letters_that_a_stream_cannot_show_are_escaped(command: Command, shop: Shop) -> None:
    shop.products[0] |= {"name": "Лампа", "key": "лампа"}
    shop.write()
    applied = command("apply", "--auto-approve", PYTHONIOENCODING="latin-1")
    assert "Apply complete!" in applied.out
    assert r'= "\u041b\u0430\u043c\u043f\u0430"' in applied.out


def test_a_stream_that_is_closed_from_the_start_is_no_error(command: Command) -> None:
    assert command("validate", wrap=["sh", "-c", 'exec "$@" >&- 2>&-', "sh"]).out == ""
