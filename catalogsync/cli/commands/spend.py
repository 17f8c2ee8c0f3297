"""`catalogsync spend`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from catalogsync.cli import wiring
from catalogsync.cli.options import file_option, json_option, state_option
from catalogsync.cli.render.spend import spend_document, spend_text
from catalogsync.errors import ExitCode
from catalogsync.workflow.spending import By, gaps_of, run_named, since, spend_of


@click.command("spend")
@click.option("--run", "run_id", metavar="ID", help="Only this run; the first letters of its id are enough.")
@click.option(
    "--by",
    type=click.Choice([by.value for by in By]),
    help="Add up by this.  [default: run; with --run: resource]",
)
@click.option("--since", "date", metavar="DATE", help="Only runs that started then or later, in UTC.")
@file_option
@state_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    run_id: str | None,
    by: str | None,
    date: str | None,
    files: tuple[Path, ...],
    state: Path | None,
    as_json: bool,
) -> int:
    """Show what runs were charged beside what their plans predicted. No call is made.

    The reading before a plan is the resource "reading". What left the account without being in any run (plans, other
    users, calls that were cut off) is said where the balance shows it.
    """
    with wiring.open_store(wiring.where(ctx, files), state, create=False) as store:
        known = store.runs()
        runs = [run_named(known, run_id)] if run_id else since(known, date) if date else known
        charges = store.charges(runs[0].run_id if run_id else None)
    gaps = tuple(gap for gap in gaps_of(known) if gap.run in runs)
    spend = spend_of(runs, charges, By(by or (By.RESOURCE if run_id else By.RUN)), gaps)
    if as_json:
        click.echo(json.dumps(spend_document(spend), indent=2))
    for line in () if as_json else spend_text(spend):
        click.echo(line)
    return ExitCode.OK
