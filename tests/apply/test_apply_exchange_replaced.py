"""Products that exchange their sku_ids while both are replaced: a conflict, and its ways out lead out."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from loop import Shop
from test_apply_converges import settle
from test_apply_exchange import HELD, a_shop_holding

from catalogsync.model.catalog import Product
from catalogsync.plan.changes import Conflict
from catalogsync.plan.guards import GuardOptions, objections


def with_own_models(shop: Shop, edition: str) -> Shop:
    """Each product gets a model file of its own."""

    def own(product: Product) -> Product:
        assert product.model is not None
        return replace(product, model=replace(product.model, path=f"/shop/{edition}-{product.key}.glb"))

    facts = next(iter(shop.files.values()))
    shop.catalog = replace(shop.catalog, products=tuple(own(product) for product in shop.catalog.products))
    paths = [product.model.path for product in shop.catalog.products if product.model]
    shop.files = {path: replace(facts, sha256=f"sha of {path}") for path in paths}
    shop.remote.files |= {path: facts.sha256 for path, facts in shop.files.items()}
    return shop


def exchanged(shop: Shop) -> None:
    first, second, third = shop.catalog.products
    swapped = (replace(first, sku_id=second.sku_id), replace(second, sku_id=first.sku_id), third)
    shop.catalog = replace(shop.catalog, products=swapped)


def test_it_is_a_conflict_that_names_both_and_is_never_overridden() -> None:
    shop = with_own_models(a_shop_holding(HELD), "first")
    settle(shop)
    exchanged(with_own_models(shop, "second"))
    made = asyncio.run(shop.plan())
    (conflict,) = [change for change in made.changes if isinstance(change, Conflict)]
    assert {"product.a", "product.b"} <= set(f"{conflict.address} {conflict.reason}".split())
    (objection,) = objections(made, shop.catalog, GuardOptions(allowed=frozenset({"conflict"})))
    assert objection.guard == "conflict"


@pytest.mark.parametrize("files_first", [True, False])
def test_in_two_applies_it_is_done(files_first: bool) -> None:
    shop = with_own_models(a_shop_holding(HELD), "first")
    settle(shop)
    steps = [lambda: with_own_models(shop, "second"), lambda: exchanged(shop)]
    for step in steps if files_first else reversed(steps):
        step()
        settle(shop)
