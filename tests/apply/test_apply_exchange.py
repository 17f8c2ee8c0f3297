"""Unique values changing hands: swaps, rotations and chains of sku_id and gtin, whatever interrupts them."""

from __future__ import annotations

import asyncio
from typing import Any

import diff_cases
import pytest
from fake_remote import FakeRemote
from loop import MortalJournal, Shop, until_killed
from test_apply_converges import settle

from catalogsync.plan.changes import Delete, Park

KEYS = ("a", "b", "c")
EXCHANGES: dict[str, list[dict[str, Any]]] = {
    "two swap their sku_ids": [
        {"sku_id": "B", "gtin": "1"},
        {"sku_id": "A", "gtin": "2"},
        {"sku_id": "C", "gtin": "3"},
    ],
    "two swap their gtins": [{"sku_id": "A", "gtin": "2"}, {"sku_id": "B", "gtin": "1"}, {"sku_id": "C", "gtin": "3"}],
    "three rotate sku_ids": [{"sku_id": "B", "gtin": "1"}, {"sku_id": "C", "gtin": "2"}, {"sku_id": "A", "gtin": "3"}],
    "three rotate both, in opposite directions": [
        {"sku_id": "B", "gtin": "3"},
        {"sku_id": "C", "gtin": "1"},
        {"sku_id": "A", "gtin": "2"},
    ],
    "a chain of renames": [{"sku_id": "B", "gtin": "1"}, {"sku_id": "C", "gtin": "2"}, {"sku_id": "D", "gtin": "3"}],
    "a new value and a swap": [
        {"sku_id": "B", "gtin": "9"},
        {"sku_id": "A", "gtin": "1"},
        {"sku_id": "C", "gtin": "2"},
    ],
}
HELD = [{"sku_id": "A", "gtin": "1"}, {"sku_id": "B", "gtin": "2"}, {"sku_id": "C", "gtin": "3"}]


def a_shop_holding(products: list[dict[str, Any]], **variants: Any) -> Shop:
    case = {"wanted": {"products": [{"key": key, **fields} for key, fields in zip(KEYS, products, strict=True)]}}
    catalog = diff_cases.catalog_of(case)
    files = diff_cases.files_of(case, catalog)
    return Shop(FakeRemote(files={path: facts.sha256 for path, facts in files.items()}, **variants), catalog, files)


def an_exchange(name: str, **variants: Any) -> Shop:
    shop = a_shop_holding(HELD, **variants)
    settle(shop)
    shop.catalog = a_shop_holding(EXCHANGES[name]).catalog
    return shop


def unicodes(shop: Shop) -> dict[str, str]:
    return {address: binding.unicode for address, binding in shop.store.load().products.items()}


@pytest.mark.parametrize("name", EXCHANGES)
@pytest.mark.parametrize("hold_deleted", [False, True])
def test_an_exchange_ends_with_the_wanted_values_on_the_same_products(name: str, hold_deleted: bool) -> None:
    shop = an_exchange(name, hold_deleted=hold_deleted)
    before = unicodes(shop)
    made = asyncio.run(shop.plan())
    assert not [change for change in made.changes if isinstance(change, Delete)]
    settle(shop)
    assert unicodes(shop) == before
    held = {h.product.unicode: (h.product.sku_id, h.product.gtin) for h in shop.remote.held.values() if not h.deleted}
    wanted = {before[p.address]: (p.sku_id, p.gtin) for p in shop.catalog.products}
    assert held == wanted


@pytest.mark.parametrize("name", EXCHANGES)
def test_killed_at_any_commit_an_exchange_is_finished_by_the_next_run(name: str) -> None:
    for number in range(1, 20):
        for after in (False, True):
            shop = an_exchange(name)
            if not until_killed(shop, MortalJournal(shop.store, number, after)):
                return
            settle(shop)
    pytest.fail("it never ran to its end")


@pytest.mark.parametrize(
    ("name", "parks"), [("two swap their sku_ids", 1), ("three rotate sku_ids", 1), ("a chain of renames", 0)]
)
def test_a_circle_is_broken_by_one_parked_value_and_a_chain_by_none(name: str, parks: int) -> None:
    made = asyncio.run(an_exchange(name).plan())
    assert sum(isinstance(change, Park) for change in made.changes) == parks
    assert made.price.expected == len(made.changes)
