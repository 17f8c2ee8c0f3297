"""`catalogsync show`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from catalogsync.cli.options import json_option
from catalogsync.cli.render.text import plan_text
from catalogsync.errors import ExitCode
from catalogsync.workflow.saved import read


@click.command("show")
@click.argument("plan", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def command(plan: Path, as_json: bool) -> int:
    """Show a saved plan: no manifest, no state, no call.

    One that was edited after it was made is refused.
    """
    saved = read(plan)
    click.echo(json.dumps(saved.document, indent=2) if as_json else plan_text(saved.plan, saved.objections))
    return ExitCode.OK
