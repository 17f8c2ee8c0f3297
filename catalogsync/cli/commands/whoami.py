"""`catalogsync whoami`."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import click

from catalogsync.cli import wiring
from catalogsync.cli.options import file_option, json_option, remote_options
from catalogsync.cli.render.identity import identity_text
from catalogsync.errors import ExitCode
from catalogsync.workflow.account import identify_account


@click.command("whoami")
@file_option
@remote_options
@json_option
@click.pass_context
def command(ctx: click.Context, /, as_json: bool, **options: Any) -> int:
    """Show which keys are in use, whether they work, and the credits left.

    Each key is tried with one read, for one credit. Keys themselves are never shown.
    """
    place = wiring.where(ctx, options["files"])
    with wiring.remote(place, options) as api:
        identity = asyncio.run(identify_account(api))
    click.echo(json.dumps(identity.as_json(), indent=2) if as_json else identity_text(identity))
    return ExitCode.OK if identity.usable else ExitCode.ERROR
