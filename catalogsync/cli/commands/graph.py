"""`catalogsync graph`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from catalogsync.cli.options import (
    destroy_option,
    manifest_options,
    plan_options,
    remote_options,
    selection_options,
    state_option,
    wait_options,
)
from catalogsync.cli.planning import plan_to_look_at
from catalogsync.cli.render.dot import plan_dot
from catalogsync.errors import ExitCode


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
    click.echo(plan_dot(plan_to_look_at(ctx, state, options).planned.plan))
    return ExitCode.OK
