"""`catalogsync wait`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from catalogsync.cli.applying import wait_for_jobs
from catalogsync.cli.options import (
    events_option,
    lock_option,
    manifest_options,
    remote_options,
    state_option,
    wait_options,
)


@click.command("wait")
@manifest_options
@state_option
@remote_options
@wait_options
@lock_option
@events_option
@click.pass_context
def command(ctx: click.Context, /, state: Path | None, as_json: bool, **options: Any) -> int:
    """Wait for content and renders that an earlier apply left running. Nothing else is changed.

    Ends with exit code 4 when some still run after --wait-timeout.
    """
    return wait_for_jobs(ctx, state, options, as_json=as_json)
