"""A temporary sku_id that is taken already: what an earlier run left there is made again, nothing else is touched."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_remote import Held
from plan_shapes import create
from step_world import BINDING, World

from catalogsync.apply.bench import Restart
from catalogsync.model.remote import RemoteProduct
from catalogsync.model.state import ProductBinding
from catalogsync.plan.changes import Create, Start
from catalogsync.plan.steps import StepKind

NEW = replace(create("A~1"), address="replacement.A")
LEFT = replace(BINDING, address="product.A~1", unicode="u-left", fields={"sku_id": "A~1"})


def world(*bindings: ProductBinding, gtin: str = "", listed: bool = True) -> World:
    made = World(BINDING, *bindings, list_unfinished=listed)
    made.remote.held["u-left"] = Held(RemoteProduct("u-left", "A~1", gtin, "", ""))
    return made


@pytest.mark.parametrize("listed", [True, False])
def test_what_an_earlier_run_left_under_the_name_is_made_again(listed: bool) -> None:
    made = world(listed=listed)
    result = made.act(StepKind.CREATE, NEW)
    assert isinstance(result, Restart)
    assert result.change == replace(NEW, start=Start.ORPHAN, unicode="u-left")
    assert made.store.load().intents == ()
    assert "u-left is made again" in made.told[0].message


@pytest.mark.parametrize(
    ("made", "change"),
    [
        (world(LEFT), NEW),
        (world(gtin="4006381333931"), NEW),
        (world(), create("A~1")),
    ],
    ids=["a product of ours", "a product with a gtin", "the create of a product"],
)
def test_another_product_of_that_name_is_not_touched(made: World, change: Create) -> None:
    assert "sku_id A~1 is held by" in str(made.refuses(StepKind.CREATE, change))
    assert made.store.load().intents == ()
    assert not made.remote.held["u-left"].deleted
