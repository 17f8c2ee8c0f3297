"""`catalogsync destroy`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from catalogsync.cli.applying import apply_catalog
from catalogsync.cli.options import (
    events_option,
    lock_option,
    manifest_options,
    option,
    plan_options,
    remote_options,
    selection_options,
    settle_option,
    state_option,
    wait_options,
)


@click.command("destroy")
@manifest_options
@state_option
@remote_options
@selection_options
@plan_options
@wait_options
@option("--upload-parallelism", type=click.IntRange(1, 64), help="Uploads at once.  [default: 4]")
@settle_option
@lock_option
@option("--auto-approve", is_flag=True, help="Do not ask.")
@option("--fail-fast", is_flag=True, help="Start nothing more after the first failure.")
@events_option
@click.pass_context
def command(ctx: click.Context, /, state: Path | None, as_json: bool, **options: Any) -> int:
    """Delete every product that is managed, or those of a selection.

    The same as `apply --destroy`. Only what catalogsync made or took over is deleted; what is protected is refused.
    To ask for it is to mean it: only a --max-deletes given here limits it. `plan --destroy` shows it first.
    """
    return apply_catalog(ctx, state, {**options, "destroy": True}, wait=True, as_json=as_json)
