"""`catalogsync sandbox open|reset|logs|faults|scenes`: what is done to a sandbox from outside."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from catalogsync.cli import wiring
from catalogsync.cli.options import file_option, json_option, together
from catalogsync.cli.render.sandbox import failure_line, faults_text, request_line, scenes_text
from catalogsync.errors import ExitCode, UsageMistakeError

if TYPE_CHECKING:
    from catalogsync.sandbox.remote_control import RemoteControl

FOLLOW_SECONDS = 0.5
STATE = "state.db"  # the state that --sandbox keeps beside the account it speaks of
STATE_FILES = (STATE, f"{STATE}-wal", f"{STATE}-shm", f"{STATE}.lock")

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the sandbox keeps its data.  [default: .catalogsync/sandbox beside the manifest]",
)
where_options = together(data_option, file_option)


@contextmanager
def _running(ctx: click.Context, data: Path | None, files: tuple[Path, ...]) -> Iterator[RemoteControl]:
    """The sandbox that serves the data folder; without one it is said how to serve."""
    from catalogsync.sandbox import SandboxNotServedError, remote_control

    folder = data or wiring.where(ctx, files).sandbox_data
    try:
        yield remote_control.find(folder)
    except SandboxNotServedError as error:
        given = f" --data {data}" if data else "".join(f" -f {file}" for file in files)
        raise UsageMistakeError(str(error), hint=f"Start one: catalogsync sandbox serve{given}") from error


@click.command("open")
@where_options
@click.pass_context
def open_(ctx: click.Context, /, data: Path | None, files: tuple[Path, ...]) -> int:
    """Open the home page of the running sandbox in a browser, and print its URL."""
    import webbrowser

    with _running(ctx, data, files) as control:
        click.echo(f"{control.url}/")
        if not webbrowser.open(f"{control.url}/"):
            click.echo("No browser could be opened.", err=True)
    return ExitCode.OK


@click.command("reset")
@click.option("--auto-approve", "--yes", "yes", is_flag=True, help="Do not ask.")
@where_options
@click.pass_context
def reset(ctx: click.Context, /, yes: bool, data: Path | None, files: tuple[Path, ...]) -> int:
    """Remove the sandbox's account, products and files, and the state that --sandbox has of them.

    Nothing else in the folder is touched. Refuses while a sandbox serves it.
    """
    from catalogsync.sandbox import emptying

    folder = data or wiring.where(ctx, files).sandbox_data
    if not yes and not _agreed(folder):
        click.echo("Nothing was removed.")
        return ExitCode.ERROR
    with wiring.sandbox_errors():
        removed = emptying.empty(folder, *(() if data else STATE_FILES))
    click.echo(f"Removed from {folder}: {', '.join(removed)}.")
    return ExitCode.OK


def _agreed(folder: Path) -> bool:
    """Raises UsageMistakeError where nobody can be asked."""
    if not sys.stdin.isatty():
        raise UsageMistakeError("Nobody can approve: the standard input is not a terminal.", hint="Add --auto-approve.")
    answer: str = click.prompt(f"Remove all data of the sandbox in {folder}? Only 'yes' is yes", default="")
    return answer == "yes"


@click.command("logs")
@click.option("--follow", is_flag=True, help="Go on with what comes, until interrupted or the sandbox ends.")
@click.option("--failures", is_flag=True, help="Show what could not be made, and why, instead of requests.")
@click.option("--lines", type=click.IntRange(0), default=50, show_default=True, help="How many of the last to show.")
@json_option
@where_options
@click.pass_context
def logs(ctx: click.Context, /, data: Path | None, files: tuple[Path, ...], **options: Any) -> int:
    """Show the requests that the running sandbox got. --json prints one object per line."""
    if options["failures"] and options["follow"]:
        raise UsageMistakeError("--failures cannot be followed.")
    kind, line = ("failures", failure_line) if options["failures"] else ("requests", request_line)
    show = json.dumps if options["as_json"] else line
    with _running(ctx, data, files) as control:
        rows = control.log()[kind]
        for row in rows[-options["lines"] or len(rows) :]:
            click.echo(show(row))
        if options["follow"]:
            last = rows[-1]["id"] if rows else 0
            for row in _following(control, last):
                click.echo(show(row))
    return ExitCode.OK


def _following(control: RemoteControl, last: int) -> Iterator[dict[str, Any]]:
    """Requests as they come, until an interrupt or the end of the sandbox: both are how following ends."""
    from catalogsync.sandbox import SandboxNotServedError

    try:
        while True:
            for row in control.log(last)["requests"]:
                last = row["id"]
                yield row
            time.sleep(FOLLOW_SECONDS)
    except KeyboardInterrupt:
        return
    except SandboxNotServedError:
        click.echo("The sandbox ended.", err=True)


@click.group("faults")
def faults() -> None:
    """Have the running sandbox do something wrong on purpose."""


@faults.command("list")
@json_option
@where_options
@click.pass_context
def list_(ctx: click.Context, /, data: Path | None, files: tuple[Path, ...], as_json: bool) -> int:
    """Show the faults that are set, and all that can be."""
    with _running(ctx, data, files) as control:
        told = control.faults()
    click.echo(json.dumps(told, indent=2) if as_json else faults_text(told))
    return ExitCode.OK


@faults.command("set")
@click.argument("name")
@click.option("--times", type=click.IntRange(1), help="How many requests suffer.  [default: 1; with --share, all]")
@click.option("--after", type=click.IntRange(0), help="How many matching requests pass first.")
@click.option("--share", type=click.FloatRange(0, 1), help="Only this part of them, 0.1 for example.")
@click.option("--seed", type=int, help="Which ones --share draws: the same for the same seed.")
@click.option("--path", metavar="GLOB", help="Only requests of these paths.")
@click.option("--method", metavar="GLOB", help="Only requests of these methods.")
@click.option("--seconds", type=click.FloatRange(0), help="How long `slow` waits.")
@where_options
@click.pass_context
def set_(ctx: click.Context, /, name: str, data: Path | None, files: tuple[Path, ...], **scales: Any) -> int:
    """Set the fault NAME; `faults list` shows the names."""
    from catalogsync.sandbox import SandboxRefusedError

    chosen = {scale: value for scale, value in scales.items() if value is not None}
    with _running(ctx, data, files) as control:
        try:
            control.set_fault(name, chosen)
        except SandboxRefusedError as error:
            why = str(error).removeprefix("rules: ")
            hint = "`catalogsync sandbox faults list` shows all names."
            raise UsageMistakeError(f"{name}: {why}.", hint=hint) from error
    click.echo(f"Set: {name}.")
    return ExitCode.OK


@faults.command("clear")
@where_options
@click.pass_context
def clear(ctx: click.Context, /, data: Path | None, files: tuple[Path, ...]) -> int:
    """Clear all faults; the sandbox behaves again as it was started, but credits stay as they are."""
    with _running(ctx, data, files) as control:
        control.clear_faults()
    click.echo("Cleared.")
    return ExitCode.OK


@click.command("scenes")
@json_option
def scenes(as_json: bool) -> int:
    """Show the sandbox's scenes with their cameras, its materials and units, for `renders:` of a manifest."""
    from catalogsync.sandbox.scenes import as_json as world

    click.echo(json.dumps(world(), indent=2) if as_json else scenes_text(world()))
    return ExitCode.OK


COMMANDS = (open_, reset, logs, faults, scenes)
