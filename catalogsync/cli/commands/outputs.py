"""`catalogsync outputs`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from catalogsync.cli import wiring
from catalogsync.cli.options import json_option, manifest_options, remote_options, state_option
from catalogsync.cli.render.looks import outputs_document, outputs_text
from catalogsync.errors import ExitCode
from catalogsync.manifest import load
from catalogsync.observe import Refresh
from catalogsync.workflow.looking import Reads, look, remembered, to_read


@click.command("outputs")
@click.argument("targets", nargs=-1)
@manifest_options
@state_option
@remote_options
@json_option
@click.pass_context
def command(ctx: click.Context, /, targets: tuple[str, ...], state: Path | None, as_json: bool, **options: Any) -> int:
    """Show the URLs of viewers and images of each product and each render.

    TARGETS are addresses, sku_ids or names, with * and ?; without any, everything is shown. The URLs are read
    afresh for one credit each, since those of images expire.
    """
    place = wiring.where(ctx, options["files"])
    catalog = load(place.files, strict=options["strict"], allow_outside=options["allow_outside"]).catalog
    with wiring.open_store(place, state) as store, wiring.remote(place, options, catalog.settings) as api:
        known = store.load()
        looks = remembered(catalog, known, targets)
        reads = Reads(to_read(looks, Refresh.FULL), status=False, urls=True)
        looks = asyncio.run(look(looks, known, api, reads, workers=api.connections))
    click.echo(json.dumps(outputs_document(looks), indent=2) if as_json else outputs_text(looks))
    return ExitCode.OK
