"""The entry point: commands by name, errors in words, interrupts, and streams that nobody reads."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from catalogsync.cli import main as entry
from catalogsync.cli.commands import feed
from catalogsync.cli.complaints import SHOWN, tell
from catalogsync.cli.main import COMMANDS, main, outcome_of
from catalogsync.cli.running import perform
from catalogsync.cli.streams import SturdyFile, nobody_reads, protect_streams
from catalogsync.errors import CatalogSyncError, ManifestError, Place, Problem, Severity, StateLockedError
from catalogsync.model.feed import FeedImage


def test_every_command_has_the_help_that_the_list_shows() -> None:
    """The list has words of its own, so that showing it imports no command."""
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        assert command.name == name
        assert command.get_short_help_str(200), name
    assert main.list_commands(click.Context(main)) == list(COMMANDS)
    assert main.get_command(click.Context(main), "nonsense") is None


def ending(how: BaseException | int | None) -> click.Command:
    def callback() -> int | None:
        if isinstance(how, BaseException):
            raise how
        return how

    return click.Command("x", callback=callback)


ENDINGS: dict[str, tuple[BaseException | int | None, int, str]] = {
    "a code": (4, 4, ""),
    "nothing": (None, 0, ""),
    "click's exit": (click.exceptions.Exit(6), 6, ""),
    "a usage error": (click.UsageError("No such option."), 1, "Error: No such option.\n"),
    "an error of ours": (CatalogSyncError("It broke.", hint="Mend it."), 1, "Error: It broke.\n  Mend it.\n"),
    "an error with a code": (StateLockedError("Locked."), 7, "Error: Locked.\n"),
    "an interrupt": (KeyboardInterrupt(), 130, "\nInterrupted.\n"),
    "an abort": (click.Abort(), 130, "Interrupted.\n"),
}


@pytest.mark.parametrize(("how", "code", "said"), ENDINGS.values(), ids=ENDINGS)
def test_whatever_ends_a_command_has_an_exit_code_and_words(
    how: BaseException | int | None,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(entry.LazyGroup, "get_command", lambda *_: ending(how))
    assert outcome_of(["x"]) == code
    assert click.unstyle(capsys.readouterr().err).endswith(said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plann"], "No such command 'plann'. Did you mean 'plan'?"),
        (["sync"], "No such command 'sync'."),
        (["spend", "--sandbox"], "--sandbox goes before the command: catalogsync --sandbox spend"),
        (["state", "list", "--no-color"], "--no-color goes before the command: catalogsync --no-color state list"),
        (["plan", "-target=product.LAMP"], "No such option '-target'. Did you mean '--target'?"),
        (["apply", "-auto-approve"], "No such option '-auto-approve'. Did you mean '--auto-approve'?"),
        (["plan", "-x"], "No such option '-x'."),
    ],
)
def test_what_is_nearly_a_command_or_an_option_is_named(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome_of(arguments) == 1
    assert capsys.readouterr().err.rstrip().endswith(f"Error: {said}")


def test_problems_come_with_their_place_and_a_long_list_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem(Place("catalog.yaml", 3, 5), "unknown-key", "`nam` is no key", "write name")
    warning = Problem(Place("catalog.yaml"), "gtin-check", "odd", "look", Severity.WARNING)
    tell(ManifestError([problem, warning, *[problem] * SHOWN]))
    lines = click.unstyle(capsys.readouterr().err).splitlines()
    assert lines[0] == "catalog.yaml:3:5 error[unknown-key] `nam` is no key (write name)"
    assert lines[1] == "catalog.yaml warning[gtin-check] odd (look)"
    assert lines[-2:] == ["... and 2 more.", f"Error: The manifest has {SHOWN + 1} errors."]


def test_a_feed_that_nobody_reads_is_not_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    image = FeedImage(1, "Front", "Hero", "http://f", "", "", (), "", "")
    feed._print(image)
    monkeypatch.setattr(feed, "nobody_reads", lambda: True)
    with pytest.raises(click.exceptions.Exit):
        feed._print(image)


class StubbornRun:
    """Is interrupted the moment it starts, and once more while it stops; it has no result to give."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def apply(self, command: str) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

    def interrupt(self, because: str) -> None:
        self.heard.append(because)
        os.kill(os.getpid(), signal.SIGTERM)


def test_a_second_interrupt_without_a_result_is_an_abort() -> None:
    """So it is when it comes before the plan runs, or while the end is being written."""
    run = StubbornRun()
    with pytest.raises(click.Abort):
        perform(lambda _: run, "apply", color=False, total=1)  # type: ignore[arg-type,return-value]  # a stand-in
    assert run.heard == ["SIGINT received."]


@pytest.fixture
def unread() -> int:
    read_end, write_end = os.pipe()
    os.close(read_end)
    yield write_end
    os.close(write_end)


def test_a_file_that_nobody_reads_goes_silent(unread: int) -> None:
    file = SturdyFile(unread, needed=True)
    assert not file.silenced
    assert file.write(b"hello") == 5
    assert file.silenced
    assert file.write(b"again") == 5, "it goes nowhere, and that is fine"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("needed", [True, False])
def test_a_file_without_room_is_an_error_only_where_it_is_needed(needed: bool) -> None:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    try:
        file = SturdyFile(descriptor, needed=needed)
        if needed:
            with pytest.raises(CatalogSyncError, match="could not be written: No space left on device"):
                file.write(b"hello")
        assert file.write(b"hello") == 5
        assert file.silenced
    finally:
        os.close(descriptor)


def streams_on(descriptor: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    monkeypatch.setattr(sys, "stdout", open(descriptor, "w", closefd=False, encoding="latin-1"))  # noqa: SIM115 - stdout
    monkeypatch.setattr(sys, "stderr", None)
    protect_streams()
    return nobody_reads


def test_protected_streams_escape_letters_and_know_when_nobody_reads(
    tmp_path: Path, unread: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "out").open("wb") as out:
        gone = streams_on(out.fileno(), monkeypatch)
        click.echo("Лампа, ä")
        assert not gone()
    assert (tmp_path / "out").read_bytes() == b"\\u041b\\u0430\\u043c\\u043f\\u0430, \xe4\n"
    gone = streams_on(unread, monkeypatch)
    click.echo("hello")
    assert gone()
    assert sys.stderr is None, "a stream that was closed from the start stays away"
