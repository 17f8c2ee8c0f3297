"""Look for what replacements left behind: what the state knows, and on request what a lost state left on the remote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from catalogsync import assets
from catalogsync.api import ApiSettings, ImagineClient
from catalogsync.api.pages import all_pages
from catalogsync.model.catalog import Catalog, FileFacts
from catalogsync.model.charges import tallied
from catalogsync.model.counting import counted
from catalogsync.model.remote import Page, RemoteProduct
from catalogsync.model.spend import READING, Charge
from catalogsync.model.state import State
from catalogsync.observe import Observation, Refresh, each, observe
from catalogsync.plan.changes import Plan
from catalogsync.plan.diff import DiffOptions
from catalogsync.plan.guards import GuardOptions, Objection, objections
from catalogsync.plan.planner import plan
from catalogsync.plan.steps import Polls
from catalogsync.plan.sweep import (
    Leftover,
    Stray,
    candidates,
    concerned,
    leftovers,
    proven,
    sweep_plan,
    temporary_names,
    with_strays,
)
from catalogsync.state import Store


@dataclass(frozen=True, slots=True)
class SweepOptions:
    """Where to look: `unmanaged` reads the whole list, `unlisted` also the status of every temporary name.

    `named` are the exact sku_ids that are meant whatever their proof; each is looked for by its status too.
    """

    unmanaged: bool = False
    unlisted: bool = False
    named: frozenset[str] = frozenset()
    workers: int = 8
    say: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class SweepLook:
    """What was found, the plan that deletes it, and what reading was charged."""

    found: tuple[Leftover, ...]
    plan: Plan
    objections: tuple[Objection, ...]
    reading: tuple[Charge, ...]


async def look_for_leftovers(catalog: Catalog, store: Store, api: ApiSettings, how: SweepOptions) -> SweepLook:
    """Read what tells leftovers apart. Nothing is changed, neither there nor in the state.

    Raises ManifestError, ObservationError, RemoteError.
    """
    state = store.load()
    paid: Counter[str] = Counter()
    tallied(lambda operation, cost: paid.update({operation: cost}))
    async with ImagineClient(api) as client:
        strays = await _strays(client, catalog, store, state, how) if how.unmanaged else ()
        part, known = concerned(catalog, state, strays)
        files = _facts(part, store)
        snapshot = await observe(client, part, known, Observation(Refresh.AUTO, how.workers, how.say))
        snapshot = replace(
            with_strays(snapshot, strays), spent=client.credits.spent, available=client.credits.available
        )
    made = plan(part, snapshot, known, files, api_url=api.url, polls=Polls(), options=DiffOptions())
    found = leftovers(made, snapshot, known, proven(strays, part, files), how.named)
    swept = sweep_plan(made, found, len(state.products))
    reading = tuple(Charge(READING, operation, cost) for operation, cost in paid.items())
    return SweepLook(found, swept, objections(swept, catalog, GuardOptions()), reading)


def _facts(catalog: Catalog, store: Store) -> Mapping[str, FileFacts]:
    digests = store.digests()
    files = assets.file_facts(catalog, digests)
    digests.flush()
    return files


async def _strays(
    client: ImagineClient, catalog: Catalog, store: Store, state: State, how: SweepOptions
) -> tuple[Stray, ...]:
    """Out of the list, then of what no list shows: one look by status for each name that is asked for."""
    listed = await _list(client, how)
    asked = set(how.named)
    if how.unlisted:
        asked |= set(temporary_names(catalog, _facts(catalog, store)))
    asked -= {product.sku_id for product in listed}
    if asked:
        how.say(f"Reading the status of {counted(len(asked), 'name')} that no list shows ({_credits(len(asked))}).")
    answers = await each(sorted(asked), lambda name: client.content_status(sku_id=name), workers=how.workers)
    unlisted = [content.product for name, content in answers if content and content.product.sku_id == name]
    return candidates(catalog, state, [*listed, *unlisted])


async def _list(client: ImagineClient, how: SweepOptions) -> tuple[RemoteProduct, ...]:
    first = [await client.products_page(1)]
    pages = max(first[0].total_pages, 1)
    how.say(f"Reading all {counted(first[0].count, 'product')} ({_credits(pages)}).")

    async def page(number: int) -> Page[RemoteProduct]:
        return first.pop() if number == 1 and first else await client.products_page(number)

    return await all_pages(page, lambda product: product.unicode, how.workers)


def _credits(number: int) -> str:
    return counted(number, "credit")
