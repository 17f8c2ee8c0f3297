"""`state rm` and `state mv`: what goes with what, what is in the way, and what is left behind for the history."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalogsync.errors import UsageMistakeError
from catalogsync.model.outputs import Progress
from catalogsync.model.state import (
    ContentBinding,
    Intent,
    Origin,
    ProductBinding,
    RenderBinding,
    Stage,
    State,
)
from catalogsync.state import MemoryStore
from catalogsync.workflow.surgery import forgetting, moving, operate

NOW = "2026-02-03T04:05:06.000Z"


def product(address: str, sku_id: str, **more) -> ProductBinding:
    return ProductBinding(address, f"u-{address}", Origin.CREATED, Stage.FINALIZED, {"sku_id": sku_id}, **more)


def content(address: str) -> ContentBinding:
    return ContentBinding(address, "u", {})


def by_address(*bindings):
    return {one.address: one for one in bindings}


STATE = State(
    lineage="l",
    serial=5,
    products=by_address(
        product("product.A", "SKU-A", protect=True),
        product("product.B", "B"),
        product("product.R", "R"),
        product("replacement.R", "R-new"),
        product("retired.S", "S-old"),
        product("product.S", "S"),
        product("product.U", "U"),
    ),
    contents=by_address(content("content.A"), content("content.U"), content("replacement-content.R")),
    renders=by_address(
        RenderBinding("render.hero", "7", "f", ("X", "SKU-A"), Progress.DONE, NOW),
        RenderBinding("render.other", "8", "f", ("B",), Progress.DONE, NOW),
    ),
    intents=(
        Intent("i-1", "r", "content.U", "submit-job", {}, NOW),
        Intent("i-2", "r", "product.N", "create", {"sku_id": "N"}, NOW),
    ),
    plan_id="p-1",
)


@pytest.mark.parametrize(
    ("addresses", "gone"),
    [
        (["product.B"], ["product.B"]),
        (["product.A"], ["product.A", "content.A"]),
        (["product.A", "content.A", "product.A"], ["product.A", "content.A"]),
        (["content.A"], ["content.A"]),
        (["render.hero", "product.B"], ["render.hero", "product.B"]),
        (["replacement.R"], ["replacement.R", "replacement-content.R"]),
        (["product.R", "replacement.R"], ["product.R", "replacement.R", "replacement-content.R"]),
        (["product.S", "retired.S"], ["product.S", "retired.S"]),
    ],
)
def test_a_product_is_forgotten_with_its_content_and_nothing_else(addresses, gone):
    assert [source for source, _ in forgetting(STATE, addresses).moves] == gone


def test_renders_that_show_a_forgotten_product_and_its_protection_are_said():
    assert forgetting(STATE, ["product.A"]).notes == (
        "product.A was protected; that is forgotten too.",
        "render.hero shows product.A; it stays in the state.",
    )
    assert forgetting(STATE, ["product.A", "render.hero"]).notes == ("product.A was protected; that is forgotten too.",)


REFUSED = {
    "unknown": (["product.Z"], "product.Z is not in the state"),
    "of no kind": (["LAMP"], "LAMP is not in the state"),
    "its content's call is open": (["product.U"], "content.U: the outcome of its `submit-job` of 2026-02-03"),
    "its own call is open": (["content.U"], "the outcome of its `submit-job`"),
    "only a call is known of it": (["product.N"], "product.N: the outcome of its `create`"),
    "it is being replaced": (["product.R"], "replacement.R belongs to it"),
    "it was replaced and the old one is there": (["product.S"], "retired.S belongs to it"),
}


@pytest.mark.parametrize(("addresses", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_forgotten_is_refused_with_the_reason(addresses, why):
    with pytest.raises(UsageMistakeError, match="Nothing was removed") as caught:
        forgetting(STATE, addresses)
    assert why in str(caught.value)


def test_all_that_is_in_the_way_is_said_at_once():
    with pytest.raises(UsageMistakeError) as caught:
        forgetting(STATE, ["product.Z", "product.B", "content.U", "product.Y"])
    assert all(address in str(caught.value) for address in ("product.Z", "content.U", "product.Y"))
    assert "product.B" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "target", "pairs"),
    [
        ("product.B", "product.C", [("product.B", "product.C")]),
        ("product.A", "product.C", [("product.A", "product.C"), ("content.A", "content.C")]),
        ("render.hero", "render.villain", [("render.hero", "render.villain")]),
    ],
)
def test_a_product_moves_with_its_content(source, target, pairs):
    assert list(moving(STATE, source, target).moves) == pairs


UNMOVED = {
    "unknown": ("product.Z", "product.C", "product.Z is not in the state"),
    "to an address that is there": ("product.B", "product.A", "product.A is there already"),
    "to itself": ("product.B", "product.B", "product.B is there already"),
    "where content is there": ("product.B", "product.U", "product.U is there already"),
    "to another kind": ("product.B", "render.B", "render.B is no address of a product: write product.KEY"),
    "to no key": ("product.B", "product.", "product. is no address of a product"),
    "to a key with spaces": ("product.B", "product.a b", "product.a b is no address of a product"),
    "to no address": ("render.hero", "villain", "villain is no address of a render"),
    "content by itself": ("content.A", "content.C", "content.A goes where its product goes: move product.A"),
    "a part of a replacement": ("retired.S", "retired.T", "only products and renders can"),
    "while it is replaced": ("product.R", "product.T", "let `catalogsync apply` finish that first"),
    "a call is open": ("product.U", "product.T", "the outcome of its `submit-job`"),
    "a call is open at the target": ("product.B", "product.N", "product.N: the outcome of its `create`"),
}


@pytest.mark.parametrize(("source", "target", "why"), UNMOVED.values(), ids=UNMOVED.keys())
def test_what_cannot_move_is_refused_with_the_reason(source, target, why):
    with pytest.raises(UsageMistakeError, match="Nothing was moved") as caught:
        moving(STATE, source, target)
    assert why in str(caught.value)


def test_content_that_is_left_over_at_the_target_keeps_a_product_out():
    state = replace(STATE, contents=STATE.contents | by_address(content("content.C")))
    with pytest.raises(UsageMistakeError, match=r"content\.C is there already"):
        moving(state, "product.B", "product.C")


def test_forgetting_is_one_commit_in_the_history_after_which_a_saved_plan_is_stale():
    store = MemoryStore(STATE)
    assert operate(store, forgetting(store.load(), ["product.A"]), "state rm product.A") == STATE.serial + 1
    state = store.load()
    assert ("product.A" in state.products, "content.A" in state.contents, state.plan_id) == (False, False, "")
    assert state.intents == STATE.intents
    assert [(row.address, row.step, row.detail) for row in store.history()[-2:]] == [
        ("product.A", "forget", "by hand"),
        ("content.A", "forget", "by hand"),
    ]
    assert [(run.command, run.outcome) for run in store.runs()] == [("state rm product.A", "ok")]


def test_what_moved_is_what_it_was_at_another_address():
    store = MemoryStore(STATE)
    assert operate(store, moving(store.load(), "product.A", "product.C"), "state mv") == STATE.serial + 1
    state = store.load()
    assert state.products["product.C"] == replace(STATE.products["product.A"], address="product.C")
    assert state.contents["content.C"] == replace(STATE.contents["content.A"], address="content.C")
    assert "product.A" not in state.products
    assert [(row.address, row.detail) for row in store.history() if row.step == "move"] == [
        ("product.A", "to product.C"),
        ("product.C", "from product.A"),
        ("content.A", "to content.C"),
        ("content.C", "from content.A"),
    ]
