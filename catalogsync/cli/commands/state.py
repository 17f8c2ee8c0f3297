"""`catalogsync state ...`."""

from __future__ import annotations

import json
from collections.abc import Collection
from fnmatch import fnmatchcase
from pathlib import Path

import click

from catalogsync.cli import wiring
from catalogsync.cli.commands import state_lock, state_rebuild, state_surgery, state_sweep, state_transfer
from catalogsync.cli.options import file_option, json_option, state_option
from catalogsync.cli.render.history import history_document, history_text
from catalogsync.cli.render.printable import printable
from catalogsync.errors import ExitCode, UsageMistakeError
from catalogsync.model.spelling import closest
from catalogsync.state import state_document


@click.group("state")
def command() -> None:
    """Look at what is remembered between runs, and care for it."""


for one in (state_surgery.rm, state_surgery.mv, state_transfer.pull, state_transfer.push):
    command.add_command(one)
command.add_command(state_lock.unlock)
command.add_command(state_rebuild.rebuild)
command.add_command(state_sweep.command)


@command.command("list")
@click.argument("targets", nargs=-1)
@file_option
@state_option
@json_option
@click.pass_context
def list_(
    ctx: click.Context, /, targets: tuple[str, ...], files: tuple[Path, ...], state: Path | None, as_json: bool
) -> int:
    """List the addresses in the state; TARGETS are globs over them, and one that names nothing is a mistake."""
    bindings = _bindings(ctx, files, state)
    meant = _named(bindings, targets, "state")
    chosen = [address for address in bindings if address in meant]
    if as_json:
        click.echo(json.dumps(chosen, indent=2))
    else:
        for address in chosen:
            click.echo(printable(address))
    return ExitCode.OK


@command.command("show")
@click.argument("address")
@file_option
@state_option
@json_option
@click.pass_context
def show(ctx: click.Context, /, address: str, files: tuple[Path, ...], state: Path | None, as_json: bool) -> int:
    """Show what is remembered of one address."""
    bindings = _bindings(ctx, files, state)
    if address not in bindings:
        raise UsageMistakeError(
            f"{address} is not in the state.", hint="`catalogsync state list` shows the addresses that are."
        )
    document = bindings[address]
    if as_json:
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(f"# {printable(address)}:")
        for line in _pairs(document):
            click.echo(printable(line))
    return ExitCode.OK


@command.command("history")
@click.argument("targets", nargs=-1)
@file_option
@state_option
@json_option
@click.pass_context
def history(
    ctx: click.Context, /, targets: tuple[str, ...], files: tuple[Path, ...], state: Path | None, as_json: bool
) -> int:
    """Tell what was sent for each resource, and what became of it; TARGETS are globs over addresses.

    The journal holds the calls that must not happen twice: creates, jobs, renders and deletes.
    """
    with wiring.open_store(wiring.where(ctx, files), state, create=False) as store:
        runs = store.runs()
        rows = store.history()
    meant = _named({row.address for row in rows}, targets, "journal")
    rows = [row for row in rows if row.address in meant]
    if as_json:
        click.echo(json.dumps(history_document(rows, runs), indent=2))
    for line in () if as_json else history_text(rows, runs):
        click.echo(line)
    return ExitCode.OK


def _named(addresses: Collection[str], targets: tuple[str, ...], where: str) -> set[str]:
    """Those of the addresses that are meant. Raises UsageMistakeError for a target that names none of them."""
    found = {target: {address for address in addresses if fnmatchcase(address, target)} for target in targets}
    for target, meant in found.items():
        if not meant:
            near = closest(target, addresses)
            hint = f"Did you mean {', '.join(near)}?" if near else "Without an address all of it is shown."
            raise UsageMistakeError(f"The {where} has nothing of {target}.", hint=hint)
    return set().union(*found.values()) if targets else set(addresses)


def _bindings(ctx: click.Context, files: tuple[Path, ...], state: Path | None) -> dict[str, dict[str, object]]:
    place = wiring.where(ctx, files)
    with wiring.open_store(place, state, create=False) as store:
        document = state_document(store.load())
    sections = (document[section] for section in ("products", "contents", "renders"))
    found = {
        address: binding for section in sections if isinstance(section, dict) for address, binding in section.items()
    }
    return {address: _without_forms(binding) for address, binding in found.items()}


def _without_forms(binding: dict[str, object]) -> dict[str, object]:
    """An open upload form lets anybody upload: that it is open is enough to show."""
    return {name: "open" if name.endswith("_form") and value else value for name, value in binding.items()}


def _pairs(document: dict[str, object], indent: str = "  ") -> list[str]:
    lines = []
    for name, value in document.items():
        if isinstance(value, dict):
            lines += [f"{indent}{name}:", *_pairs(value, indent + "  ")]
        else:
            lines.append(f"{indent}{name} = {json.dumps(value, ensure_ascii=False)}")
    return lines
