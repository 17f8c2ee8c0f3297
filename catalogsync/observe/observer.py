"""Observing: decide between listing and looking up by price, read, and make sure the reading is complete."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from catalogsync.errors import NotFoundError, ObservationError
from catalogsync.model.catalog import Catalog
from catalogsync.model.counting import counted
from catalogsync.model.identity import identify
from catalogsync.model.remote import ContentSeen, Page, RemoteProduct, RenderImage
from catalogsync.model.snapshot import Snapshot, snapshot_of
from catalogsync.model.state import RenderBinding, State
from catalogsync.observe.needs import (
    LookUp,
    first_look_ups,
    foreseen_second_look_ups,
    left_to_apply,
    renders_needed,
    salsify_look_ups,
    second_look_ups,
    statuses_needed,
    unlisted_look_ups,
    young_at,
)
from catalogsync.observe.ports import Reader
from catalogsync.observe.workers import each

LISTING_TRIES = 3


class Refresh(StrEnum):
    """How much is read: what can matter, every status again, or nothing but what is about to be changed."""

    AUTO = "auto"
    FULL = "full"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Observation:
    """How to observe: how much, with how many concurrent reads, where to say what was chosen, and what time it is.

    `floor`: seconds after its submission before which a job is not looked at, 0 to look always. `thorough`: also who
    has the gtins of new products, where that takes a look-up each; it is needed to apply, not to look at a plan.
    """

    refresh: Refresh = Refresh.AUTO
    workers: int = 8
    say: Callable[[str], None] = lambda _: None
    now: Callable[[], str] = lambda: datetime.now(UTC).isoformat()
    floor: float = 0.0
    thorough: bool = True


async def observe(reader: Reader, catalog: Catalog, state: State, how: Observation) -> Snapshot:
    """Read the remote for a plan.

    Raises ObservationError when the reading is not complete, and whatever the reader raises: what could not be read
    is never taken for absent.
    """
    spent_before, began = reader.credits.spent, how.now()
    products, unasked = await _products(reader, catalog, state, how)
    products += await _by_salsify(reader, catalog, state, _snapshot(products, state), how)
    contents, unlisted = await _unlisted(reader, state, _snapshot(products, state), how)
    products += unlisted
    snapshot = _snapshot(products, state)
    everything, young = how.refresh is Refresh.FULL, young_at(began, how.floor, state)
    wanted = [
        unicode
        for unicode in statuses_needed(identify(catalog, snapshot, state), state, young, everything=everything)
        if unicode not in contents
    ]
    _say_reads(how, "the content status of {}", len(wanted), "product")
    for unicode, content in await each(wanted, lambda u: reader.content_status(unicode=u), workers=how.workers):
        if content is not None:
            contents[unicode] = content
    submitted = list(renders_needed(catalog, state, young, everything=everything))
    if submitted:
        how.say(f"Reading the images of {counted(len(submitted), 'render')} (a credit for each page).")
    renders = await each(
        submitted,
        lambda binding: images_of(reader, binding),
        workers=how.workers,
    )
    return replace(
        snapshot,
        contents=contents,
        renders={binding.address: images for binding, images in renders},
        spent=reader.credits.spent - spent_before,
        available=reader.credits.available,
        read_at=began,
        unasked=unasked,
    )


def _snapshot(products: Iterable[RemoteProduct], state: State) -> Snapshot:
    """Products that we deleted do not count, even where the remote still shows them."""
    return snapshot_of([product for product in products if product.unicode not in state.buried])


Found = tuple[list[RemoteProduct], frozenset[str]]  # products, and the gtins that nobody was asked for


async def _products(reader: Reader, catalog: Catalog, state: State, how: Observation) -> Found:
    """List, or look up: whichever is expected to cost less, decided after the first page.

    A single product is looked up at once: at most two reads, where the first page and a look-up are two as well.
    """
    wanted = first_look_ups(catalog, state, snapshot_of([]))
    if not wanted:
        return [], frozenset()
    if len(wanted) == 1:
        _say_reads(how, "{} by itself", 1, "product")
        return await _look_up_all(reader, catalog, state, [], replace(how, thorough=True))
    first = await reader.products_page(1)
    found = list(first.results)
    seen = _snapshot(found, state)
    missing = len(first_look_ups(catalog, state, seen))
    doubts = foreseen_second_look_ups(catalog, state, seen) - len(_left(catalog, state, seen, how))
    if first.total_pages - 1 <= missing + doubts:
        how.say(f"Reading all {counted(first.count, 'product')} ({_credits(max(first.total_pages, 1))}).")
        return await _list_all(reader, first, how), frozenset()
    if missing or doubts:
        how.say(_chosen(missing, doubts, first.total_pages))
    return await _look_up_all(reader, catalog, state, found, how)


def _left(catalog: Catalog, state: State, seen: Snapshot, how: Observation) -> frozenset[str]:
    asks = how.thorough or how.refresh is Refresh.FULL
    return frozenset() if asks else left_to_apply(catalog, state, seen)


def _chosen(missing: int, doubts: int, total_pages: int) -> str:
    """The choice in words. The first page is read, so both prices are what comes on top of it, but listing's total."""
    more = f", and up to {doubts:,} more to see who holds an identifier" if doubts else ""
    return (
        f"Reading {counted(missing, 'product')} one by one ({_credits(missing)}{more}); "
        f"listing would take {total_pages:,}."
    )


