"""Write a manifest of what is on the remote. Nothing is bound: applying the manifest adopts its products."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from catalogsync.api import ApiSettings, ImagineClient
from catalogsync.api.pages import all_pages
from catalogsync.manifest.writing import Entry, scalar
from catalogsync.model.counting import counted
from catalogsync.model.outputs import OUTPUTS, Progress
from catalogsync.model.remote import ContentSeen, Page, RemoteProduct
from catalogsync.observe import each
from catalogsync.plan.identifiers import RELEASED
from catalogsync.plan.sweep import replaced_sku
from catalogsync.workflow.thumbnails import NO_THUMBNAILS, Fetch, Thumbnails, fetch_thumbnails

_IMPORTED = frozenset({Progress.DONE, Progress.RUNNING})
_SKU = re.compile(r"[^\s\ufeff](.*[^\s\ufeff])?\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which products: each given filter must fit, of the globs of one filter any. None given is every product."""

    search: str = ""
    patterns: tuple[str, ...] = ()  # globs over sku_id and name
    skus: tuple[str, ...] = ()
    gtins: tuple[str, ...] = ()

    def takes(self, product: RemoteProduct) -> bool:
        return (
            _any(self.patterns, product.sku_id, product.name)
            and _any(self.skus, product.sku_id)
            and _any(self.gtins, product.gtin)
        )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A product that a manifest cannot name, and why."""

    unicode: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What was read: the products as manifest entries, sorted by sku_id, and what reading cost in credits.

    `doubles` are identifiers that several products have, in words; no entry has them.
    """

    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]
    doubles: tuple[str, ...]
    thumbnails: Thumbnails
    spent: int
    available: int | None


def _any(globs: tuple[str, ...], *values: str) -> bool:
    return not globs or any(fnmatchcase(value, glob) for glob in globs for value in values)


async def read_remote(
    api: ApiSettings, selection: Selection, *, with_outputs: bool, fetch: Fetch | None, say: Callable[[str], None]
) -> Imported:
    """Read the list, and with `with_outputs` the content status of each chosen product; says before what it costs.

    With `fetch` their thumbnails are downloaded. Raises ObservationError for a list that does not hold still, and what
    the client raises.
    """
    async with ImagineClient(api) as client:
        first = [await client.products_page(1, search=selection.search)]
        pages = max(first[0].total_pages, 1)
        say(f"Reading the list of {counted(first[0].count, 'product')} ({counted(pages, 'credit')}, 1 of them spent).")

        async def page(number: int) -> Page[RemoteProduct]:
            return first.pop() if number == 1 and first else await client.products_page(number, search=selection.search)

        listed = await all_pages(page, lambda product: product.unicode, api.connections)
        chosen = sorted(filter(selection.takes, listed), key=lambda product: (product.sku_id, product.unicode))
        kept, left_out = _told_apart(chosen)
        contents: dict[str, ContentSeen | None] = {}
        if with_outputs and kept:
            say(f"Reading the content status of {counted(len(kept), 'product')} ({counted(len(kept), 'credit')}).")
            unicodes = [product.unicode for product in kept]
            answers = await each(unicodes, lambda u: client.content_status(unicode=u), workers=api.connections)
            contents = dict(answers)
        thumbnails = await fetch_thumbnails(client, kept, fetch, api.connections, say) if fetch else NO_THUMBNAILS
        doubles = doubles_of(kept)
        return Imported(
            entries=tuple(entries_of(kept, contents, thumbnails.paths, doubles)),
            left_out=left_out,
            doubles=tuple(map(_double_text, doubles)),
            thumbnails=thumbnails,
            spent=client.credits.spent,
            available=client.credits.available,
        )


def _told_apart(chosen: Sequence[RemoteProduct]) -> tuple[list[RemoteProduct], tuple[LeftOut, ...]]:
    """The products that a manifest can name, and the others. Of several with one sku_id the first is named."""
    kept: dict[str, RemoteProduct] = {}
    left_out = []
    unfinished = {product.unicode: words for product, words in _unfinished(chosen)}
    for product in chosen:
        reason = why_not(product) or unfinished.get(product.unicode, "")
        if not reason and product.sku_id in kept:
            reason = f"{kept[product.sku_id].unicode} has its sku_id {product.sku_id!r} too"
        if reason:
            left_out.append(LeftOut(product.unicode, product.name, reason))
        else:
            kept[product.sku_id] = product
    return list(kept.values()), tuple(left_out)


