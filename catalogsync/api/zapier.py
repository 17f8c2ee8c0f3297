"""The client of the Zapier host: its own token, no Origin, no credits."""

from __future__ import annotations

import asyncio
from random import random as _uniform
from types import TracebackType
from typing import Self

from catalogsync.api import operations as ops
from catalogsync.api.calls import Body, Calls, Chance, Sleep
from catalogsync.api.parse import Reader, page_of
from catalogsync.api.settings import ApiSettings, base_of, zapier
from catalogsync.model.feed import FeedImage, ZapierAccount
from catalogsync.model.remote import Page


class ZapierClient:
    """The account-wide image feed. An async context manager; its calls cost nothing and are repeated like reads."""

    def __init__(self, settings: ApiSettings, *, sleep: Sleep = asyncio.sleep, random: Chance = _uniform) -> None:
        self._settings = settings
        variable = "CATALOGSYNC_ZAPIER_URL"
        base = base_of(settings.zapier_url, variable)
        self._calls = Calls(settings, base, variable, sleep=sleep, random=random, meter=None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._calls.aclose()

    async def fetch_token(self) -> str:
        """The account's Zapier token. A configured token is sent along; the document asks for none."""
        identity = zapier(self._settings, needed=False)
        answer = await self._calls.reader(ops.ZAPIER_TOKEN, identity, Body())
        return answer.object("data").required_text("api_key")

    async def verify(self) -> ZapierAccount:
        """The account that the token belongs to. Raises CredentialsError for a wrong one."""
        return account_of(await self._calls.reader(ops.ZAPIER_VERIFY, zapier(self._settings), Body()))

    async def images_page(self, number: int = 1) -> Page[FeedImage]:
        """One page of all rendered images of the account, newest first, 20 a page."""
        params = {"page": str(number) if number > 1 else ""}
        answer = await self._calls.reader(ops.ZAPIER_IMAGES, zapier(self._settings), Body(params=params))
        return page_of(answer, number, feed_image_of)


def feed_image_of(reader: Reader) -> FeedImage:
    return FeedImage(
        id=reader.identifier("id"),
        angle_name=reader.text("angle_name"),
        image_name=reader.text("image_name"),
        file=reader.text("file"),
        filmic_file=reader.text("filmic_file"),
        color_pass_file=reader.text("color_pass_file"),
        tags=_tags_of(reader),
        created_at=reader.text("created_at"),
        updated_at=reader.text("updated_at"),
    )


def account_of(reader: Reader) -> ZapierAccount:
    return ZapierAccount(id=reader.identifier("id"), name=reader.text("name"))


def _tags_of(reader: Reader) -> tuple[str, ...]:
    """Tags as text; the samples show only an empty list, so objects with a `name` are taken too."""
    tags = reader.fields.get("tags")
    if not isinstance(tags, list):
        return ()
    return tuple(str(tag.get("name", "")) if isinstance(tag, dict) else str(tag) for tag in tags)
