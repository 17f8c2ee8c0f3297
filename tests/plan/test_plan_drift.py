"""Drift: what the remote changed since it was remembered; the manifest has no say in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from catalogsync.errors import UsageMistakeError
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import ContentSeen, OutputSeen, RemoteProduct, RenderImage
from catalogsync.model.snapshot import Snapshot, snapshot_of
from catalogsync.model.state import (
    ContentBinding,
    Intent,
    Origin,
    OutputRecord,
    ProductBinding,
    RenderBinding,
    Stage,
    State,
)
from catalogsync.plan.drift import drift, part_of, remembered_catalog
from catalogsync.plan.selection import EVERYTHING, Selection

SEEN = RemoteProduct("u", "A", "1", "Lamp", "lamp")
BINDING = ProductBinding(
    "product.A", "u", Origin.CREATED, Stage.FINALIZED, {"sku_id": "A", "gtin": "1", "name": "Lamp"}
)
RENDER = RenderBinding("render.hero", "r", "mark", ("A",), Progress.DONE, "")


def remembered(output: Progress = Progress.DONE, render: Progress = Progress.DONE, **changes: object) -> State:
    content = ContentBinding("content.A", "u", {"ar": OutputRecord("sha", output)})
    state = State("lineage", 1, {"product.A": BINDING}, {"content.A": content})
    known: dict[str, Any] = {"renders": {"render.hero": replace(RENDER, progress=render)}, **changes}
    return replace(state, **known)


def seen(output: Progress | None = Progress.DONE, *images: Progress, **fields: str) -> Snapshot:
    product = replace(SEEN, **fields)
    contents = {} if output is None else {"u": ContentSeen(product, {"ar": OutputSeen(output, output.value)})}
    renders = tuple(RenderImage(1, "cam", one, one.value, "", "", "", "", "") for one in images)
    return replace(snapshot_of([product]), contents=contents, renders={"render.hero": renders})


D, F, N, R = Progress.DONE, Progress.FAILED, Progress.NONE, Progress.RUNNING
CASES: dict[str, tuple[State, Snapshot, list[str]]] = {
    "nothing": (remembered(), seen(D, D), []),
    "a field": (remembered(), seen(D, D, name="Other"), ["product.A field name: Lamp -> Other"]),
    "several fields": (
        remembered(),
        seen(D, D, name="Other", gtin=""),
        ["product.A field gtin: 1 -> ", "product.A field name: Lamp -> Other"],
    ),
    "a field that is not managed": (remembered(), seen(D, D, main_asset_name="other"), []),
    "a product that is gone": (
        remembered(renders={}),
        snapshot_of([]),
        ["product.A vanished : u -> "],
    ),
    "an output that is gone": (remembered(), seen(N, D), ["content.A output ar: done -> none"]),
    "an output that failed since": (remembered(), seen(F, D), ["content.A output ar: done -> failed"]),
    "an output somebody made after it failed": (remembered(F), seen(D, D), ["content.A output ar: failed -> done"]),
    "a job that ended": (remembered(R), seen(D, D), []),
    "an output that is made again": (remembered(), seen(R, D), []),
    "an output that was not read": (remembered(), seen(None, D), []),
    "a render whose images are gone": (remembered(), seen(D), ["render.hero render : done -> none"]),
    "a render that failed since": (remembered(), seen(D, F), ["render.hero render : done -> failed"]),
    "a render that ended": (remembered(render=R), seen(D, D), []),
    "a render that was not read": (remembered(), replace(seen(D), renders={}), []),
    "an unfinished product": (
        remembered(products={"product.A": replace(BINDING, stage=Stage.CREATED)}, renders={}),
        snapshot_of([]),
        [],
    ),
    "content of a former product": (
        remembered(contents={"content.A": ContentBinding("content.A", "old", {"ar": OutputRecord("sha", D)})}),
        seen(N, D),
        [],
    ),
    "what a replacement left": (
        remembered(products={"retired.A": replace(BINDING, address="retired.A")}, renders={}),
        snapshot_of([]),
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_has_drifted(name: str) -> None:
    state, snapshot, expected = CASES[name]
    told = [f"{d.address} {d.kind.value} {d.name}: {d.remembered} -> {d.seen}" for d in drift(snapshot, state)]
    assert told == expected


def test_the_remembered_catalog_has_what_is_remembered_with_its_outputs() -> None:
    catalog = remembered_catalog(remembered())
    assert [(product.address, product.outputs) for product in catalog.products] == [("product.A", ("ar",))]
    assert [render.address for render in catalog.renders] == ["render.hero"]


TWO = remembered(
    products={
        "product.A": BINDING,
        "product.B": replace(BINDING, address="product.B", unicode="v", fields={"sku_id": "B", "name": "Table"}),
    },
    intents=tuple(Intent(one, "run", one, "delete", {}, "") for one in ("product.A", "product.B")),
)
ALL = ["content.A", "product.A", "product.B", "render.hero"]


@pytest.mark.parametrize(
    ("rule", "targets", "excludes", "expected"),
    [
        ("nothing is everything", (), (), ALL),
        ("an address is itself", ("product.A",), (), ["product.A"]),
        ("a sku_id is the product and its content", ("A",), (), ["content.A", "product.A"]),
        ("content brings its product along", ("content.A",), (), ["content.A", "product.A"]),
        ("a render brings its products along", ("hero",), (), ["product.A", "render.hero"]),
        ("a name with a wildcard", ("Tab*",), (), ["product.B"]),
        ("what depends on something excluded is left out", (), ("product.A",), ["product.B"]),
        ("an exclusion wins", ("A", "B"), ("content.*",), ["product.A", "product.B"]),
    ],
)
def test_a_part_of_what_is_remembered(
    rule: str, targets: tuple[str, ...], excludes: tuple[str, ...], expected: list[str]
) -> None:
    part = part_of(TWO, Selection(targets, excludes) if targets or excludes else EVERYTHING)
    assert sorted([*part.products, *part.contents, *part.renders]) == expected, rule
    assert {intent.address for intent in part.intents} == part.products.keys()
    assert sorted(product.address for product in remembered_catalog(part).products) == sorted(part.products)


def test_a_glob_that_names_nothing_is_refused() -> None:
    with pytest.raises(UsageMistakeError, match="Nothing is called Lampe"):
        part_of(TWO, Selection(("Lampe",)))
