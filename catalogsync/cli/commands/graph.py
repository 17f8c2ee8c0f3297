"""`catalogsync graph`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from catalogsync.cli import wiring
from catalogsync.cli.options import (
    destroy_option,
    manifest_options,
    plan_options,
    remote_options,
    selection_options,
    state_option,
    wait_options,
)
from catalogsync.cli.render.dot import plan_dot
from catalogsync.errors import ExitCode
from catalogsync.workflow.planning import make_plan, validate


@click.command("graph")
@manifest_options
@state_option
@remote_options
@selection_options
@destroy_option
@plan_options
@wait_options
@click.pass_context
def command(ctx: click.Context, /, state: Path | None, **options: Any) -> int:
    """Print the plan's dependency graph as DOT: `catalogsync graph | dot -Tsvg > plan.svg`."""
    place = wiring.where(ctx, options["files"])
    loaded = validate(wiring.reading_of(place, options))
    timing = wiring.timing_of(place, options, loaded.catalog.settings)
    choices = wiring.plan_options_of(options, loaded.catalog.settings, timing)
    with wiring.remote(place, options, loaded.catalog.settings) as api, wiring.open_store(place, state) as store:
        planned = asyncio.run(make_plan(loaded.catalog, store, api, choices))
    click.echo(plan_dot(planned.plan))
    return ExitCode.OK
