"""Validate a manifest, and make a plan from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from catalogsync import assets, manifest
from catalogsync.api import ApiSettings, ImagineClient
from catalogsync.errors import ManifestError, Severity
from catalogsync.manifest import Loaded
from catalogsync.model.catalog import Catalog
from catalogsync.model.charges import tallied
from catalogsync.model.snapshot import Snapshot, recalled
from catalogsync.model.spend import READING, Charge
from catalogsync.model.state import State
from catalogsync.observe import Observation, Refresh, observe
from catalogsync.plan.basis import Choices
from catalogsync.plan.changes import Notice, Plan
from catalogsync.plan.codec import portable
from catalogsync.plan.confirming import confirmed, timed
from catalogsync.plan.destroy import emptied
from catalogsync.plan.diff import DiffOptions
from catalogsync.plan.guards import GuardOptions, Objection, objections
from catalogsync.plan.planner import plan
from catalogsync.plan.recalling import trust_notice, trust_words, trusted, without_unknown
from catalogsync.plan.rekeying import following, rekeyed
from catalogsync.plan.selection import EVERYTHING, Selection
from catalogsync.plan.steps import Polls
from catalogsync.state import Store
from catalogsync.state.rows import utc_now
from catalogsync.workflow.reading import Reading
from catalogsync.workflow.trusting import read_what_changes

if TYPE_CHECKING:
    from catalogsync.workflow.revisions import Since


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What the user decides about a plan."""

    refresh: Refresh = Refresh.AUTO
    retry_failed: bool = False
    replace: frozenset[str] = frozenset()
    destroy: bool = False
    selection: Selection = EVERYTHING
    since: Since | None = None
    guards: GuardOptions = GuardOptions()
    polls: Polls = Polls()
    workers: int = 8
    floor: float = 0.0  # seconds after its submission before which a job is not looked at, 0 to look always
    applying: bool = False  # whether the plan is to be applied: nothing is changed on the state's word alone
    say: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and what the guards say of it."""

    plan: Plan
    objections: tuple[Objection, ...]
    root: str = ""  # the folder of the manifest
    reading: tuple[Charge, ...] = ()  # what reading for it was charged

    @property
    def portable(self) -> Plan:
        """The plan as it is written to files: with paths as seen from the manifest's folder."""
        return portable(self.plan, self.root) if self.root else self.plan


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

    With `Refresh.NONE` the state stands for the remote; only what a plan that is to be applied would touch is read.

    Raises ManifestError, ObservationError, RemoteError, and UsageMistakeError for a selection that names nothing.
    """
    selection = options.selection
    if options.since is not None:
        from catalogsync.workflow.revisions import changed_addresses

        selection = replace(selection, among=changed_addresses(options.since, catalog))
    digests = store.digests()
    files = assets.file_facts(catalog, digests)
    digests.flush()
    known = rekeyed(catalog, store.load(), files)
    state = known.state
    paid: Counter[str] = Counter()
    tallied(lambda operation, cost: paid.update({operation: cost}))
    plan_of = partial(
        plan,
        catalog,
        state=state,
        files=files,
        api_url=api.url,
        polls=options.polls,
        options=DiffOptions(
            retry_failed=options.retry_failed,
            replace=options.replace,
            distrust=_DISTRUST[options.guards.adopt],
            destroy=options.destroy,
        ),
        selection=selection,
    )
    snapshot = await _snapshot(emptied(catalog) if options.destroy else catalog, state, api, plan_of, options)
    made = following(plan_of(snapshot), known)
    made = replace(made, made_from=replace(made.made_from, choices=_choices(options, selection)))
    made = _remembering(made, state, snapshot, options)
    reading = tuple(Charge(READING, operation, cost) for operation, cost in paid.items())
    return Planned(made, objections(made, catalog, options.guards), catalog.root, reading)


_DISTRUST = {"trust": False, "replace": True, "refuse": None}


async def _snapshot(
    catalog: Catalog, state: State, api: ApiSettings, plan_of: Callable[[Snapshot], Plan], options: PlanOptions
) -> Snapshot:
    """What is read, and what is remembered in the place of what is not."""
    if options.refresh is Refresh.NONE and not options.applying:
        return recalled(state)
    how = Observation(options.refresh, options.workers, options.say, floor=options.floor, thorough=options.applying)
    async with ImagineClient(api) as client:
        if options.refresh is Refresh.NONE:
            return await read_what_changes(client, catalog, state, plan_of, how)
        return await observe(client, catalog, state, how)


def _remembering(made: Plan, state: State, snapshot: Snapshot, options: PlanOptions) -> Plan:
    """The plan with how old what it trusts is, and, to be applied, with the time of what its reading bears out."""
    if options.refresh is Refresh.NONE:
        facts = trusted(state, snapshot)
        made = replace(made, trusted=facts, notices=(*made.notices, *trust_notice(facts)))
        options.say(trust_words(facts, utc_now(), read=bool(snapshot.read_at)))
    if snapshot.unasked:
        made = replace(made, notices=(*made.notices, _left_to_apply(len(snapshot.unasked))))
    if options.applying:
        learned = timed(made.learned, snapshot)
        return replace(made, learned=learned, confirmed=confirmed(state, snapshot, learned))
    return without_unknown(made, state) if options.refresh is Refresh.NONE else made


def _left_to_apply(number: int) -> Notice:
    new, price = ("a new product", "1 credit") if number == 1 else (f"{number:,} new products", f"{number:,} credits")
    text = (
        f"who has the gtin of {new} was not asked ({price}): applying asks before it creates, --refresh=full asks now"
    )
    return Notice("the remote", text)


def _choices(options: PlanOptions, selection: Selection) -> Choices:
    return Choices(
        refresh=options.refresh.value,
        adopt=options.guards.adopt,
        retry_failed=options.retry_failed,
        replace=tuple(sorted(options.replace)),
        max_credits=options.guards.max_credits,
        destroy=options.destroy,
        target=selection.targets,
        exclude=selection.excludes,
        among=None if selection.among is None else tuple(sorted(selection.among)),
    )


def as_chosen(options: PlanOptions, choices: Choices) -> PlanOptions:
    """The options with what was chosen for a saved plan in place of their own."""
    among = None if choices.among is None else frozenset(choices.among)
    return replace(
        options,
        refresh=Refresh(choices.refresh),
        guards=replace(options.guards, adopt=choices.adopt),
        retry_failed=choices.retry_failed,
        replace=frozenset(choices.replace),
        destroy=choices.destroy,
        selection=Selection(choices.target, choices.exclude, among),
        since=None,
    )
