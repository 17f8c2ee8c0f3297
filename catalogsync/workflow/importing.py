"""Write a manifest of what is on the remote. Nothing is bound: applying the manifest adopts its products."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory

from catalogsync.api import ApiSettings, ImagineClient
from catalogsync.api.pages import all_pages
from catalogsync.errors import CatalogSyncError
from catalogsync.manifest import load
from catalogsync.manifest.writing import Entry, head_text, products_text
from catalogsync.model.outputs import OUTPUTS, Progress
from catalogsync.model.remote import ContentSeen, Page, RemoteProduct
from catalogsync.observe import each

BY_PREFIX = "by-prefix"
FOLDER = "products"
_IMPORTED = frozenset({Progress.DONE, Progress.RUNNING})
_SKU = re.compile(r"[^\s\ufeff](.*[^\s\ufeff])?\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_PREFIX = re.compile(r"[A-Za-z0-9]+")


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
    """What was read: the products as manifest entries, sorted by sku_id, and what reading cost in credits."""

    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]
    spent: int
    available: int | None


def _any(globs: tuple[str, ...], *values: str) -> bool:
    return not globs or any(fnmatchcase(value, glob) for glob in globs for value in values)


async def read_remote(
    api: ApiSettings, selection: Selection, *, with_outputs: bool, say: Callable[[str], None]
) -> Imported:
    """Read the list, and with `with_outputs` the content status of each chosen product; says before what it costs.

    Raises ObservationError for a list that does not hold still, and what the client raises.
    """
    async with ImagineClient(api) as client:
        first = [await client.products_page(1, search=selection.search)]
        pages = max(first[0].total_pages, 1)
        say(f"Reading the list of {first[0].count:,} products ({_credits(pages)}, 1 of them spent).")

        async def page(number: int) -> Page[RemoteProduct]:
            return first.pop() if number == 1 and first else await client.products_page(number, search=selection.search)

        listed = await all_pages(page, lambda product: product.unicode, api.connections)
        chosen = sorted(filter(selection.takes, listed), key=lambda product: (product.sku_id, product.unicode))
        left_out = tuple(LeftOut(p.unicode, p.name, reason) for p in chosen if (reason := why_not(p)))
        kept = [product for product in chosen if not why_not(product)]
        contents: dict[str, ContentSeen | None] = {}
        if with_outputs and kept:
            say(f"Reading the content status of {len(kept):,} products ({_credits(len(kept))}).")
            unicodes = [product.unicode for product in kept]
            answers = await each(unicodes, lambda u: client.content_status(unicode=u), workers=api.connections)
            contents = dict(answers)
        return Imported(tuple(entries_of(kept, contents)), left_out, client.credits.spent, client.credits.available)


def _credits(number: int) -> str:
    return f"{number:,} credit{'' if number == 1 else 's'}"


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
    products: Sequence[RemoteProduct], contents: dict[str, ContentSeen | None]
) -> Iterable[dict[str, str | Sequence[str]]]:
    """Entries that manage what the remote has. A value that it lacks is left out, and so not managed."""
    taken = {product.sku_id for product in products}
    for product in products:
        entry: dict[str, str | Sequence[str]] = {"sku_id": product.sku_id}
        if re.search(r"\s", product.sku_id):
            entry["key"] = _key(product.sku_id, taken)
        for field in ("gtin", "salsify_id", "name", "main_asset_name"):
            if value := getattr(product, field):
                entry[field] = value
        content = contents.get(product.unicode)
        if content is not None:
            outputs = content.outputs
            entry["outputs"] = [name for name in OUTPUTS if name in outputs and outputs[name].progress in _IMPORTED]
        yield entry


def _key(sku_id: str, taken: set[str]) -> str:
    """A key without spaces that no other product has."""
    base = key = re.sub(r"\s+", "-", sku_id)
    number = 2
    while key in taken:
        key, number = f"{base}-{number}", number + 1
    taken.add(key)
    return key


def manifest_files(entries: Sequence[Entry], *, catalog: str, main: str, split: int | str | None) -> dict[str, str]:
    """The manifest's files by their path beside `main`: one, or a list of includes and a file for each part.

    The text is read back by our reader before it is handed out. Raises ManifestError when it cannot be loaded, as where
    two products have the same gtin.
    """
    if split is None:
        files = {main: f"{head_text(catalog)}\n{products_text(entries)}"}
    else:
        parts = _parts(entries, split)
        files = {main: head_text(catalog, list(parts))} | {name: products_text(part) for name, part in parts.items()}
    _read_back(files, main, entries)
    return files


def _parts(entries: Sequence[Entry], split: int | str) -> dict[str, list[Entry]]:
    if isinstance(split, int):
        numbered = range(0, len(entries), split)
        return {f"{FOLDER}/{n:04}.yaml": list(entries[at : at + split]) for n, at in enumerate(numbered, 1)}
    parts: dict[str, list[Entry]] = {}
    for entry in entries:
        found = _PREFIX.match(str(entry["sku_id"]))
        parts.setdefault(f"{FOLDER}/{found[0].lower() if found else 'other'}.yaml", []).append(entry)
    return dict(sorted(parts.items()))


def _read_back(files: dict[str, str], main: str, entries: Sequence[Entry]) -> None:
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        products = load([Path(folder, main)]).catalog.products
    got = sorted((p.sku_id, p.gtin, p.name, p.main_asset_name) for p in products)
    wanted = sorted(tuple(e.get(k) for k in ("sku_id", "gtin", "name", "main_asset_name")) for e in entries)
    if list(map(str, got)) != list(map(str, wanted)):
        raise CatalogSyncError("What would be written is not what was read, so nothing was written.")
