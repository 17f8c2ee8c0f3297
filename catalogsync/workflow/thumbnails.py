"""Download the thumbnails of products to a folder beside a manifest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from catalogsync.api import ImagineClient
from catalogsync.api.media import MediaClient
from catalogsync.errors import CatalogSyncError
from catalogsync.model.remote import RemoteProduct
from catalogsync.observe import each

FOLDER = "thumbnails"
AT_ONCE = 4
_LONGEST = 100  # letters of a file's name before its suffix
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Fetch:
    """Beside which manifest the folder of thumbnails is, and whether other files there are overwritten."""

    beside: Path
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """Paths beside the manifest by unicode, how many of them were there before, and why others could not be had."""

    paths: Mapping[str, str] = field(default_factory=dict)
    there_before: int = 0
    failed: tuple[tuple[str, str], ...] = ()  # sku_id and reason


NO_THUMBNAILS = Thumbnails()


async def fetch_thumbnails(
    client: ImagineClient, products: Sequence[RemoteProduct], fetch: Fetch, workers: int, say: Callable[[str], None]
) -> Thumbnails:
    """Read each product's shared content (a credit each, said before), and download what it names.

    A download that fails is in the result and ends nothing. Raises RemoteError when a read fails.
    """
    if not products:
        return NO_THUMBNAILS
    number = f"{len(products):,} product{'' if len(products) == 1 else 's'}"
    price = f"{len(products):,} credit{'' if len(products) == 1 else 's'}"
    say(f"Reading the shared content of {number} for their thumbnails ({price}).")
    names = dict(_names(products))
    answers = await each(names, lambda unicode: client.shared_content(unicode=unicode), workers=workers)
    urls = {unicode: shared.thumbnail_url for unicode, shared in answers if shared and shared.thumbnail_url}
    say(f"Downloading {len(urls):,} of their thumbnails (no credits).")
    async with MediaClient(connections=AT_ONCE) as media:

        async def download(unicode: str) -> tuple[str, bool] | CatalogSyncError:
            stem = fetch.beside.parent / FOLDER / names[unicode]
            try:
                fetched = await media.fetch_image(urls[unicode], stem, overwrite=fetch.overwrite)
            except CatalogSyncError as error:
                return error
            return f"{FOLDER}/{fetched.path.name}", fetched.there_before

        return _sorted_out(await each(urls, download, workers=AT_ONCE), products)


def _sorted_out(
    answers: Sequence[tuple[str, tuple[str, bool] | CatalogSyncError]], products: Sequence[RemoteProduct]
) -> Thumbnails:
    skus = {product.unicode: product.sku_id for product in products}
    got = [(unicode, *answer) for unicode, answer in answers if isinstance(answer, tuple)]
    failed = [(skus[unicode], _words(answer)) for unicode, answer in answers if isinstance(answer, CatalogSyncError)]
    return Thumbnails(
        paths={unicode: path for unicode, path, _ in got},
        there_before=sum(there_before for _, _, there_before in got),
        failed=tuple(sorted(failed)),
    )


def _words(error: CatalogSyncError) -> str:
    return f"{error} {error.hint}".strip()


def _names(products: Sequence[RemoteProduct]) -> Iterator[tuple[str, str]]:
    """A file name for each product, made of its sku_id; no two are the same where letter case does not count."""
    taken: set[str] = set()
    for product in products:
        base = name = _UNSAFE.sub("-", product.sku_id).strip(".-")[:_LONGEST] or "product"
        number = 2
        while name.casefold() in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name.casefold())
        yield product.unicode, name
