"""Jobs whose answers are lost, in runs that are killed anywhere or do not wait: never two for one output."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from storm_remote import StormRemote
from storm_rows import Manner, Row
from storm_shop import StormShop

LOST: list[list[Any]] = [["lose"], ["refuse"], ["refuse", "lose"]]


def a_shop(unseen: int, floor: float) -> StormShop:
    shop = StormShop(StormRemote(unseen=unseen, running=1), floor=floor)
    shop.rows = [Row(f"f{n}", f"S{n}", f"G{n}", f"k{n}", thumbnail=False) for n in range(2)]
    for row in shop.rows:
        row.outputs = ("ar", "silo")
    return shop


@pytest.mark.parametrize(("unseen", "floor"), list(product([0, 2], [0.0, 8.0])))
@pytest.mark.parametrize("lost", LOST, ids=" then ".join)
@pytest.mark.parametrize("wait", [True, False], ids=["waiting", "not waiting"])
@pytest.mark.parametrize("dies_at", [None, 10, 13, 16])
def test_a_job_whose_answer_is_lost_is_made_once(
    unseen: int, floor: float, lost: list[Any], *, wait: bool, dies_at: int | None
) -> None:
    shop = a_shop(unseen, floor)
    shop.remote.faults = {"submit_content_job": list(lost)}
    shop.run(Manner(wait=wait, dies_at=dies_at))
    shop.run(Manner(wait=wait))
    shop.settle()
    assert [dict(held.jobs) for held in shop.remote.held.values() if not held.deleted] == [{"ar": 1, "silo": 1}] * 2


def test_nothing_is_looked_at_before_the_floor_when_an_answer_is_lost() -> None:
    shop = a_shop(0, 1000.0)
    shop.remote.faults = {"submit_content_job": ["lose"]}
    shop.run(Manner(wait=False))
    assert shop.remote.calls["submit_content_job"] == 2
    assert shop.remote.calls["content_status"] == 0
    shop.run(Manner(wait=False))
    assert shop.remote.calls["submit_content_job"] == 2
    assert shop.remote.calls["content_status"] == 0
