"""`catalogsync state unlock`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from catalogsync.cli import wiring
from catalogsync.cli.options import file_option, json_option, state_option
from catalogsync.errors import ExitCode, UsageMistakeError
from catalogsync.state import Owner, StateStore
from catalogsync.state.rows import utc_now


@click.command("unlock")
@click.option("--force", is_flag=True, help="Do not ask.")
@file_option
@state_option
@json_option
@click.pass_context
def unlock(ctx: click.Context, /, force: bool, files: tuple[Path, ...], state: Path | None, as_json: bool) -> int:
    """Break the lock of a run that is dead or stuck.

    A dead run on this machine needs no unlocking, and the lease of one on another machine ends by itself within a
    minute. A run that lives on all the same is stopped at its next write.
    """
    if as_json and not force:
        raise UsageMistakeError("--json cannot ask.", hint="Add --force.")
    with wiring.open_store(wiring.where(ctx, files), state, create=False) as store:
        owner = store.owner()
        if owner is not None and not force and not _approved(store, owner):
            return ExitCode.ERROR
        if owner is not None or force:  # where there was no room left for its name, a holder is not known
            store.unlock()
    if as_json:
        click.echo(json.dumps({"unlocked": owner is not None, "owner": asdict(owner) if owner else None}, indent=2))
    elif owner is None:
        click.echo("The state is not locked.")
    else:
        click.echo(f"The state is unlocked; it was locked by {owner.described(utc_now())}.")
    return ExitCode.OK


def _approved(store: StateStore, owner: Owner) -> bool:
    """Raises UsageMistakeError where nobody can be asked."""
    click.echo(f"The state {store.path} is locked by {owner.described(utc_now())}.")
    if not sys.stdin.isatty():
        raise UsageMistakeError("Nobody can approve: the standard input is not a terminal.", hint="Add --force.")
    click.echo("\nDo you really want to unlock it? If that run still works on it, it is stopped at its next write.")
    answer: str = click.prompt("  Only 'yes' will be accepted", default="", show_default=False, prompt_suffix=": ")
    if answer != "yes":
        click.echo("\nUnlocking cancelled.")
    return answer == "yes"
