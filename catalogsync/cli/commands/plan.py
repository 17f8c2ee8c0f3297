"""`catalogsync plan`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from catalogsync.cli import wiring
from catalogsync.cli.complaints import tell_problems
from catalogsync.cli.options import (
    json_option,
    manifest_options,
    plan_options,
    remote_options,
    state_option,
    wait_options,
)
from catalogsync.cli.render.text import plan_text
from catalogsync.errors import ExitCode
from catalogsync.plan.codec import plan_document
from catalogsync.workflow.planning import make_plan, validate


@click.command("plan")
@manifest_options
@state_option
@remote_options
@plan_options
@wait_options
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are changes.")
@json_option
@click.pass_context
def command(ctx: click.Context, /, state: Path | None, detailed_exitcode: bool, as_json: bool, **options: Any) -> int:
    """Show what apply would do, and what it costs. Nothing is changed.

    Reading the remote costs credits too; how it is read, and for how much, is said on the way. A plan that a guard
    refuses is shown in full and ends with exit code 6.
    """
    place = wiring.where(ctx, options["files"])
    loaded = validate(wiring.reading_of(place, options))
    tell_problems(loaded.warnings)
    timing = wiring.timing_of(place, options, loaded.catalog.settings)
    choices = wiring.plan_options_of(options, loaded.catalog.settings, timing)
    with wiring.remote(place, options, loaded.catalog.settings) as api, wiring.open_store(place, state) as store:
        planned = asyncio.run(make_plan(loaded.catalog, store, api, choices))
    if as_json:
        click.echo(json.dumps(plan_document(planned.plan, planned.objections), indent=2))
    else:
        click.echo(plan_text(planned.plan, planned.objections))
    if planned.objections:
        return ExitCode.GUARD_REFUSED
    return ExitCode.CHANGES_PRESENT if detailed_exitcode and not planned.plan.empty else ExitCode.OK
