"""What apply and wait share: lock, plan, show, approve, run, end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from catalogsync.api import ApiSettings
from catalogsync.apply.choices import ApplyOptions
from catalogsync.cli import wiring
from catalogsync.cli.complaints import tell_problems
from catalogsync.cli.render.summary import result_document, result_text
from catalogsync.cli.render.text import plan_text
from catalogsync.cli.running import approved, perform
from catalogsync.errors import ExitCode, UsageMistakeError
from catalogsync.plan.changes import Counts, Plan
from catalogsync.plan.codec import plan_document
from catalogsync.state import StateStore
from catalogsync.workflow.planning import Planned, make_plan, only_waiting, validate
from catalogsync.workflow.running import Run, RunResult

# Options of `plan` and `apply` that `wait` has no use for.
_NO_PLAN_OPTIONS: dict[str, Any] = {
    "refresh": "auto",
    "retry_failed": False,
    "replace": (),
    "max_deletes": None,
    "max_replaces": None,
    "max_credits": None,
    "cutoff": None,
    "adopt": "trust",
    "allow": (),
    "upload_parallelism": None,
    "fail_fast": False,
    "settle_time": None,
}


def apply_catalog(
    ctx: click.Context, state: Path | None, options: Mapping[str, Any], *, wait: bool, as_json: bool
) -> int:
    """Plan and apply under the state's lock. Returns the exit code."""
    if as_json and not options["auto_approve"]:
        raise UsageMistakeError("--json cannot ask for approval.", hint="Add --auto-approve.")
    with _planned(ctx, state, options, "apply", wait=wait) as (planned, session):
        if not as_json:
            click.echo(plan_text(planned.plan, planned.objections))
        if planned.objections:
            return _end(planned, None, ExitCode.GUARD_REFUSED, as_json=as_json)
        if not planned.plan.empty and not approved(auto_approve=options["auto_approve"]):
            return ExitCode.ERROR
        result = session.perform(planned.plan)
        return _end(planned, result, result.exit_code, as_json=as_json)


def wait_for_jobs(ctx: click.Context, state: Path | None, options: Mapping[str, Any], *, as_json: bool) -> int:
    """Wait for running jobs under the state's lock. Returns the exit code."""
    with _planned(ctx, state, {**_NO_PLAN_OPTIONS, **options}, "wait", wait=True) as (planned, session):
        waiting = replace(planned, plan=only_waiting(planned.plan), objections=())
        if not as_json and not waiting.plan.changes:
            click.echo("Nothing is running.")
        result = session.perform(waiting.plan)
        return _end(waiting, result, result.exit_code, as_json=as_json)


def _end(planned: Planned, result: RunResult | None, code: ExitCode, *, as_json: bool) -> int:
    if as_json:
        document = {
            "plan": plan_document(planned.plan, planned.objections),
            "result": result_document(result) if result else None,
        }
        click.echo(json.dumps(document, indent=2))
    elif result is not None and planned.plan.changes:
        click.echo()
        click.echo(result_text(result))
    return code


@dataclass(frozen=True, slots=True)
class _Session:
    """An open state and remote, ready to run a plan."""

    store: StateStore
    api: ApiSettings
    applying: ApplyOptions
    command: str
    color: bool

    def perform(self, made: Plan) -> RunResult:
        """Also for a plan without changes: running jobs are awaited, and what reading taught is remembered."""
        if not made.changes and not made.learned:
            return RunResult(Counts(), (), (), (), 0, made.available)
        return perform(
            lambda report: Run(made, self.store, self.api, self.applying, report),
            self.command,
            color=self.color,
            total=len(made.changes),
        )


@contextmanager
def _planned(
    ctx: click.Context, state: Path | None, options: Mapping[str, Any], command: str, *, wait: bool
) -> Iterator[tuple[Planned, _Session]]:
    place = wiring.where(ctx, options["files"])
    loaded = validate(wiring.reading_of(place, options))
    tell_problems(loaded.warnings)
    settings = loaded.catalog.settings
    timing = wiring.timing_of(place, options, settings, wait=wait)
    planning = wiring.plan_options_of(options, settings, timing)
    applying = wiring.apply_options_of(place, options, settings, timing)
    with (
        wiring.remote(place, options, settings) as api,
        wiring.open_store(place, state) as store,
        store.lock(command=command, timeout=options["lock_timeout"], on_wait=lambda text: click.echo(text, err=True)),
    ):
        planned = asyncio.run(make_plan(loaded.catalog, store, api, planning))
        yield planned, _Session(store, api, applying, command, color=ctx.find_root().color is not False)
