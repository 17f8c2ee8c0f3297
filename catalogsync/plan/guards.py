"""Guards: rules on a plan. Each is one function with an id; all objections are collected, each names its override.

A new guard is a new function and a row in GUARDS; docs/guards.md lists them and a test keeps both equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from catalogsync.model.addresses import PRODUCT, kind_of
from catalogsync.model.catalog import Catalog, Limit
from catalogsync.plan.changes import Adopt, Conflict, Delete, Plan, Replace

DEFAULT_MAX_DELETES = Limit(10, percent=True)
DEFAULT_MAX_REPLACES = Limit(25, percent=True)
SMALL = 10  # resources: below this a percentage says nothing


@dataclass(frozen=True, slots=True)
class Objection:
    """A guard's sentence: which guard, what it objects to, and how to go on all the same."""

    guard: str
    message: str
    override: str


@dataclass(frozen=True, slots=True)
class GuardOptions:
    """Limits in force (None: the default or no limit) and the ids of guards that are overridden."""

    max_deletes: Limit | None = None
    max_replaces: Limit | None = None
    max_credits: int | None = None
    adopt: str = "trust"
    allowed: frozenset[str] = frozenset()


Guard = Callable[[Plan, Catalog, GuardOptions], Iterator[Objection]]


def objections(plan: Plan, catalog: Catalog, options: GuardOptions) -> tuple[Objection, ...]:
    """All objections of all guards that are not overridden. Those of NEVER_OVERRIDDEN come whatever is allowed."""
    return tuple(
        objection
        for name, guard in GUARDS.items()
        if name not in options.allowed - NEVER_OVERRIDDEN
        for objection in guard(plan, catalog, options)
    )


def _deletes(plan: Plan) -> list[Delete]:
    """Deletes of products that are live; what a replacement left over is none."""
    return [change for change in plan.changes if isinstance(change, Delete) and kind_of(change.address) == PRODUCT]


def _replaces(plan: Plan) -> list[Replace]:
    return [change for change in plan.changes if isinstance(change, Replace)]


def _over(number: int, managed: int, limit: Limit) -> bool:
    """Whether a number of resources is over a limit; a percentage says nothing about a handful."""
    if limit.percent:
        return managed >= SMALL and number > limit.value * managed / 100
    return number > limit.value


def _max_deletes(plan: Plan, _catalog: Catalog, options: GuardOptions) -> Iterator[Objection]:
    limit = options.max_deletes or DEFAULT_MAX_DELETES
    deletes = len(_deletes(plan))
    if _over(deletes, plan.managed, limit):
        yield Objection(
            "max-deletes",
            f"{deletes} of {plan.managed} managed products would be destroyed, the limit is {limit}",
            f"--max-deletes={deletes} or settings.guards.max_deletes",
        )


def _max_replaces(plan: Plan, _catalog: Catalog, options: GuardOptions) -> Iterator[Objection]:
    limit = options.max_replaces or DEFAULT_MAX_REPLACES
    replaces = len(_replaces(plan))
    if _over(replaces, plan.managed, limit):
        yield Objection(
            "max-replaces",
            f"{replaces} of {plan.managed} managed products would be replaced, the limit is {limit}",
            f"--max-replaces={replaces} or settings.guards.max_replaces",
        )


def _max_credits(plan: Plan, _catalog: Catalog, options: GuardOptions) -> Iterator[Objection]:
    if options.max_credits is not None and plan.price.expected > options.max_credits:
        yield Objection(
            "max-credits",
            f"the plan is expected to cost {plan.price.expected} credits, the limit is {options.max_credits}",
            f"--max-credits={plan.price.expected} or settings.guards.max_credits",
        )


def _empty_catalog(plan: Plan, catalog: Catalog, _options: GuardOptions) -> Iterator[Objection]:
    if not catalog.products and _deletes(plan):
        yield Objection(
            "empty-catalog",
            f"the manifest names no product at all, which would destroy all {len(_deletes(plan))}",
            "--allow=empty-catalog",
        )


def _protected(plan: Plan, _catalog: Catalog, _options: GuardOptions) -> Iterator[Objection]:
    for change in _deletes(plan):
        if change.protected:
            yield Objection(
                "protected",
                f"{change.address} is protected and would be destroyed",
                "--allow=protected, or put the entry back with `protect: false` and apply first",
            )
    for replacement in _replaces(plan):
        if replacement.protected:
            yield Objection(
                "protected",
                f"{replacement.address} is protected and would be replaced",
                "--allow=protected, or apply `protect: false` first",
            )


def _unmanaged_takeover(plan: Plan, _catalog: Catalog, options: GuardOptions) -> Iterator[Objection]:
    if options.adopt != "refuse":
        return
    for change in plan.changes:
        if isinstance(change, Adopt):
            yield Objection("unmanaged-takeover", f"{change.address} exists already and is not ours", "--adopt=trust")


def _state_scope(plan: Plan, _catalog: Catalog, _options: GuardOptions) -> Iterator[Objection]:
    """A state of another catalog would have its products deleted, one of another account would have them made anew."""
    made = plan.made_from
    way = "--state FILE (or CATALOGSYNC_STATE) for a state of its own, or --allow=state-scope if it was only renamed"
    if made.state_catalog and made.state_catalog != made.catalog:
        yield Objection(
            "state-scope", f"the state is of catalog {made.state_catalog!r}, the manifest is {made.catalog!r}", way
        )
    remote = made.state_api_url and not is_local(made.state_api_url) and not is_local(made.api_url)
    if remote and made.state_api_url != made.api_url:
        yield Objection("state-scope", f"the state is of {made.state_api_url}, this plan is for {made.api_url}", way)


def is_local(url: str) -> bool:
    """A server on this machine is one for trying things out: its port changes from run to run."""
    return "://127.0.0.1" in url or "://localhost" in url or "://[::1]" in url


def _conflict(plan: Plan, _catalog: Catalog, _options: GuardOptions) -> Iterator[Objection]:
    for change in plan.changes:
        if isinstance(change, Conflict):
            yield Objection("conflict", f"{change.address}: {change.reason}", "; or ".join(change.ways))


GUARDS: dict[str, Guard] = {
    "max-deletes": _max_deletes,
    "max-replaces": _max_replaces,
    "max-credits": _max_credits,
    "empty-catalog": _empty_catalog,
    "protected": _protected,
    "unmanaged-takeover": _unmanaged_takeover,
    "state-scope": _state_scope,
    "conflict": _conflict,
}
NEVER_OVERRIDDEN = frozenset({"conflict"})
