"""`catalogsync validate`."""

from __future__ import annotations

import json
from typing import Any

import click

from catalogsync.cli import wiring
from catalogsync.cli.complaints import tell_problems
from catalogsync.cli.options import json_option, manifest_options
from catalogsync.cli.render.problems import problems_document
from catalogsync.errors import ExitCode, ManifestError
from catalogsync.workflow.planning import validate


@click.command("validate")
@manifest_options
@json_option
@click.pass_context
def command(ctx: click.Context, /, as_json: bool, **options: Any) -> int:
    """Check the manifest and every file it names. No call is made.

    All problems are shown at once, each with its place, its rule and the way out.
    """
    place = wiring.where(ctx, options["files"])
    try:
        loaded = validate(wiring.reading_of(place, options))
    except ManifestError as error:
        if not as_json:
            raise
        click.echo(json.dumps(problems_document(error.problems, valid=False), indent=2))
        return ExitCode.ERROR
    catalog = loaded.catalog
    if as_json:
        click.echo(json.dumps(problems_document(loaded.warnings, valid=True), indent=2))
    else:
        tell_problems(loaded.warnings)
        click.echo(f"Success! {len(catalog.products):,} products and {len(catalog.renders):,} renders are valid.")
    return ExitCode.OK
