"""`catalogsync state rm` and `catalogsync state mv`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from catalogsync.cli import wiring
from catalogsync.cli.options import file_option, json_option, lock_option, state_option
from catalogsync.cli.render.printable import printable
from catalogsync.errors import ExitCode
from catalogsync.workflow.surgery import Surgery, forgetting, moving, operate

dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")


@click.command("rm")
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@dry_run_option
@file_option
@state_option
@lock_option
@json_option
@click.pass_context
def rm(
    ctx: click.Context,
    /,
    addresses: tuple[str, ...],
    dry_run: bool,
    files: tuple[Path, ...],
    state: Path | None,
    lock_timeout: float,
    as_json: bool,
) -> int:
    """Forget resources; they stay as they are on the remote. A product's content is forgotten with it.

    A product that the manifest still names is adopted again by the next apply.
    """
    with wiring.locked_store(wiring.where(ctx, files), state, "state rm", lock_timeout) as store:
        surgery = forgetting(store.load(), addresses)
        serial = None if dry_run else operate(store, surgery, f"state rm {' '.join(addresses)}")
    if as_json:
        removed = [source for source, _ in surgery.moves]
        _tell({"removed": removed, "notes": list(surgery.notes), "dry_run": dry_run, "serial": serial})
        return ExitCode.OK
    _say(surgery, "Would remove {}" if dry_run else "Removed {}")
    if not dry_run:
        click.echo(f"Successfully removed {len(surgery.moves)} resource(s) from the state.")
    return ExitCode.OK


@click.command("mv")
@click.argument("source")
@click.argument("destination")
@dry_run_option
@file_option
@state_option
@lock_option
@json_option
@click.pass_context
def mv(
    ctx: click.Context,
    /,
    source: str,
    destination: str,
    dry_run: bool,
    files: tuple[Path, ...],
    state: Path | None,
    lock_timeout: float,
    as_json: bool,
) -> int:
    """Give a product or a render another address; a product's content goes with it.

    `moved:` in the manifest does the same in a plan, where others can review it.
    """
    with wiring.locked_store(wiring.where(ctx, files), state, "state mv", lock_timeout) as store:
        surgery = moving(store.load(), source, destination)
        serial = None if dry_run else operate(store, surgery, f"state mv {source} {destination}")
    if as_json:
        moved = [{"from": one, "to": other} for one, other in surgery.moves]
        _tell({"moved": moved, "dry_run": dry_run, "serial": serial})
        return ExitCode.OK
    _say(surgery, 'Would move "{}" to "{}"' if dry_run else 'Move "{}" to "{}"')
    if not dry_run:
        click.echo(f"Successfully moved {len(surgery.moves)} resource(s).")
    return ExitCode.OK


def _say(surgery: Surgery, sentence: str) -> None:
    for move in surgery.moves:
        click.echo(printable(sentence.format(*move)))
    for note in surgery.notes:
        click.echo(printable(note))


def _tell(document: dict[str, object]) -> None:
    click.echo(json.dumps(document, indent=2))
