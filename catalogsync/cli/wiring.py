"""From options, environment and manifest settings to what the workflow needs. The order is that one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from catalogsync.api import ApiSettings
from catalogsync.apply.choices import ApplyOptions, Cutoff, Limits, WaitTiming
from catalogsync.cli.audience import current_audience
from catalogsync.cli.waiting import PauseLines
from catalogsync.errors import CatalogSyncError, MissingExtraError, UsageMistakeError
from catalogsync.model.catalog import Catalog, Limit, Settings
from catalogsync.model.spelling import closest
from catalogsync.observe import Refresh
from catalogsync.plan.guards import GUARDS, NEVER_OVERRIDDEN, GuardOptions
from catalogsync.plan.selection import Selection
from catalogsync.plan.steps import Polls
from catalogsync.state import StateStore
from catalogsync.workflow.planning import PlanOptions
from catalogsync.workflow.reading import Reading

if TYPE_CHECKING:
    from catalogsync.workflow.revisions import Since

DEFAULT_FILE = Path("catalog.yaml")
FOLDER = ".catalogsync"
WORKERS = 8
SANDBOX_JOB_SECONDS = 2.0  # the embedded sandbox is in a hurry; CATALOGSYNC_SANDBOX_JOB_SECONDS changes it
SANDBOX_POLL_INTERVAL = 10.0
SANDBOX_WAIT_TIMEOUT = 600.0  # rendering the content of a catalog takes minutes
SETTLE_TIME = 15.0
SANDBOX_SETTLE_TIME = 0.0  # it shows what it did at once
WAITING = WaitTiming()
NOTHING_SET = Settings()


@dataclass(frozen=True, slots=True)
class Where:
    """Where a command works: the manifest files, the folder beside the first of them, and sandbox or not."""

    files: tuple[Path, ...]
    folder: Path
    sandbox: bool

    @property
    def sandbox_data(self) -> Path:
        return self.folder / FOLDER / "sandbox"

    def state_path(self, given: Path | None) -> Path:
        """The sandbox has a state of its own, so that trying something out never touches the real one."""
        if given is not None:
            return given
        return (self.sandbox_data if self.sandbox else self.folder / FOLDER) / "state.db"


def where(ctx: click.Context, files: tuple[Path, ...]) -> Where:
    chosen = files or (DEFAULT_FILE,)
    first = chosen[0]
    return Where(chosen, first if first.is_dir() else first.parent, bool(ctx.find_root().obj["sandbox"]))


def reading_of(place: Where, options: Mapping[str, Any]) -> Reading:
    return Reading(place.files, strict=options["strict"], allow_outside=options["allow_outside"])


def open_store(place: Where, given: Path | None, *, create: bool = True) -> StateStore:
    """Raises StateError."""
    return StateStore.open(place.state_path(given), create=create)


@contextmanager
def locked_store(
    place: Where, given: Path | None, command: str, timeout: float, *, create: bool = False
) -> Iterator[StateStore]:
    """The state, held by this command. Raises StateError, StateLockedError after `timeout` seconds."""
    with (
        open_store(place, given, create=create) as store,
        store.lock(command=command, timeout=timeout, say=lambda text: click.echo(text, err=True)),
    ):
        yield store


@contextmanager
def remote(place: Where, options: Mapping[str, Any], settings: Settings = NOTHING_SET) -> Iterator[ApiSettings]:
    """The API to talk to: the configured one, or the embedded sandbox for as long as the block runs."""
    current_audience().listen(PauseLines())
    if place.sandbox:
        with _embedded(place) as endpoints:
            yield _with_connections(endpoints, options, settings)
    else:
        yield configured(options, settings)


def configured(options: Mapping[str, Any], settings: Settings = NOTHING_SET) -> ApiSettings:
    """Keys come from the environment alone, never from options or files."""
    default = ApiSettings()
    api = ApiSettings(
        url=options.get("api_url") or default.url,
        zapier_url=os.environ.get("CATALOGSYNC_ZAPIER_URL") or default.zapier_url,
        origin=options.get("origin") or "",
        secret_key=os.environ.get("CATALOGSYNC_SECRET_KEY", ""),
        public_key=os.environ.get("CATALOGSYNC_PUBLIC_KEY", ""),
        zapier_token=os.environ.get("CATALOGSYNC_ZAPIER_TOKEN", ""),
    )
    return _with_connections(api, options, settings)


def _with_connections(api: ApiSettings, options: Mapping[str, Any], settings: Settings) -> ApiSettings:
    """One connection for each call and each upload that may run at once: fewer would hold them up."""
    return replace(
        api,
        connections=options.get("parallelism") or settings.parallelism or WORKERS,
        upload_connections=options.get("upload_parallelism") or settings.upload_parallelism or api.upload_connections,
        on_call=current_audience().tell,
    )


@contextmanager
def _embedded(place: Where) -> Iterator[ApiSettings]:
    from catalogsync import sandbox

    with sandbox_errors():
        settings = sandbox.SandboxSettings(data=place.sandbox_data, job_seconds=_job_seconds())
    with sandbox_errors(), sandbox.running(settings) as endpoints:
        yield ApiSettings(
            url=endpoints.url,
            zapier_url=endpoints.zapier_url,
            origin=endpoints.origin,
            secret_key=endpoints.secret_key,
            public_key=endpoints.public_key,
            zapier_token=endpoints.zapier_token,
        )


@contextmanager
def sandbox_errors() -> Iterator[None]:
    """The sandbox knows nothing of our error tree: its errors become ours here."""
    from catalogsync import sandbox

    try:
        yield
    except sandbox.SandboxUnavailableError as error:
        raise MissingExtraError("sandbox", "The sandbox") from error
    except sandbox.SandboxError as error:
        raise CatalogSyncError(str(error)) from error


def _job_seconds() -> float:
    text = os.environ.get("CATALOGSYNC_SANDBOX_JOB_SECONDS", "")
    try:
        seconds = float(text) if text else SANDBOX_JOB_SECONDS
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise UsageMistakeError(
            f"CATALOGSYNC_SANDBOX_JOB_SECONDS is {text!r}, which is no number of seconds.",
            hint="Set it to 2, or unset it.",
        )
    return seconds


def timing_of(place: Where, options: Mapping[str, Any], settings: Settings, *, wait: bool = True) -> WaitTiming:
    initial, interval, timeout = WAITING.initial, WAITING.interval, WAITING.timeout
    if place.sandbox:
        initial, interval, timeout = _job_seconds() + 1.0, SANDBOX_POLL_INTERVAL, SANDBOX_WAIT_TIMEOUT
    return WaitTiming(
        initial=_first(options["poll_initial"], settings.poll_initial, initial),
        interval=max(0.01, _first(options["poll_interval"], settings.poll_interval, interval)),
        timeout=_first(options["wait_timeout"], settings.wait_timeout, timeout),
        wait=wait,
        frugal=not place.sandbox,
    )


def polls_of(timing: WaitTiming) -> Polls:
    """How many status reads a wait takes: one at best, two expected, and as many as fit into the timeout."""
    most = 1 + int(max(0.0, timing.timeout - timing.initial) // timing.interval)
    return Polls(1, min(2, most), most)


def _refuse_unknown(replaced: Sequence[str], catalog: Catalog) -> None:
    addresses = [product.address for product in catalog.products]
    for address in sorted(set(replaced) - set(addresses)):
        close = closest(address, addresses, likeness=0.5)
        raise UsageMistakeError(
            f"--replace={address}: the manifest has no product with this address.",
            hint=f"Did you mean {', '.join(close)}?" if close else "Write it as in the plan: product.KEY.",
        )


def plan_options_of(options: Mapping[str, Any], catalog: Catalog, timing: WaitTiming) -> PlanOptions:
    """Raises UsageMistakeError for a guard that cannot be overridden and a product to replace that is not there."""
    settings = catalog.settings
    _refuse_unknown(options["replace"], catalog)
    allowed = frozenset(options["allow"])
    for guard in sorted(allowed):
        if guard not in GUARDS or guard in NEVER_OVERRIDDEN:
            known = ", ".join(name for name in GUARDS if name not in NEVER_OVERRIDDEN)
            raise UsageMistakeError(f"--allow={guard}: no such guard can be overridden.", hint=f"There are: {known}.")
    return PlanOptions(
        refresh=Refresh(options["refresh"]),
        retry_failed=options["retry_failed"],
        replace=frozenset(options["replace"]),
        destroy=bool(options.get("destroy")),
        selection=selection_of(options),
        since=since_of(options),
        guards=GuardOptions(
            max_deletes=_deletes_allowed(options, settings),
            max_replaces=options["max_replaces"] or settings.max_replaces,
            max_credits=None if options.get("cutoff") else _credit_limit(options, settings),
            adopt=options["adopt"],
            allowed=allowed,
        ),
        polls=polls_of(timing),
        workers=options["parallelism"] or settings.parallelism or WORKERS,
        floor=timing.initial,
        say=current_audience().note,
    )


def selection_of(options: Mapping[str, Any]) -> Selection:
    """Raises UsageMistakeError for a file of targets that names none: that would mean everything."""
    targets = tuple(options.get("target", ()))
    if options.get("target_file") is not None:
        lines = (line.split("#", 1)[0].strip() for line in options["target_file"])
        listed = tuple(line for line in lines if line)
        if not listed:
            raise UsageMistakeError(f"--target-file={options['target_file'].name} names no target.")
        targets += listed
    among = options.get("among")  # of a saved plan
    return Selection(targets, tuple(options.get("exclude", ())), None if among is None else frozenset(among))


def since_of(options: Mapping[str, Any]) -> Since | None:
    revision = options.get("changed_since")
    if not revision:
        return None
    from catalogsync.workflow.revisions import Since

    return Since(revision, Reading(options["files"] or (DEFAULT_FILE,), allow_outside=options["allow_outside"]))


def _deletes_allowed(options: Mapping[str, Any], settings: Settings) -> Limit | None:
    """Who asks to destroy means to delete: only a limit that is given with the command holds then."""
    if options.get("destroy"):
        return options["max_deletes"] or Limit(100, percent=True)
    return options["max_deletes"] or settings.max_deletes


def apply_options_of(place: Where, options: Mapping[str, Any], settings: Settings, timing: WaitTiming) -> ApplyOptions:
    default = Limits()
    return ApplyOptions(
        timing=timing,
        limits=Limits(
            api=options["parallelism"] or settings.parallelism or default.api,
            upload=options["upload_parallelism"] or settings.upload_parallelism or default.upload,
        ),
        fail_fast=options["fail_fast"],
        settle_time=_first(options["settle_time"], SANDBOX_SETTLE_TIME if place.sandbox else SETTLE_TIME),
        max_credits=_run_limit(options, settings),
        cutoff=Cutoff(options.get("cutoff") or Cutoff.HARD),
    )


def _run_limit(options: Mapping[str, Any], settings: Settings) -> int | None:
    """Raises UsageMistakeError for a cutoff at no limit: whoever asks for it believes that spending is limited."""
    limit = None if "max-credits" in options["allow"] else _credit_limit(options, settings)
    if limit is None and options.get("cutoff"):
        why = "--allow=max-credits takes it away" if "max-credits" in options["allow"] else "there is none"
        raise UsageMistakeError(
            f"--cutoff={options['cutoff']} holds to a credit limit, and {why}.",
            hint="Give --max-credits N (or `max_credits:` under `settings:`), or leave --cutoff away.",
        )
    return limit


def _credit_limit(options: Mapping[str, Any], settings: Settings) -> int | None:
    """Of the plan, where a guard judges it, and of the run, which never spends more."""
    given: int | None = options["max_credits"]
    return settings.max_credits if given is None else given


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)
