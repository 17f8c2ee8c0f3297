"""From what is wanted, seen and remembered to a plan: diff, order and price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from catalogsync.model.catalog import Catalog, FileFacts
from catalogsync.model.durations import first_look
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import State
from catalogsync.plan.basis import MadeFrom, catalog_digest
from catalogsync.plan.changes import Plan
from catalogsync.plan.destroy import destruction
from catalogsync.plan.diff import DiffOptions, diff
from catalogsync.plan.graph import ordered
from catalogsync.plan.selection import EVERYTHING, Selection, Words, select, words_of
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
    selection: Selection = EVERYTHING,
) -> Plan:
    """Make the plan, or the selected part of it. Pure: the same inputs give an equal plan.

    Raises UsageMistakeError for a glob that names nothing.
    """
    found = destruction(catalog, snapshot, state) if options.destroy else diff(catalog, snapshot, state, files, options)
    changes, edges = ordered(found.changes)
    at_once = replace(polls, expected=polls.minimum)
    made = Plan(
        changes=changes,
        prices=tuple(
            price_of(change, at_once if first_look(state.durations, jobs_of(change)) else polls) for change in changes
        ),
        edges=edges,
        made_from=MadeFrom(
            *(state.lineage, state.serial, api_url, catalog.name, state.catalog, state.api_url),
            moved_by=state.plan_id,
            catalog_digest=catalog_digest(catalog, files),
        ),
        notices=found.notices,
        learned=found.learned,
        spent=snapshot.spent,
        available=snapshot.available,
        managed=len(state.products),
        destroy=options.destroy,
    )
    return made if selection.everything else _part_of(made, words_of(catalog, state), selection)


def _part_of(made: Plan, words: Words, selection: Selection) -> Plan:
    """What was learned is kept whole: it only tells the state what is so already."""
    part = select(made.changes, made.edges, words, selection)
    return replace(
        made,
        changes=tuple(made.changes[index] for index in part.kept),
        prices=tuple(made.prices[index] for index in part.kept),
        edges=part.edges,
        notices=(*(notice for notice in made.notices if notice.address in part.addresses), *part.notices),
        partial=part.partial,
    )
