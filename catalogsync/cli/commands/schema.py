"""`catalogsync schema`."""

from __future__ import annotations

import click

from catalogsync.errors import ExitCode
from catalogsync.manifest import SCHEMAS, schema_text


@click.command("schema")
@click.argument("name", required=False, type=click.Choice(SCHEMAS), default=SCHEMAS[0])
def command(name: str) -> int:
    """Print a JSON Schema, for editors and other tools.

    Of the manifest (catalog, which is meant when nothing is given), of plans as JSON, of the state as `state pull`
    prints it, of the events that `apply --json` prints and log files hold, of drift as `drift --json` prints it, or of
    leftovers as `state sweep --json` prints them.
    """
    click.echo(schema_text(name).rstrip("\n"))
    return ExitCode.OK
