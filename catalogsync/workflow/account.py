"""Look at the account: which keys work, what they cost, and its feed of images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from catalogsync.api import ApiSettings, ImagineClient
from catalogsync.api.zapier import ZapierClient
from catalogsync.errors import CatalogSyncError
from catalogsync.model.feed import FeedImage


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """One key: its kind (secret, public, zapier), whether it works, and what the remote said."""

    kind: str
    works: bool
    says: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class AccountLook:
    """Who we are for the remote."""

    api_url: str
    origin: str
    keys: tuple[KeyCheck, ...]
    credits_available: int | None
    products: int | None

    @property
    def usable(self) -> bool:
        """At least one API key is there and every key that is there works."""
        return any(key.kind != "zapier" for key in self.keys) and all(key.works for key in self.keys)

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "usable": self.usable}


async def identify_account(api: ApiSettings) -> AccountLook:
    """Try every key that is set: the API keys with one list read each (one credit), Zapier's with a verification."""
    checks: list[KeyCheck] = []
    available: int | None = None
    products: int | None = None
    for kind, only in (
        ("secret", replace(api, public_key="")),
        ("public", replace(api, secret_key="")),
    ):
        if not getattr(only, f"{kind}_key"):
            continue
        async with ImagineClient(only) as client:
            try:
                products = (await client.products_page(1)).count
                checks.append(KeyCheck(kind, works=True, says="reads products"))
            except CatalogSyncError as error:
                checks.append(KeyCheck(kind, works=False, says=str(error), hint=error.hint))
            available = client.credits.available if client.credits.available is not None else available
    if api.zapier_token:
        checks.append(await _zapier(api))
    return AccountLook(api.url, api.origin, tuple(checks), available, products)


async def _zapier(api: ApiSettings) -> KeyCheck:
    async with ZapierClient(api) as client:
        try:
            account = await client.verify()
        except CatalogSyncError as error:
            return KeyCheck("zapier", works=False, says=str(error), hint=error.hint)
    return KeyCheck("zapier", works=True, says=f"account {account.id}, {account.name}")


async def read_feed(api: ApiSettings, take: Callable[[FeedImage], None], *, limit: int | None) -> None:
    """Hand over the account's images, newest first, page by page.

    Without a configured token the remote is asked for it. An image that a page shift shows twice is handed over once.
    """
    if not api.zapier_token:
        async with ZapierClient(api) as asking:
            api = replace(api, zapier_token=await asking.fetch_token())
    taken: set[object] = set()
    async with ZapierClient(api) as client:
        number, total = 1, 1
        while number <= total:
            page = await client.images_page(number)
            for image in page.results:
                if image.id not in taken:
                    taken.add(image.id)
                    take(image)
                if limit is not None and len(taken) >= limit:
                    return
            number, total = number + 1, page.total_pages
