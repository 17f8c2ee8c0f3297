"""Replacement: shoppers see the old content until the new is complete, whatever happens on the way."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from loop import MortalJournal, Shop, until_killed
from test_apply_converges import VARIANTS, a_shop, settle

from catalogsync.apply.stepping import Outcome
from catalogsync.model.catalog import FileFacts
from catalogsync.plan.changes import Replace
from catalogsync.plan.counts import count


def a_settled_shop(**variants: Any) -> Shop:
    shop = a_shop(**variants)
    settle(shop)
    return shop


def edit_model(shop: Shop, sha256: str = "second edition") -> None:
    model = shop.catalog.products[0].model
    assert model is not None
    shop.files[model.path] = FileFacts(12, sha256)
    shop.remote.files = {**shop.remote.files, model.path: sha256}


def run_to_the_end(shop: Shop) -> None:
    for _ in range(4):
        schedule = asyncio.run(shop.run())
        if all(outcome is Outcome.DONE for outcome in schedule.outcomes.values()):
            break
    hold(shop)


def hold(shop: Shop) -> None:
    """The new file is live under the SKU, one job per output, nothing is left over, and the plan is empty."""
    for product in shop.catalog.products:
        (held,) = shop.remote.live(product.sku_id)
        assert product.model is not None
        assert held.objects["model"] == shop.files[product.model.path].sha256
        assert held.product.gtin == (product.gtin or "")
        assert dict(held.jobs) == dict.fromkeys(product.outputs, 1)
    skus = Counter(held.product.sku_id for held in shop.remote.held.values() if not held.deleted)
    assert skus == Counter(product.sku_id for product in shop.catalog.products)
    assert not shop.store.load().intents
    assert asyncio.run(shop.plan()).changes == ()
    assert set(shop.store.load().products) == {product.address for product in shop.catalog.products}
    assert set(shop.store.load().contents) == {product.content_address for product in shop.catalog.products}


def test_a_changed_model_is_a_replacement_that_counts_as_one_added_and_one_destroyed() -> None:
    shop = a_settled_shop()
    edit_model(shop)
    made = asyncio.run(shop.plan())
    replacements = [change for change in made.changes if isinstance(change, Replace)]
    assert [change.address for change in replacements] == ["product.A"]
    assert (count(tuple(replacements)).added, count(tuple(replacements)).destroyed) == (1, 1)
    assert [change.address for change in made.changes if not isinstance(change, Replace)] == [
        "render.room",
        "render.hero",
    ]


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_the_sku_answers_with_complete_content_at_every_call_but_the_handover(variant: dict[str, bool]) -> None:
    shop = a_settled_shop(**variant)
    edit_model(shop)
    gaps: list[int] = []
    calls: list[str] = []

    def look(operation: str) -> None:
        calls.append(operation)
        if not shop.remote.complete("A", ("ar", "silo")):
            gaps.append(len(calls))

    shop.remote.after_call = look
    run_to_the_end(shop)
    assert len(gaps) == 1
    assert calls[gaps[0] - 1 : gaps[0] + 1] == ["update_product", "update_product"]


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize("after", [False, True], ids=["before the commit", "after the commit"])
def test_killed_at_any_commit_a_replacement_finishes_without_a_leftover(variant: dict[str, bool], after: bool) -> None:
    died = 0
    for number in range(1, 60):
        shop = a_settled_shop(**variant)
        edit_model(shop)
        if not until_killed(shop, MortalJournal(shop.store, number, after)):
            break
        died += 1
        run_to_the_end(shop)
        assert len(shop.remote.renders) == 4, "each render once for the old model and once for the new"
    assert died > 12


@pytest.mark.parametrize("operation", ["create_product", "submit_content_job", "update_product", "delete_product"])
def test_a_lost_answer_in_a_replacement_leaves_nothing_behind(operation: str) -> None:
    shop = a_settled_shop()
    edit_model(shop)
    shop.remote.faults = {operation: ["lose"]}
    run_to_the_end(shop)


def test_a_third_edition_in_mid_replacement_starts_over_from_the_newest_file() -> None:
    shop = a_settled_shop()
    edit_model(shop)
    assert until_killed(shop, MortalJournal(shop.store, 7))
    edit_model(shop, "third edition")
    run_to_the_end(shop)


def test_a_file_put_back_in_mid_replacement_clears_the_new_product_away() -> None:
    shop = a_settled_shop()
    original = dict(shop.files)
    edit_model(shop)
    assert until_killed(shop, MortalJournal(shop.store, 7))
    shop.files = original
    shop.remote.files = {path: facts.sha256 for path, facts in original.items()}
    run_to_the_end(shop)
    assert len(shop.remote.renders) == 2


def test_a_replacement_that_failed_stays_beside_the_old_product_and_is_not_paid_twice() -> None:
    shop = a_settled_shop()
    edit_model(shop)
    shop.remote.failing = {"ar"}
    asyncio.run(shop.run())
    (old,) = shop.remote.live("A")
    assert old.objects["model"] == "sha of lamp.glb"
    written = shop.remote.writes
    made = asyncio.run(shop.plan())
    assert made.changes == ()
    assert "the old product stays live" in made.notices[0].text
    asyncio.run(shop.apply(made))
    assert shop.remote.writes == written
    original = {
        path: FileFacts(10, "sha of lamp.glb") if "lamp" in path else facts for path, facts in shop.files.items()
    }
    shop.files = original
    shop.remote.failing = set()
    run_to_the_end(shop)
