"""`catalogsync plan`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from catalogsync.cli.audience import audience_of
from catalogsync.cli.options import (
    chosen_format,
    destroy_option,
    format_option,
    json_option,
    manifest_options,
    plan_options,
    remote_options,
    review_options,
    selection_options,
    state_option,
    wait_options,
)
from catalogsync.cli.planning import plan_to_look_at
from catalogsync.cli.render.formats import PLAN_FORMATS
from catalogsync.cli.render.review import Review
from catalogsync.errors import ExitCode
from catalogsync.workflow.places import main_file, places_of


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
@format_option(*PLAN_FORMATS)
@json_option
@review_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    state: Path | None,
    detailed_exitcode: bool,
    out: Path | None,
    form: str | None,
    as_json: bool,
    artifact_url: str | None,
    images_url: str | None,
    **options: Any,
) -> int:
    """Show what apply would do, and what it costs. Nothing is changed.

    Reading the remote costs credits too; how it is read, and for how much, is said on the way. A plan that a guard
    refuses is shown in full and ends with exit code 6.
    """
    chosen = chosen_format(form, as_json=as_json)
    if out:
        from catalogsync.workflow.saved import refuse_lost_place

        refuse_lost_place(out)
    seen = plan_to_look_at(ctx, state, options)
    planned = seen.planned
    audience_of(ctx).show(planned)
    places = places_of(planned.plan, seen.catalog, main_file(seen.files))
    files = Path(seen.catalog.root)
    review = Review(planned.portable, planned.objections, places, None, files, artifact_url or "", images_url or "")
    _show(review, out, chosen)
    if planned.objections:
        return ExitCode.GUARD_REFUSED
    return ExitCode.CHANGES_PRESENT if detailed_exitcode and not planned.plan.empty else ExitCode.OK


def _show(review: Review, out: Path | None, chosen: str) -> None:
    if out:
        from catalogsync.plan.codec import plan_document
        from catalogsync.workflow.saved import save

        save(plan_document(review.plan, review.objections, review.places), out)
    click.echo(PLAN_FORMATS[chosen](review))
    if out:
        click.echo(f"\nSaved the plan to {out}. `catalogsync apply {out}` applies exactly this.", err=True)
