"""`catalogsync state rebuild`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from catalogsync.cli import wiring
from catalogsync.cli.complaints import tell_problems
from catalogsync.cli.options import json_option, lock_option, manifest_options, remote_options, state_option
from catalogsync.cli.render.closing import and_available, listed
from catalogsync.errors import ExitCode
from catalogsync.model.counting import counted
from catalogsync.workflow.planning import PlanOptions, validate
from catalogsync.workflow.rebuilding import Rebuilding, Rebuilt
from catalogsync.workflow.rebuilding import rebuild as rebuild_state


@click.command("rebuild")
@click.option("--force", is_flag=True, help="Also where there is a state that is whole; it is kept as a copy.")
@manifest_options
@state_option
@remote_options
@lock_option
@json_option
@click.pass_context
def rebuild(ctx: click.Context, /, force: bool, state: Path | None, as_json: bool, **options: Any) -> int:
    """Make a lost or damaged state anew from the manifest and the remote, which is only read.

    What the manifest names and the remote has is adopted, as an apply would; what reading costs is said before. A
    damaged file is moved aside, not deleted.
    """
    place = wiring.where(ctx, options["files"])
    loaded = validate(wiring.reading_of(place, options))
    tell_problems(loaded.warnings)
    workers = options["parallelism"] or loaded.catalog.settings.parallelism or wiring.WORKERS
    how = Rebuilding(PlanOptions(workers=workers, say=_say), force, options["lock_timeout"], _say)
    with wiring.remote(place, options, loaded.catalog.settings) as api:
        rebuilt = rebuild_state(place.state_path(state), loaded.catalog, api, how)
    if as_json:
        click.echo(json.dumps(asdict(rebuilt) | {"kept": rebuilt.kept and str(rebuilt.kept)}, indent=2))
    for line in () if as_json else _lines(rebuilt):
        click.echo(line)
    return ExitCode.OK


def _say(text: str) -> None:
    click.echo(text, err=True)


def _lines(rebuilt: Rebuilt) -> Iterator[str]:
    adopted = counted(len(rebuilt.adopted), "product")
    yield f"State rebuilt: {adopted} adopted, content of {len(rebuilt.contents)} found."
    yield f"Credits: {rebuilt.spent:,} spent reading{and_available(rebuilt.available)}."
    if rebuilt.kept is not None:
        yield f"The former file is kept: {rebuilt.kept}"
    yield from listed("not on the remote", rebuilt.absent)
    yield from listed("in conflict", tuple(f"{address}: {reason}" for address, reason in rebuilt.conflicts))
    yield from listed("to be rendered again, unless you take them out of the manifest", rebuilt.renders)
    yield "Run `catalogsync plan` to see what the manifest wants beyond that."