def _say_reads(how: Observation, what: str, number: int, noun: str) -> None:
    if number:
        how.say(f"Reading {what.format(counted(number, noun))} ({_credits(number)}).")


def _credits(number: int) -> str:
    return counted(number, "credit")


async def _list_all(reader: Reader, first: Page[RemoteProduct], how: Observation) -> list[RemoteProduct]:
    """All pages. A list that shifts while it is read is read again.

    Raises ObservationError when it does not hold still.
    """
    for attempt in range(LISTING_TRIES):
        if attempt:
            first = await reader.products_page(1)
            again = _credits(max(first.total_pages, 1))
            how.say(f"The product list changed while it was read; reading it again ({again}).")
        pages = [first]
        rest = range(2, first.total_pages + 1)
        try:
            pages += [page for _, page in await each(rest, reader.products_page, workers=how.workers)]
        except NotFoundError:
            continue  # the list has fewer pages than a moment ago
        products = {product.unicode: product for page in pages for product in page.results}
        if len(products) == first.count and all(page.count == first.count for page in pages):
            return list(products.values())
    raise ObservationError(
        f"The product list changed on each of {LISTING_TRIES} readings, so it is not known to be complete.",
        hint="Run again when no other program is adding or deleting products.",
    )


async def _look_up_all(
    reader: Reader, catalog: Catalog, state: State, found: list[RemoteProduct], how: Observation
) -> Found:
    """The wanted products themselves, then who holds a sku_id, then a gtin, that is still in doubt."""
    found += await _found(reader, first_look_ups(catalog, state, _snapshot(found, state)), how)
    left = _left(catalog, state, _snapshot(found, state), how)
    for field in ("sku_id", "gtin"):
        doubts = second_look_ups(catalog, state, _snapshot(found, state), field)
        doubts = [doubt for doubt in doubts if field != "gtin" or doubt.value not in left]
        _say_reads(how, f"who holds {{}} that {'is' if len(doubts) == 1 else 'are'} in doubt", len(doubts), field)
        found += await _found(reader, doubts, how)
    return found, left


async def _found(reader: Reader, wanted: list[LookUp], how: Observation) -> list[RemoteProduct]:
    """What look-ups answer; an answer that has another value than was asked for is not taken."""
    answers = await each(wanted, lambda item: _look_up(reader, item), workers=how.workers)
    return [
        product
        for look_up, products in answers
        for product in products
        if getattr(product, look_up.field) == look_up.value
    ]


async def _look_up(reader: Reader, look_up: LookUp) -> tuple[RemoteProduct, ...]:
    return await reader.find_products(**{look_up.field: look_up.value})


async def _by_salsify(
    reader: Reader, catalog: Catalog, state: State, seen: Snapshot, how: Observation
) -> list[RemoteProduct]:
    """Who has a salsify_id, where a wanted product has one and no binding.

    The list can be filtered by it but need not show it: what it answers without showing any is asked for its shared
    content, which shows it.
    """
    wanted = salsify_look_ups(catalog, state, seen)
    _say_reads(how, f"who has {{}} that {'is' if len(wanted) == 1 else 'are'} in doubt", len(wanted), "salsify_id")
    answers = await each(wanted, lambda item: _look_up(reader, item), workers=how.workers)
    found = [one for look_up, products in answers for one in products if one.salsify_id == look_up.value]
    shown = {product.salsify_id for product in found}
    untold = [look_up for look_up, products in answers if products and look_up.value not in shown]
    _say_reads(how, "the shared content of {} to see its salsify_id", len(untold), "product")
    contents = await each(untold, lambda item: reader.shared_content(salsify_id=item.value), workers=how.workers)
    return found + [
        content.product for item, content in contents if content and content.product.salsify_id == item.value
    ]


async def _unlisted(
    reader: Reader, state: State, seen: Snapshot, how: Observation
) -> tuple[dict[str, ContentSeen], list[RemoteProduct]]:
    """Products of ours that only a status shows."""
    wanted = unlisted_look_ups(state, seen, how.now())
    _say_reads(how, "the status of {} that no list shows", len(wanted), "product")

    async def status(look_up: LookUp) -> ContentSeen | None:
        return await reader.content_status(**{look_up.field: look_up.value})

    answers = await each(wanted, status, workers=how.workers)
    contents = {content.product.unicode: content for _, content in answers if content is not None}
    return contents, [content.product for content in contents.values()]


async def images_of(reader: Reader, binding: RenderBinding) -> tuple[RenderImage, ...]:
    """The images of a render: by its render_id, or out of its SKU's images when the id was never told."""
    if binding.render_id:
        return await reader.render_images(render_id=binding.render_id)
    images = await reader.render_images(sku_id=binding.sku_ids[0])
    return tuple(image for image in images if image.id in binding.image_ids)
