"""--adopt=replace: products of others are replaced beside their live content, and then are ours; killed or not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from loop import MortalJournal, Shop, until_killed
from test_apply_converges import a_shop, settle

from catalogsync.plan.changes import Replace
from catalogsync.plan.diff import DiffOptions
from catalogsync.state import MemoryStore


def a_taken_over_shop(**variants: Any) -> Shop:
    """All products are there with other models than the manifest's, and no state knows them."""
    shop = a_shop(**variants)
    wanted, files = dict(shop.files), dict(shop.remote.files)
    shop.files = {path: replace(facts, sha256=f"other {facts.sha256}") for path, facts in wanted.items()}
    shop.remote.files = {path: f"other {sha256}" for path, sha256 in files.items()}
    renders = shop.catalog.renders
    shop.catalog = replace(shop.catalog, renders=())
    settle(shop)
    shop.catalog = replace(shop.catalog, renders=renders)
    shop.files, shop.remote.files = wanted, files
    shop.store = MemoryStore()
    shop.options = DiffOptions(distrust=True)
    return shop


def test_they_are_replaced_in_one_apply() -> None:
    shop = a_taken_over_shop()
    made = asyncio.run(shop.plan())
    assert [change.address for change in made.changes if isinstance(change, Replace)] == ["product.A", "product.B"]
    settle(shop)
    assert {binding.address for binding in shop.store.load().products.values()} == {"product.A", "product.B"}


def test_without_distrust_their_models_stay_which_is_what_the_option_is_for() -> None:
    shop = a_taken_over_shop()
    shop.options = DiffOptions()
    asyncio.run(shop.run())
    (held,) = shop.remote.live("A")
    assert held.objects["model"].startswith("other")


@pytest.mark.parametrize("after", [False, True], ids=["before the commit", "after the commit"])
@pytest.mark.parametrize("variant", [{}, {"list_unfinished": False, "hold_deleted": True}], ids=str)
def test_killed_at_any_commit_they_are_ours_after_the_next_run(variant: dict[str, bool], after: bool) -> None:
    died = 0
    for number in range(1, 80):
        shop = a_taken_over_shop(**variant)
        if not until_killed(shop, MortalJournal(shop.store, number, after)):
            break
        died += 1
        settle(shop)
    assert died > 12


def test_killed_before_the_hand_over_the_next_run_may_trust_them_after_all() -> None:
    shop = a_taken_over_shop()
    assert until_killed(shop, MortalJournal(shop.store, 7))
    shop.options = DiffOptions()
    asyncio.run(shop.run())
    (held,) = shop.remote.live("A")
    assert held.objects["model"].startswith("other")
    assert [h for h in shop.remote.held.values() if not h.deleted and "~" in h.product.sku_id] == []
