"""What a reading says that it spent is what the sandbox charged for it."""

from __future__ import annotations

import asyncio
import json
import re
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from plan_shapes import catalog_of

from catalogsync.api import ApiSettings, ImagineClient
from catalogsync.model.catalog import Catalog
from catalogsync.model.state import State
from catalogsync.observe import Observation, Refresh, observe
from catalogsync.sandbox import SandboxSettings, running

HELD = ("A", "B", "C", "D", "E", "F", "G")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiSettings]:
    """An account of seven products, two on a page."""
    folder: Path = tmp_path_factory.mktemp("sandbox")
    with running(SandboxSettings(folder, port=0, page_size=2)) as ends:
        settings = ApiSettings(url=ends.url, origin=ends.origin, secret_key=ends.secret_key)
        asyncio.run(_fill(settings))
        yield settings


async def _fill(settings: ApiSettings) -> None:
    async with ImagineClient(settings) as client:
        for sku in HELD:
            await client.create_product(
                {"sku_id": sku, "gtin": f"gtin-{sku}"}, model_name="arc.glb", thumbnail_name=None
            )


def _charges(api: ApiSettings, after: int = 0) -> list[dict[str, Any]]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{api.url}/sandbox/log?after={after}") as answer:
        rows: list[dict[str, Any]] = json.load(answer)["requests"]
    return [row for row in rows if row["credits"] is not None]


async def _read(api: ApiSettings, catalog: Catalog, refresh: Refresh, words: list[str]) -> tuple[int, int | None]:
    async with ImagineClient(api) as client:
        snapshot = await observe(client, catalog, State("l", 1), Observation(refresh, say=words.append))
    return snapshot.spent, snapshot.available


# What is wanted, and whether the first page, which is not said apart, is paid beside what is said.
@pytest.mark.parametrize(
    ("skus", "first_page"),
    [(("A",), 0), (("NEW",), 0), (("G", "A"), 1), (("A", "NEW"), 0), ((*HELD, "NEW"), 0)],
    ids=["one", "a new one", "one on the first page and one that is not", "one and a new one", "all and a new one"],
)
@pytest.mark.parametrize("outputs", [(), ("ar",)], ids=["products", "and content"])
def test_spent_is_the_charge_of_the_server(
    api: ApiSettings, skus: tuple[str, ...], first_page: int, outputs: tuple[str, ...]
) -> None:
    catalog = catalog_of(*skus)
    wanted = (replace(one, gtin=f"gtin-{one.sku_id}", outputs=outputs) for one in catalog.products)
    before, words = _charges(api)[-1], []
    told = asyncio.run(_read(api, replace(catalog, products=tuple(wanted)), Refresh.FULL, words))
    charges = _charges(api, before["id"])
    assert told == (len(charges), min(row["credits"] for row in charges))
    said = sum(int(number) for word in words for number in re.findall(r"\((\d+) credits?", word))
    assert said + first_page == len(charges)
