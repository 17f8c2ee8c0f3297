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
    destroy_option,
    json_option,
    manifest_options,
    plan_options,
    remote_options,
    selection_options,
    state_option,
    wait_options,
)
from catalogsync.cli.render.text import plan_text
from catalogsync.errors import ExitCode
from catalogsync.plan.codec import plan_document
from catalogsync.workflow.planning import Planned, make_plan, validate
from catalogsync.workflow.saved import save


@click.command("plan")
@manifest_options
@state_option
@remote_options
@selection_options
@destroy_option
@plan_options
@wait_options
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are changes.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Save the plan, for `apply FILE`.")
@json_option
@click.pass_context
def command(
    ctx: click.Context, /, state: Path | None, detailed_exitcode: bool, out: Path | None, as_json: bool, **options: Any
) -> int:
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
    _show(planned, out, as_json=as_json)
    if planned.objections:
        return ExitCode.GUARD_REFUSED
    return ExitCode.CHANGES_PRESENT if detailed_exitcode and not planned.plan.empty else ExitCode.OK


def _show(planned: Planned, out: Path | None, *, as_json: bool) -> None:
    document = plan_document(planned.portable, planned.objections) if as_json or out else {}
    if out:
        save(document, out)
    if as_json:
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(plan_text(planned.plan, planned.objections))
    if out:
        click.echo(f"\nSaved the plan to {out}. `catalogsync apply {out}` applies exactly this.", err=True)
