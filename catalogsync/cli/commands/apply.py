"""`catalogsync apply`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from catalogsync.cli.applying import apply_catalog, apply_saved
from catalogsync.cli.options import (
    cutoff_option,
    destroy_option,
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


@click.command("apply")
@click.argument("plan", required=False, type=click.Path(path_type=Path, dir_okay=False))
@manifest_options
@state_option
@remote_options
@selection_options
@destroy_option
@plan_options
@wait_options
@option("--upload-parallelism", type=click.IntRange(1, 64), help="Uploads at once.  [default: 4]")
@cutoff_option
@settle_option
@lock_option
@option("--auto-approve", is_flag=True, help="Do not ask.")
@option("--no-wait", is_flag=True, help="Leave jobs running at the remote; `wait` or the next apply picks them up.")
@option("--fail-fast", is_flag=True, help="Start nothing more after the first failure.")
@events_option
@click.pass_context
def command(
    ctx: click.Context, /, plan: Path | None, state: Path | None, no_wait: bool, as_json: bool, **options: Any
) -> int:
    """Make the remote catalog match the manifest.

    Shows the plan, asks, and applies it in the order the changes depend on each other. Progress is saved after
    every step: whatever interrupts it, the next apply goes on from there.

    With a PLAN that `plan --out` saved, nothing is asked: exactly that is applied, or nothing when the manifest, the
    state or the remote is not as it was (exit code 8). Where only this plan was at work, it goes on.
    """
    if plan is not None:
        return apply_saved(ctx, plan, state, options, wait=not no_wait, as_json=as_json)
    return apply_catalog(ctx, state, options, wait=not no_wait, as_json=as_json)
