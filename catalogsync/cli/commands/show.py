"""`catalogsync show`."""

from __future__ import annotations

from pathlib import Path

import click

from catalogsync.cli.options import chosen_format, format_option, json_option, review_options
from catalogsync.cli.render.formats import PLAN_FORMATS
from catalogsync.cli.render.review import Review
from catalogsync.errors import ExitCode
from catalogsync.workflow.saved import read


@click.command("show")
@click.argument("plan", type=click.Path(path_type=Path, dir_okay=False))
@format_option(*PLAN_FORMATS)
@json_option
@review_options
def command(plan: Path, form: str | None, as_json: bool, artifact_url: str | None, images_url: str | None) -> int:
    """Show a saved plan: no manifest, no state, no call.

    One that was edited after it was made is refused.
    """
    chosen = chosen_format(form, as_json=as_json)
    saved = read(plan)
    review = Review(
        saved.plan,
        saved.objections,
        saved.places,
        saved.document,
        artifact_url=artifact_url or "",
        images_url=images_url or "",
    )
    click.echo(PLAN_FORMATS[chosen](review))
    return ExitCode.OK
