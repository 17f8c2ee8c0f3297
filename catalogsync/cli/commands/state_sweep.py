"""`catalogsync state sweep`."""

from __future__ import annotations

import asyncio
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from catalogsync.api import ApiSettings
from catalogsync.cli import wiring
from catalogsync.cli.complaints import tell_problems
from catalogsync.cli.options import json_option, lock_option, manifest_options, remote_options, state_option
from catalogsync.cli.render.sweep import sweep_document, sweep_text, swept_text
from catalogsync.cli.running import approved, perform
from catalogsync.errors import ExitCode, UsageMistakeError
from catalogsync.model.catalog import Catalog
from catalogsync.state import StateStore
from catalogsync.workflow.planning import validate
from catalogsync.workflow.running import Run, RunResult
from catalogsync.workflow.sweeping import SweepLook, SweepOptions, look_for_leftovers

_RUN: dict[str, Any] = {
    "upload_parallelism": None,
    "fail_fast": False,
    "settle_time": None,
    "allow": (),
    "max_credits": None,
    "poll_initial": None,
    "poll_interval": None,
    "wait_timeout": None,
}


@click.command("sweep")
@click.argument("names", nargs=-1, metavar="[SKU_ID]...")
@manifest_options
@state_option
@remote_options
@click.option(
    "--unmanaged", is_flag=True, help="Also look on the remote for what a lost state left behind: reads the whole list."
)
@click.option(
    "--unlisted",
    is_flag=True,
    help="Also ask for products that no list shows, for their upload was never finished: a credit a product.",
)
@click.option("--delete", is_flag=True, help="Delete what was found, after asking.")
@click.option("--auto-approve", is_flag=True, help="With --delete: do not ask.")
@click.option("--detailed-exitcode", is_flag=True, help="Without --delete: exit with 2 when something is left over.")
@lock_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, names: tuple[str, ...], state: Path | None, as_json: bool, **options: Any) -> int:
    """List products that an unfinished replacement left on the remote, and with --delete delete them.

    A replacement is made under a temporary sku_id; what the state knows of those that nothing wants any more is found
    for a credit or two each. With --unmanaged the remote is searched for those that a lost state left behind. Only
    those are deleted that have the digits of the manifest's model, or that are named: SKU_ID is the exact sku_id of
    one (and means --unmanaged).
    """
    _refuse_mistakes(options, as_json=as_json)
    place = wiring.where(ctx, options["files"])
    loaded = validate(wiring.reading_of(place, options))
    tell_problems(loaded.warnings)
    wide = options["unmanaged"] or options["unlisted"] or bool(names)
    with ExitStack() as stack:
        api = stack.enter_context(wiring.remote(place, options, loaded.catalog.settings))
        store = stack.enter_context(wiring.open_store(place, state, create=wide))
        if options["delete"]:
            stack.enter_context(store.lock(command="state sweep", timeout=options["lock_timeout"], say=_say))
        how = SweepOptions(wide, options["unlisted"], frozenset(names), api.connections, _say)
        look = asyncio.run(look_for_leftovers(loaded.catalog, store, api, how))
        return _act(ctx, look, (loaded.catalog, store, api), options, as_json=as_json)


def _say(text: str) -> None:
    click.echo(text, err=True)


def _refuse_mistakes(options: dict[str, Any], *, as_json: bool) -> None:
    if options["auto_approve"] and not options["delete"]:
        raise UsageMistakeError("--auto-approve has no place without --delete.")
    if as_json and options["delete"] and not options["auto_approve"]:
        raise UsageMistakeError("--json cannot ask for approval.", hint="Add --auto-approve.")


def _act(
    ctx: click.Context,
    look: SweepLook,
    there: tuple[Catalog, StateStore, ApiSettings],
    options: dict[str, Any],
    *,
    as_json: bool,
) -> int:
    """Show, and delete where that is asked for and approved."""
    if not as_json:
        click.echo(sweep_text(look))
    deleting = options["delete"] and bool(look.plan.changes)
    code: int = ExitCode.CHANGES_PRESENT if options["detailed_exitcode"] and look.found else ExitCode.OK
    result: RunResult | None = None
    if options["delete"] and look.objections:
        code = ExitCode.GUARD_REFUSED
    elif deleting and not approved(auto_approve=options["auto_approve"]):
        return ExitCode.ERROR
    elif deleting:
        result = _delete(ctx, look, there, options)
        code = result.exit_code
    if as_json:
        click.echo(json.dumps(sweep_document(look, result), indent=2))
    elif result is not None:
        click.echo(f"\n{swept_text(result, len(look.plan.changes))}")
    return code


def _delete(
    ctx: click.Context, look: SweepLook, there: tuple[Catalog, StateStore, ApiSettings], options: dict[str, Any]
) -> RunResult:
    catalog, store, api = there
    place = wiring.where(ctx, options["files"])
    given = {**_RUN, **options}
    timing = wiring.timing_of(place, given, catalog.settings)
    applying = wiring.apply_options_of(place, given, catalog.settings, timing)
    return perform(
        lambda report: Run(look.plan, store, api, applying, report, reading=look.reading),
        "state sweep",
        color=ctx.find_root().color is not False,
        total=len(look.plan.changes),
    )
