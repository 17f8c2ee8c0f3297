"""From what is wanted, seen and remembered to a plan: diff, order and price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from catalogsync.model.catalog import Catalog, FileFacts
from catalogsync.model.durations import first_look
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import State
from catalogsync.plan.changes import MadeFrom, Plan
from catalogsync.plan.diff import DiffOptions, diff
from catalogsync.plan.graph import ordered
from catalogsync.plan.steps import Polls, jobs_of, price_of


def plan(
    catalog: Catalog,
    snapshot: Snapshot,
    state: State,
    files: Mapping[str, FileFacts],
    *,
    api_url: str,
    polls: Polls,
    options: DiffOptions,
) -> Plan:
    """Make the plan. Pure: the same inputs give an equal plan."""
    found = diff(catalog, snapshot, state, files, options)
    changes, edges = ordered(found.changes)
    at_once = replace(polls, expected=polls.minimum)
    return Plan(
        changes=changes,
        prices=tuple(
            price_of(change, at_once if first_look(state.durations, jobs_of(change)) else polls) for change in changes
        ),
        edges=edges,
        made_from=MadeFrom(state.lineage, state.serial, api_url, catalog.name, state.catalog, state.api_url),
        notices=found.notices,
        learned=found.learned,
        spent=snapshot.spent,
        available=snapshot.available,
        managed=len(state.products),
    )
