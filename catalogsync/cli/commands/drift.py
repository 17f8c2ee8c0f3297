"""`catalogsync drift`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from catalogsync.cli import wiring
from catalogsync.cli.options import file_option, json_option, remote_options, state_option, target_options
from catalogsync.cli.render.drift import drift_document, drift_text
from catalogsync.errors import ExitCode
from catalogsync.workflow.drifting import look_for_drift


@click.command("drift")
@file_option
@state_option
@remote_options
@target_options
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when something has drifted.")
@json_option
@click.pass_context
def command(ctx: click.Context, /, state: Path | None, detailed_exitcode: bool, as_json: bool, **options: Any) -> int:
    """Show what changed on the remote since the last run, whatever the manifest says. Nothing is changed.

    The remote is compared with what the state remembers: fields, content, renders, and products that are gone. The
    manifest is not read. Each product with content costs a credit for its status, and each render one for a page;
    with a selection only what is meant is read. `catalogsync schema drift` describes the JSON.
    """
    place = wiring.where(ctx, options["files"])
    meant = wiring.selection_of(options)
    with wiring.open_store(place, state) as store:
        known = store.load()
        with wiring.remote(place, options) as api:
            look = asyncio.run(
                look_for_drift(known, api, api.connections, lambda text: click.echo(text, err=True), meant),
            )
    click.echo(json.dumps(drift_document(look), indent=2) if as_json else drift_text(look))
    return ExitCode.CHANGES_PRESENT if detailed_exitcode and look.drifted else ExitCode.OK
