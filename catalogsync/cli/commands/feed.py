"""`catalogsync feed`."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Any

import click

from catalogsync.cli import wiring
from catalogsync.cli.options import file_option, log_options
from catalogsync.cli.streams import nobody_reads
from catalogsync.errors import ExitCode
from catalogsync.model.feed import FeedImage
from catalogsync.workflow.account import read_feed


@click.command("feed")
@file_option
@log_options
@click.option("--limit", type=click.IntRange(1), help="Stop after this many images.  [default: all]")
@click.pass_context
def command(ctx: click.Context, /, limit: int | None, **options: Any) -> int:
    """Print the account-wide image list as JSON Lines, newest first, page by page.

    Needs CATALOGSYNC_ZAPIER_TOKEN; costs no credits.
    """
    place = wiring.where(ctx, options["files"])
    with wiring.remote(place, options) as api:
        asyncio.run(read_feed(api, _print, limit=limit))
    return ExitCode.OK


def _print(image: FeedImage) -> None:
    click.echo(json.dumps(asdict(image), ensure_ascii=False))
    if nobody_reads():
        raise click.exceptions.Exit(ExitCode.OK)
