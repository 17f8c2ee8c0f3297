"""`catalogsync sandbox ...`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from catalogsync.cli import wiring
from catalogsync.cli.commands import sandbox_control
from catalogsync.cli.options import file_option, option
from catalogsync.cli.render.identity import endpoints_text
from catalogsync.errors import ExitCode


@click.group("sandbox")
def command() -> None:
    """Run the local server that plays the API: no account, no credits, real files and signatures."""


@command.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), help="0 is any free port.  [default: 8617, else any free one]")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where it keeps its data.  [default: .catalogsync/sandbox beside the manifest]",
)
@option("--sandbox-job-seconds", type=click.FloatRange(0), default=5.0, help="How long a job takes.  [default: 5]")
@click.option("--credits", "credit_count", type=click.IntRange(0), default=10_000, help="Credits of a fresh account.")
@click.option("--json", "as_json", is_flag=True, help="Print the endpoints as one line of JSON.")
@file_option
@click.pass_context
def serve(
    ctx: click.Context,
    /,
    port: int | None,
    data: Path | None,
    sandbox_job_seconds: float,
    credit_count: int,
    as_json: bool,
    files: tuple[Path, ...],
) -> int:
    """Serve until interrupted. Prints URLs, keys and origin first; data stays for the next start."""
    from catalogsync import sandbox

    def ready(endpoints: sandbox.Endpoints) -> None:
        click.echo(json.dumps(endpoints.as_json()) if as_json else endpoints_text(endpoints.as_json()))

    with wiring.sandbox_errors():
        settings = sandbox.SandboxSettings(
            data=data or wiring.where(ctx, files).sandbox_data,
            port=port,
            job_seconds=sandbox_job_seconds,
            credits=credit_count,
        )
        sandbox.serve(settings, ready=ready)
    return ExitCode.OK


for _other in sandbox_control.COMMANDS:
    command.add_command(_other)
