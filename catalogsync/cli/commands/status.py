"""`catalogsync status`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from catalogsync.cli import wiring
from catalogsync.cli.options import json_option, manifest_options, refresh_option, remote_options, state_option
from catalogsync.cli.render.looks import status_document, status_text
from catalogsync.errors import ExitCode
from catalogsync.manifest import load
from catalogsync.observe import Refresh
from catalogsync.workflow.looking import Reads, look, remembered, to_read


@click.command("status")
@click.argument("targets", nargs=-1)
@manifest_options
@state_option
@remote_options
@refresh_option("What is read: what the state does not remember as done, everything, or nothing.")
@json_option
@click.pass_context
def command(
    ctx: click.Context, /, targets: tuple[str, ...], state: Path | None, refresh: str, as_json: bool, **options: Any
) -> int:
    """Show how far the content of each product and each render is.

    TARGETS are addresses, sku_ids or names, with * and ?; without any, everything is shown. Each product and render
    read costs one credit; what is remembered costs none, and is shown with the time when it was read.
    """
    place = wiring.where(ctx, options["files"])
    catalog = load(place.files, strict=options["strict"], allow_outside=options["allow_outside"]).catalog
    with wiring.open_store(place, state) as store:
        known = store.load()
        looks = remembered(catalog, known, targets)
        if part := to_read(looks, Refresh(refresh)):
            with wiring.remote(place, options, catalog.settings) as api:
                looks = asyncio.run(look(looks, known, api, Reads(part), workers=api.connections))
    click.echo(json.dumps(status_document(looks), indent=2) if as_json else status_text(looks))
    return ExitCode.OK
