"""What reading is said to cost, what it costs, and that it is the cheaper of listing and looking up."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest
from plan_shapes import catalog_of
from test_observe_products import Listed, looked, seen, state_of

from catalogsync.model.catalog import Catalog
from catalogsync.model.remote import Page, RemoteProduct
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import Origin, ProductBinding, Stage, State
from catalogsync.observe import Refresh

SKUS = ("A", "B", "C", "D", "E")
PAGES, COUNT = 11_659, 233_180


def gtin_of(sku: str) -> str:
    return f"gtin-{sku}"


def wanted(*skus: str, outputs: tuple[str, ...] = ()) -> Catalog:
    catalog = catalog_of(*skus)
    return replace(
        catalog,
        products=tuple(replace(product, gtin=gtin_of(product.sku_id), outputs=outputs) for product in catalog.products),
    )


def remembering(*skus: str) -> State:
    fields = ({"sku_id": sku, "gtin": gtin_of(sku)} for sku in skus)
    return state_of(
        *(
            ProductBinding(f"product.{one['sku_id']}", f"u-{one['sku_id']}", Origin.CREATED, Stage.FINALIZED, one)
            for one in fields
        )
    )


def remote_products(*skus: str) -> list[RemoteProduct]:
    return [seen(sku, gtin=gtin_of(sku)) for sku in skus]


@dataclass
class Vast(Listed):
    """An account of 233,180 products on 11,659 pages, of which the first shows none that is wanted."""

    async def products_page(self, number: int = 1) -> Page[RemoteProduct]:
        await self._call("page")
        return Page(number, PAGES, COUNT, (seen(f"other-{number}"),))


def said_credits(words: list[str]) -> tuple[int, int]:
    """What was said to be read for certain, and how much more at most, without the first page."""
    certain = sum(int(found.replace(",", "")) for word in words for found in re.findall(r"\(([\d,]+) credits?", word))
    more = sum(int(found.replace(",", "")) for word in words for found in re.findall(r"up to ([\d,]+) more", word))
    return certain, more


@pytest.mark.parametrize("bound", [(), SKUS, SKUS[:2]], ids=["unbound", "bound", "some bound"])
def test_a_plan_of_five_products_over_an_account_of_233_180_costs_six_credits(bound: tuple[str, ...]) -> None:
    reader = Vast(remote_products(*SKUS))
    snapshot = looked(reader, wanted(*SKUS), remembering(*bound))
    assert set(snapshot.by_sku) >= set(SKUS)
    assert snapshot.spent == reader.credits.spent == 6


def test_five_new_products_with_a_gtin_cost_a_second_read_each_which_is_said() -> None:
    reader, words = Vast([]), []
    snapshot = looked(reader, wanted(*SKUS), say=words.append)
    assert snapshot.spent == 1 + 5 + 5
    assert words == [
        (
            "Reading 5 products one by one (5 credits, and up to 5 more to see who holds an identifier); "
            "listing would take 11,659."
        ),
        "Reading who holds 5 gtins that are in doubt (5 credits).",
    ]


def test_a_plan_that_is_only_looked_at_leaves_the_gtins_of_new_products_to_apply() -> None:
    words: list[str] = []
    snapshot = looked(Vast([]), wanted(*SKUS), say=words.append, thorough=False)
    assert (snapshot.spent, len(snapshot.unasked)) == (6, 5)
    assert words == ["Reading 5 products one by one (5 credits); listing would take 11,659."]
    in_full = looked(Vast([]), wanted(*SKUS), refresh=Refresh.FULL, thorough=False)
    assert (in_full.spent, in_full.unasked) == (11, frozenset())


def test_a_list_that_is_read_to_its_end_leaves_no_gtin_to_ask_for() -> None:
    assert looked(Listed(remote_products("A")), wanted("X", "Y"), thorough=False).unasked == frozenset()


# Products on the remote (two on a page), those of them that are remembered, what is wanted: pages and look-ups.
CHOICES: list[tuple[str, int, tuple[str, ...], tuple[str, ...], int, int]] = [
    ("new products count two look-ups each", 20, (), ("X", "Y", "Z", "V", "W"), 10, 0),
    ("so two of them are looked up where listing takes one more", 12, (), ("X", "Y"), 1, 4),
    ("and listed where it takes as many", 10, (), ("X", "Y"), 5, 0),
    ("bound products count one", 10, ("P6", "P7"), ("P6", "P7"), 1, 2),
    ("a product that the first page shows counts none", 10, (), ("P0", "P9"), 1, 1),
]


@pytest.mark.parametrize(
    ("held", "bound", "skus", "pages", "look_ups"), [row[1:] for row in CHOICES], ids=[row[0] for row in CHOICES]
)
def test_the_choice_counts_first_and_second_look_ups(
    held: int, bound: tuple[str, ...], skus: tuple[str, ...], pages: int, look_ups: int
) -> None:
    reader = Listed(remote_products(*(f"P{number}" for number in range(held))))
    looked(reader, wanted(*skus), remembering(*bound))
    assert (reader.calls["page"], reader.calls["find"]) == (pages, look_ups)


def test_a_product_made_anew_by_hand_costs_no_read_by_gtin_after_the_one_by_sku() -> None:
    reader = Listed([replace(seen("A", gtin=gtin_of("A")), unicode="u-other")])
    snapshot: Snapshot = looked(reader, wanted("A"), remembering("A"))
    assert reader.asked == ["u-A", "A"]
    assert snapshot.by_sku["A"].unicode == "u-other"


@pytest.mark.parametrize("bound", [(), SKUS, ("A", "GONE")], ids=["unbound", "bound", "one is gone"])
@pytest.mark.parametrize("outputs", [(), ("ar",)], ids=["products", "and content"])
def test_what_is_said_is_what_is_charged(bound: tuple[str, ...], outputs: tuple[str, ...]) -> None:
    for reader, first_page in ((Vast(remote_products(*SKUS)), 1), (Listed(remote_products(*SKUS)), 0)):
        words: list[str] = []
        snapshot = looked(reader, wanted(*SKUS, "NEW", outputs=outputs), remembering(*bound), say=words.append)
        certain, more = said_credits(words)
        assert certain + first_page == snapshot.spent == reader.credits.spent
        assert more <= 6


def test_one_product_is_looked_up_without_a_page() -> None:
    reader = Vast([])
    assert looked(reader, wanted("A")).spent == 2
    assert reader.calls["page"] == 0