def _unfinished(chosen: Sequence[RemoteProduct]) -> Iterator[tuple[RemoteProduct, str]]:
    """Products that catalogsync left in mid-replacement, by their names."""
    skus = {product.sku_id for product in chosen}
    for product in chosen:
        sku_id = product.sku_id
        if sku_id == f"{RELEASED}{product.unicode}":
            yield product, f"its sku_id {sku_id} is that of a product that was to be deleted, see `state sweep`"
        elif not product.gtin and (replaced := replaced_sku(sku_id)) and replaced in skus:
            yield product, f"its sku_id {sku_id} is that of an unfinished replacement, see `state sweep`"


@dataclass(frozen=True, slots=True)
class Double:
    """An identifier that several products have."""

    field: str
    value: str
    products: tuple[RemoteProduct, ...]


def doubles_of(products: Sequence[RemoteProduct]) -> tuple[Double, ...]:
    """Identifiers that several products have. Written to one of them they would be a conflict with the others."""
    holders: dict[tuple[str, str], list[RemoteProduct]] = {}
    for field in ("gtin", "salsify_id"):
        for product in products:
            if value := getattr(product, field):
                holders.setdefault((field, value), []).append(product)
    return tuple(Double(*name, tuple(held)) for name, held in holders.items() if len(held) > 1)


def _double_text(double: Double) -> str:
    held = ", ".join(f"{product.sku_id} ({product.unicode})" for product in double.products)
    return (
        f"{double.field} {double.value} is held by {len(double.products)} products, {held}: it is a comment in the "
        "manifest, and not managed until you say whose it is"
    )


def why_not(product: RemoteProduct) -> str:
    """Why a manifest cannot name a product; "" when it can."""
    if not product.sku_id:
        return "it has no sku_id"
    if _CONTROL.search(product.sku_id) or not _SKU.match(product.sku_id):
        return f"its sku_id {product.sku_id!r} begins or ends with a space, or has control characters"
    texts = (product.gtin, product.name, product.main_asset_name)
    return "a value of it is no text that a file can hold" if any(_lonely(text) for text in texts) else ""


def _lonely(text: str) -> bool:
    """Whether half of a pair of UTF-16 is in it, which JSON can name and no file can hold."""
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def entries_of(
    products: Sequence[RemoteProduct],
    contents: Mapping[str, ContentSeen | None],
    thumbnails: Mapping[str, str],
    doubles: Iterable[Double] = (),
) -> Iterable[dict[str, str | Sequence[str]]]:
    """Entries that manage what the remote has. A value that it lacks is left out, and so not managed.

    `thumbnails` are paths beside the manifest, by unicode.
    """
    shared: dict[str, list[Double]] = {}
    for double in doubles:
        for one in double.products:
            shared.setdefault(one.unicode, []).append(double)
    taken = {product.sku_id for product in products}
    for product in products:
        entry: dict[str, str | Sequence[str]] = {"sku_id": product.sku_id}
        if re.search(r"\s", product.sku_id):
            entry["key"] = _key(product.sku_id, taken)
        for field in ("gtin", "salsify_id", "name", "main_asset_name"):
            if value := getattr(product, field):
                entry[field] = value
        for double in shared.get(product.unicode, ()):
            del entry[double.field]
            entry["comments"] = [*entry.get("comments", ()), _comment(double, product)]
        if product.unicode in thumbnails:
            entry["thumbnail"] = thumbnails[product.unicode]
        content = contents.get(product.unicode)
        if content is not None:
            outputs = content.outputs
            entry["outputs"] = [name for name in OUTPUTS if name in outputs and outputs[name].progress in _IMPORTED]
        yield entry


def _comment(double: Double, product: RemoteProduct) -> str:
    others = ", ".join(scalar(one.sku_id) for one in double.products if one is not product)
    return f"{double.field}: {scalar(double.value)} is also that of {others}"


def _key(sku_id: str, taken: set[str]) -> str:
    """A key without spaces that no other product has."""
    base = key = re.sub(r"\s+", "-", sku_id)
    number = 2
    while key in taken:
        key, number = f"{base}-{number}", number + 1
    taken.add(key)
    return key
