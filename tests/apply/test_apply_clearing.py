"""A gtin that the remote does not take empty: it stays, that is remembered, and it is not paid for again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from plan_shapes import update
from step_world import BINDING, World

from catalogsync.apply.bench import Done
from catalogsync.errors import InvalidRequestError
from catalogsync.model.remote import RemoteProduct
from catalogsync.plan.changes import FieldEdit, Notice
from catalogsync.plan.identifiers import untried
from catalogsync.plan.steps import StepKind

TAKEN = InvalidRequestError("gtin: already exists", status=400, sentences=[("gtin", "This gtin already exists.")])
CLEARED, NAMED = FieldEdit("gtin", "1", ""), FieldEdit("name", "Old", "New")


def world_that_takes_no_empty_gtin() -> tuple[World, list[dict[str, str]]]:
    world, sent = World(BINDING), []

    async def update_product(_unicode: str, fields: Mapping[str, str]) -> RemoteProduct:
        sent.append(dict(fields))
        if fields.get("gtin") == "":
            raise TAKEN
        return world.held()

    world.remote.update_product = update_product  # type: ignore[method-assign]
    return world, sent


@pytest.mark.parametrize(
    ("edits", "sent"),
    [((CLEARED,), [{"gtin": ""}]), ((CLEARED, NAMED), [{"gtin": "", "name": "New"}, {"name": "New"}])],
    ids=["alone", "beside another field"],
)
def test_what_cannot_be_cleared_stays_and_the_rest_is_sent(edits, sent):
    world, said = world_that_takes_no_empty_gtin()
    assert world.act(StepKind.PATCH, replace(update("A"), edits=edits)) == Done()
    assert said == sent
    binding = world.store.load().products["product.A"]
    assert binding.keeps_gtin
    assert binding.fields["gtin"] == "1"
    assert "its gtin stays as it is" in world.told[0].message


def test_another_gtin_may_be_cleared_again_later():
    world, _ = world_that_takes_no_empty_gtin()
    world.act(StepKind.PATCH, replace(update("A"), edits=(CLEARED,)))
    world.act(StepKind.PATCH, replace(update("A"), edits=(FieldEdit("gtin", "1", "2"),)))
    assert not world.store.load().products["product.A"].keeps_gtin


@pytest.mark.parametrize("edit", [NAMED, FieldEdit("gtin", "1", "2")], ids=["another field", "another gtin"])
def test_other_refusals_stay_refusals(edit):
    world = World(BINDING, faults={"update_product": [TAKEN]})
    assert world.refuses(StepKind.PATCH, replace(update("A"), edits=(edit,))) is TAKEN


def test_the_plan_does_not_try_again_and_says_so():
    notices: list[Notice] = []
    assert untried((CLEARED, NAMED), replace(BINDING, keeps_gtin=True), notices) == (NAMED,)
    assert [notice.address for notice in notices] == ["product.A"]
    assert "its gtin 1 stays" in notices[0].text
    assert untried((CLEARED,), BINDING, []) == (CLEARED,)
