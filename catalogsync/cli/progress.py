"""Progress on stderr: plain lines in CI and pipes, live upload bars on a terminal. Terraform's words."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from catalogsync.cli.render.printable import harmless, printable
from catalogsync.cli.uploading import Uploads, elapsed_text
from catalogsync.model.calls import CallMade, CallPaused
from catalogsync.model.events import (
    ChangeCompleted,
    ChangeFailed,
    ChangeLeft,
    ChangeRecovered,
    ChangeSkipped,
    ChangeStarted,
    RunEvent,
    RunStopping,
    StillRunning,
    UploadProgress,
)

if TYPE_CHECKING:
    from catalogsync.apply.ports import Reporter

# action -> (while it runs, when it is done)
_WORDS = {
    "create": ("Creating", "Creation"),
    "generate": ("Creating", "Creation"),
    "render": ("Creating", "Creation"),
    "update": ("Modifying", "Modifications"),
    "archive": ("Modifying", "Modifications"),
    "park": ("Modifying", "Modifications"),
    "replace": ("Replacing", "Replacement"),
    "adopt": ("Importing", "Import"),
    "delete": ("Destroying", "Destruction"),
    "forget": ("Forgetting", "Forgetting"),
    "await": ("Waiting", "Waiting"),
}


def line_of(event: RunEvent) -> str | None:  # noqa: PLR0911 - one line for each type of event
    """The line for an event, None when it is not worth one. Addresses and messages may be other people's text."""
    match event:
        case ChangeStarted(address, action):
            return f"{printable(address)}: {_WORDS[action][0]}..."
        case StillRunning(address, action, elapsed):
            return f"{printable(address)}: Still {_WORDS[action][0].lower()}... [{elapsed_text(elapsed)} elapsed]"
        case ChangeCompleted(address, action, elapsed, remote_id):
            identity = f" [id={printable(remote_id)}]" if remote_id else ""
            return f"{printable(address)}: {_WORDS[action][1]} complete after {elapsed_text(elapsed)}{identity}"
        case ChangeFailed(address, _, _, message, hint):
            said = harmless(f"{address}: {message}" + (f"\n  {hint}" if hint else ""))
            return f"{click.style('Error:', fg='red')} {said}"
        case ChangeSkipped(address, _, because):
            return printable(f"{address}: Skipped ({because})")
        case ChangeLeft(address):
            return f"{printable(address)}: Still processing at the remote; a later apply or wait picks it up"
        case ChangeRecovered(address, message):
            return f"{click.style('Note:', fg='yellow')} {printable(f'{address}: {message}')}"
        case RunStopping(because):
            return f"Stopping: {printable(because)} What runs is finished and saved; nothing new is started."
        case UploadProgress() | CallMade() | CallPaused():
            return None


def is_live() -> bool:
    """Live bars only where a person looks: a terminal on stderr, not CI, not a dumb terminal."""
    return sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


@contextmanager
def reporting(*, color: bool, total: int) -> Iterator[Reporter]:
    """A reporter for one run of `total` changes."""
    if not is_live():
        uploads = Uploads()
        yield lambda event: _print_line(uploads.line_of(event) if isinstance(event, UploadProgress) else line_of(event))
        return
    with _live(color=color, total=total) as report:
        yield report


def _print_line(line: str | None) -> None:
    if line is not None:
        click.echo(line, err=True)


_ENDINGS = (ChangeCompleted, ChangeFailed, ChangeLeft, ChangeSkipped)


@contextmanager
def _live(*, color: bool, total: int) -> Iterator[Reporter]:
    """Lines scroll by above one bar for the run and one for each upload under way."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
    from rich.text import Text

    console = Console(stderr=True, no_color=not color, highlight=False, soft_wrap=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[amount]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as progress:
        run = progress.add_task("Applying", total=total, amount=f"0 of {total}")
        ended = 0
        bars: dict[tuple[str, str], TaskID] = {}
        uploads = Uploads()

        def upload(event: UploadProgress) -> None:
            key = (event.address, event.file)
            if key not in bars:
                bars[key] = progress.add_task(printable(f"{event.address}: {event.file}"), total=event.size, amount="")
            progress.update(bars[key], completed=event.sent, amount=uploads.pace_of(event).text)
            if event.sent == event.size:
                progress.remove_task(bars.pop(key))

        def report(event: RunEvent) -> None:
            nonlocal ended
            if isinstance(event, UploadProgress):
                upload(event)
                return
            if isinstance(event, _ENDINGS):
                ended += 1
                progress.update(run, completed=ended, amount=f"{ended} of {total}")
            line = line_of(event)
            if line is not None:
                progress.console.print(Text.from_ansi(line))

        yield report
