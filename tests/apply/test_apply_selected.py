"""Selected plans, applied piece by piece in any order, end where the whole plan ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loop import Shop
from test_apply_converges import WANTED, a_shop, hold_to_promise
from test_apply_exchange import EXCHANGES, an_exchange

from catalogsync.observe import Observation, observe
from catalogsync.plan.changes import Delete, Plan
from catalogsync.plan.diff import DiffOptions
from catalogsync.plan.planner import plan
from catalogsync.plan.selection import Selection
from catalogsync.plan.steps import Polls

PIECES = ["product.A", "content.A", "product.B", "content.B", "render.room", "render.hero"]


def selected_plan(shop: Shop, **selection: Any) -> Plan:
    return asyncio.run(_selected_plan(shop, Selection(**selection)))


async def _selected_plan(shop: Shop, selection: Selection) -> Plan:
    state = shop.store.load()
    snapshot = await observe(shop.remote, shop.catalog, state, Observation(workers=2, now=lambda: "2026-01-01"))
    return plan(
        shop.catalog,
        snapshot,
        state,
        shop.files,
        api_url="fake",
        polls=Polls(),
        options=DiffOptions(),
        selection=selection,
    )


def apply_piece(shop: Shop, **selection: Any) -> None:
    made = selected_plan(shop, **selection)
    schedule = asyncio.run(shop.apply(made))
    assert {outcome.value for outcome in schedule.outcomes.values()} <= {"done"}


@settings(max_examples=25, deadline=None)
@given(st.permutations(PIECES))
def test_pieces_in_any_order_converge(order: list[str]) -> None:
    shop = a_shop(WANTED)
    for piece in order:
        apply_piece(shop, targets=(piece,))
    assert asyncio.run(shop.plan()).empty
    hold_to_promise(shop)


@settings(max_examples=10, deadline=None)
@given(st.permutations(PIECES))
def test_what_was_excluded_is_made_up_for_later(order: list[str]) -> None:
    shop = a_shop(WANTED)
    for piece in order[:2]:
        apply_piece(shop, excludes=(piece,))
    apply_piece(shop)
    assert asyncio.run(shop.plan()).empty
    hold_to_promise(shop)


@pytest.mark.parametrize("name", EXCHANGES)
@pytest.mark.parametrize("first", ["product.a", "product.b", "product.c"])
def test_an_exchange_begun_from_any_of_its_products_is_ended(name: str, first: str) -> None:
    shop = an_exchange(name)
    apply_piece(shop, targets=(first,))
    held = {one.product.sku_id for one in shop.remote.held.values() if not one.deleted}
    assert not any(sku_id.startswith("parked-") for sku_id in held)
    apply_piece(shop)
    assert asyncio.run(shop.plan()).empty


def test_a_destroyed_catalog_is_gone_and_made_anew_by_the_next_apply() -> None:
    shop = a_shop(WANTED)
    apply_piece(shop)
    state = shop.store.load()
    snapshot = asyncio.run(observe(shop.remote, shop.catalog, state, Observation(workers=2)))
    made = plan(shop.catalog, snapshot, state, {}, api_url="fake", polls=Polls(), options=DiffOptions(destroy=True))
    assert [type(change) for change in made.changes if change.address.startswith("product.")] == [Delete, Delete]
    asyncio.run(shop.apply(made))
    assert all(one.deleted for one in shop.remote.held.values())
    assert not shop.store.load().products
    apply_piece(shop)
    assert asyncio.run(shop.plan()).empty
