"""`catalogsync state pull` and `catalogsync state push`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from catalogsync.cli import wiring
from catalogsync.cli.options import file_option, json_option, lock_option, state_option
from catalogsync.errors import ExitCode, UsageMistakeError
from catalogsync.state import state_document
from catalogsync.workflow.transfer import push as push_state
from catalogsync.workflow.transfer import read_document


@click.command("pull")
@file_option
@state_option
@click.pass_context
def pull(ctx: click.Context, /, files: tuple[Path, ...], state: Path | None) -> int:
    """Print the whole state as one JSON document, for `push` and for programs.

    While an upload is open its form is in it, which lets anybody upload: keep it private.
    """
    with wiring.open_store(wiring.where(ctx, files), state, create=False) as store:
        click.echo(json.dumps(state_document(store.load()), indent=2))
    return ExitCode.OK


@click.command("push")
@click.argument("path", metavar="FILE|-", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--force", is_flag=True, help="Also a document of another lineage, or with a lower serial.")
@file_option
@state_option
@lock_option
@json_option
@click.pass_context
def push(
    ctx: click.Context,
    /,
    path: Path,
    force: bool,
    files: tuple[Path, ...],
    state: Path | None,
    lock_timeout: float,
    as_json: bool,
) -> int:
    """Replace the state with a document that `pull` printed. A copy of what is replaced is kept beside it.

    Calls whose outcome is not known yet stay open, whatever the document says of them.
    """
    name = "the standard input" if str(path) == "-" else str(path)
    document = read_document(_text(path), name)
    with wiring.locked_store(wiring.where(ctx, files), state, "state push", lock_timeout, create=True) as store:
        pushed = push_state(store, document, force=force, command="state push")
    if as_json:
        told = {
            "lineage": pushed.lineage,
            "serial": pushed.serial,
            "resources": pushed.resources,
            "open_calls": pushed.open_calls,
            "kept": str(pushed.kept),
        }
        click.echo(json.dumps(told, indent=2))
        return ExitCode.OK
    click.echo(f"Pushed {pushed.resources} resource(s), serial {pushed.serial}.")
    click.echo(f"What was there is kept in {pushed.kept}.")
    return ExitCode.OK


def _text(path: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise UsageMistakeError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageMistakeError(f"{path} is no text in UTF-8.") from error
