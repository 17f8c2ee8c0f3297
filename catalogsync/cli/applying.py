"""What apply and wait share: lock, plan, show, approve, run, end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from catalogsync.api import ApiSettings, refuse_without_writer
from catalogsync.apply.choices import ApplyOptions
from catalogsync.cli import wiring
from catalogsync.cli.audience import Audience, audience_of
from catalogsync.cli.complaints import tell_problems
from catalogsync.cli.ndjson import StdoutStream, problem_lines, result_lines
from catalogsync.cli.render.summary import result_text
from catalogsync.cli.render.text import plan_text
from catalogsync.cli.running import approved, perform
from catalogsync.errors import ExitCode, UsageMistakeError
from catalogsync.plan.basis import Choices
from catalogsync.plan.counts import Counts
from catalogsync.plan.loader import SavedPlan
from catalogsync.plan.waiting import only_waiting
from catalogsync.state import StateStore
from catalogsync.workflow.planning import Planned, as_chosen, make_plan, validate
from catalogsync.workflow.running import Run, RunResult, only_read
from catalogsync.workflow.saved import is_resumed, read, refuse_stale

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
# A saved plan has these of its own; a credit limit may be given again, since it holds for the run too.
_SHAPING: tuple[str, ...] = (
    *("refresh", "retry_failed", "replace", "destroy", "target", "exclude", "target_file", "changed_since"),
    *("adopt", "allow", "max_deletes", "max_replaces"),
)


def apply_catalog(
    ctx: click.Context, state: Path | None, options: Mapping[str, Any], *, wait: bool, as_json: bool
) -> int:
    """Plan and apply under the state's lock. Returns the exit code."""
    if as_json and not options["auto_approve"]:
        raise UsageMistakeError("--json cannot ask for approval.", hint="Add --auto-approve.")
    speaker = Speaker.of(ctx, as_json=as_json)
    with _planned(ctx, state, options, "apply", wait=wait) as (planned, session):
        speaker.show(planned, plan_text(planned.plan, planned.objections))
        if planned.objections:
            return session.end(planned, ExitCode.GUARD_REFUSED)
        if not planned.plan.empty and not approved(auto_approve=options["auto_approve"]):
            return session.end(planned, ExitCode.ERROR)
        return speaker.end(planned, session.perform(planned))


def apply_saved(
    ctx: click.Context, path: Path, state: Path | None, options: Mapping[str, Any], *, wait: bool, as_json: bool
) -> int:
    """Apply a saved plan under the state's lock, or refuse it when it is stale. Returns the exit code.

    What is applied is the plan made afresh, once it is known to be what was saved: it has this folder's paths and
    what reading taught. Guards are not asked again, since equal changes were accepted with the options of then.
    """
    _refuse_shaping(ctx)
    speaker = Speaker.of(ctx, as_json=as_json)
    saved = read(path)
    if saved.objections:
        speaker.show(Planned(saved.plan, saved.objections), plan_text(saved.plan, saved.objections))
        return ExitCode.GUARD_REFUSED
    choices = saved.plan.made_from.choices
    limit = options["max_credits"]
    limited = {**options, "max_credits": choices.max_credits if limit is None else limit}
    with _planned(ctx, state, limited, "apply", wait=wait, choices=choices) as (fresh, session):
        refuse_stale(saved, fresh)
        planned = replace(fresh, objections=())
        speaker.show(planned, _opening(saved, planned))
        if is_resumed(saved, planned) and not planned.plan.changes:
            return session.end(planned, ExitCode.OK)
        return speaker.end(planned, replace(session, plan_id=saved.plan_id).perform(planned))


def _refuse_shaping(ctx: click.Context) -> None:
    """Raises UsageMistakeError for an option that would make another plan of a saved one."""
    for name in _SHAPING:
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = "--" + name.replace("_", "-")
            raise UsageMistakeError(
                f"{option} has no place here: a saved plan is applied as it is.", hint=f"Plan again with {option}."
            )


