"""`catalogsync status`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from catalogsync.cli import wiring
from catalogsync.cli.options import json_option, manifest_options, remote_options, state_option
from catalogsync.cli.render.looks import status_document, status_text
from catalogsync.errors import ExitCode
from catalogsync.manifest import load
from catalogsync.workflow.looking import look, remembered


@click.command("status")
@click.argument("targets", nargs=-1)
@manifest_options
@state_option
@remote_options
@click.option("--cached", is_flag=True, help="Only what the last run saw: no call, no credit.")
@json_option
@click.pass_context
def command(
    ctx: click.Context, /, targets: tuple[str, ...], state: Path | None, cached: bool, as_json: bool, **options: Any
) -> int:
    """Show how far the content of each product and each render is.

    TARGETS are addresses, sku_ids or names, with * and ?; without any, everything is shown. Each product and render
    read costs one credit; --cached costs none.
    """
    place = wiring.where(ctx, options["files"])
    catalog = load(place.files, strict=options["strict"], allow_outside=options["allow_outside"]).catalog
    with wiring.open_store(place, state) as store:
        known = store.load()
        looks = remembered(catalog, known, targets)
        if not cached:
            with wiring.remote(place, options, catalog.settings) as api:
                looks = asyncio.run(look(looks, known, api, status=True, urls=False, workers=api.connections))
    click.echo(json.dumps(status_document(looks), indent=2) if as_json else status_text(looks))
    return ExitCode.OK
