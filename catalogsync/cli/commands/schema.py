"""`catalogsync schema`."""

from __future__ import annotations

import click

from catalogsync.errors import ExitCode
from catalogsync.manifest import schema_text


@click.command("schema")
def command() -> int:
    """Print the JSON Schema of the manifest, for editors and other tools."""
    click.echo(schema_text().rstrip("\n"))
    return ExitCode.OK