def _opening(saved: SavedPlan, planned: Planned) -> str:
    if not is_resumed(saved, planned):
        return plan_text(planned.plan)
    if not planned.plan.changes:
        return "This plan was already applied: nothing is left of it to do."
    return f"This plan was begun before; what is left of it:\n\n{plan_text(planned.plan)}"


def wait_for_jobs(ctx: click.Context, state: Path | None, options: Mapping[str, Any], *, as_json: bool) -> int:
    """Wait for running jobs under the state's lock. Returns the exit code."""
    speaker = Speaker.of(ctx, as_json=as_json)
    with _planned(ctx, state, {**_NO_PLAN_OPTIONS, **options}, "wait", wait=True) as (planned, session):
        running = only_waiting(planned.plan, session.store.load().intents)
        waiting = replace(planned, plan=running, objections=())
        speaker.show(waiting, "" if waiting.plan.changes else "Nothing is running.")
        return speaker.end(waiting, session.perform(waiting))


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says plan and result: as text on stdout unless it is JSON that was asked for, and as lines to all streams."""

    audience: Audience
    as_json: bool

    @classmethod
    def of(cls, ctx: click.Context, *, as_json: bool) -> Speaker:
        """Opens stdout's stream of lines when JSON is asked for."""
        audience = audience_of(ctx)
        if as_json:
            audience.open(StdoutStream())
        return cls(audience, as_json)

    def show(self, planned: Planned, text: str) -> None:
        self.audience.show(planned)
        if text and not self.as_json:
            click.echo(text)

    def end(self, planned: Planned, result: RunResult) -> int:
        self.audience.say(result_lines(result, self.audience.command))
        if planned.plan.changes and not self.as_json:
            click.echo()
            click.echo(result_text(result))
        return result.exit_code


@dataclass(frozen=True, slots=True)
class _Session:
    """An open state and remote, ready to run a plan."""

    store: StateStore
    api: ApiSettings
    applying: ApplyOptions
    command: str
    audience: Audience
    color: bool
    plan_id: str = ""  # of the saved plan that is applied

    def perform(self, planned: Planned) -> RunResult:
        """Also for a plan without changes: running jobs are awaited, and what reading taught is remembered."""
        made = planned.plan
        if not made.changes and not made.learned:
            self.end(planned, ExitCode.OK)
            return RunResult(Counts(), (), (), (), 0, made.available)
        return perform(
            lambda report: Run(made, self.store, self.api, self.applying, report, self.plan_id, planned.reading),
            self.command,
            color=self.color,
            total=len(made.changes),
            tell=self.audience.tell,
        )

    def end(self, planned: Planned, code: ExitCode) -> ExitCode:
        """Nothing is applied: what reading cost is remembered all the same."""
        only_read(self.store, planned, self.command, code.name.lower())
        return code


@contextmanager
def _planned(
    ctx: click.Context,
    state: Path | None,
    options: Mapping[str, Any],
    command: str,
    *,
    wait: bool,
    choices: Choices | None = None,
) -> Iterator[tuple[Planned, _Session]]:
    audience = audience_of(ctx)
    place = wiring.where(ctx, options["files"])
    loaded = validate(wiring.reading_of(place, options))
    tell_problems(loaded.warnings)
    audience.say(problem_lines(loaded.warnings))
    settings = loaded.catalog.settings
    timing = wiring.timing_of(place, options, settings, wait=wait)
    planning = wiring.plan_options_of(options, loaded.catalog, timing)
    applying = wiring.apply_options_of(place, options, settings, timing)
    with (
        wiring.remote(place, options, settings) as api,
        wiring.open_store(place, state) as store,
        store.lock(command=command, timeout=options["lock_timeout"], say=audience.note),
    ):
        if command == "apply":
            refuse_without_writer(api)
        chosen = replace(as_chosen(planning, choices) if choices else planning, applying=True)
        planned = asyncio.run(make_plan(loaded.catalog, store, api, chosen))
        yield planned, _Session(store, api, applying, command, audience, color=ctx.find_root().color is not False)
