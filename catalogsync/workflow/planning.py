"""Validate a manifest, and make a plan from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from catalogsync import assets, manifest
from catalogsync.api import ApiSettings, ImagineClient
from catalogsync.errors import ManifestError, Severity
from catalogsync.manifest import Loaded
from catalogsync.model.catalog import Catalog
from catalogsync.observe import Observation, Refresh, observe
from catalogsync.plan.changes import Await, Plan
from catalogsync.plan.diff import DiffOptions
from catalogsync.plan.guards import GuardOptions, Objection, objections
from catalogsync.plan.planner import plan
from catalogsync.plan.steps import Polls
from catalogsync.state import Store


@dataclass(frozen=True, slots=True)
class Reading:
    """How the manifest is read."""

    paths: tuple[Path, ...]
    strict: bool = False
    allow_outside: bool = False


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What the user decides about a plan."""

    refresh: Refresh = Refresh.AUTO
    retry_failed: bool = False
    replace: frozenset[str] = frozenset()
    guards: GuardOptions = GuardOptions()
    polls: Polls = Polls()
    workers: int = 8
    say: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and what the guards say of it."""

    plan: Plan
    objections: tuple[Objection, ...]


def validate(reading: Reading) -> Loaded:
    """Read the manifest and look at every file it names.

    Raises ManifestError with every problem of both.
    """
    loaded = manifest.load(reading.paths, strict=reading.strict, allow_outside=reading.allow_outside)
    found = assets.check_files(loaded.catalog)
    wrong = [problem for problem in found if problem.severity is Severity.ERROR or reading.strict]
    if wrong:
        raise ManifestError([*loaded.warnings, *found])
    return Loaded(loaded.catalog, (*loaded.warnings, *found))


async def make_plan(catalog: Catalog, store: Store, api: ApiSettings, options: PlanOptions) -> Planned:
    """Observe the remote and compare. Nothing is written, neither there nor in the state.

    Raises ManifestError, ObservationError, RemoteError.
    """
    digests = store.digests()
    files = assets.file_facts(catalog, digests)
    digests.flush()
    state = store.load()
    async with ImagineClient(api) as client:
        how = Observation(options.refresh, options.workers, options.say)
        snapshot = await observe(client, catalog, state, how)
    made = plan(
        catalog,
        snapshot,
        state,
        files,
        api_url=api.url,
        polls=options.polls,
        options=DiffOptions(
            retry_failed=options.retry_failed,
            replace=options.replace,
            distrust=options.guards.adopt == "replace",
        ),
    )
    return Planned(made, objections(made, catalog, options.guards))


def only_waiting(made: Plan) -> Plan:
    """The plan's running jobs alone: what `wait` applies."""
    kept = [index for index, change in enumerate(made.changes) if isinstance(change, Await)]
    return replace(
        made,
        changes=tuple(made.changes[index] for index in kept),
        prices=tuple(made.prices[index] for index in kept),
        edges=(),
    )
