"""`catalogsync validate`."""

from __future__ import annotations

from typing import Any

import click

from catalogsync.cli import wiring
from catalogsync.cli.complaints import tell_problems
from catalogsync.cli.options import chosen_format, format_option, json_option, manifest_options
from catalogsync.cli.render.formats import PROBLEM_FORMATS, TEXT
from catalogsync.errors import ExitCode, ManifestError
from catalogsync.model.counting import counted
from catalogsync.workflow.planning import validate


@click.command("validate")
@manifest_options
@format_option(TEXT, *PROBLEM_FORMATS)
@json_option
@click.pass_context
def command(ctx: click.Context, /, form: str | None, as_json: bool, **options: Any) -> int:
    """Check the manifest and every file it names. No call is made.

    All problems are shown at once, each with its place, its rule and the way out.
    """
    chosen = chosen_format(form, as_json=as_json)
    place = wiring.where(ctx, options["files"])
    try:
        loaded = validate(wiring.reading_of(place, options))
    except ManifestError as error:
        if chosen == TEXT:
            raise
        click.echo(PROBLEM_FORMATS[chosen](error.problems))
        return ExitCode.ERROR
    catalog = loaded.catalog
    if chosen == TEXT:
        tell_problems(loaded.warnings)
        products, renders = counted(len(catalog.products), "product"), counted(len(catalog.renders), "render")
        click.echo(f"Success! {products} and {renders} are valid.")
    else:
        click.echo(PROBLEM_FORMATS[chosen](loaded.warnings))
    return ExitCode.OK
