"""Changes and plans in few words, for tests of what is done with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from catalogsync.errors import Place
from catalogsync.model.catalog import Catalog, Product
from catalogsync.model.remote import PlacementRequest, RenderRequest
from catalogsync.model.state import KnownImage
from catalogsync.plan.basis import MadeFrom
from catalogsync.plan.changes import (
    Adopt,
    Archive,
    Await,
    Change,
    Conflict,
    Create,
    Delete,
    FieldEdit,
    Forget,
    Generate,
    Park,
    Plan,
    PlannedFile,
    Price,
    Render,
    Replace,
    Update,
)
from catalogsync.plan.graph import edges_of
from catalogsync.plan.steps import Polls, price_of

MADE_FROM = MadeFrom("lineage", 1, "https://api.example", "shop")
HIDDEN = KnownImage(1, "Lamp - Black bg - Cam", archived=True)
SHOWN = KnownImage(2, "Lamp - Leaf - Cam")


def file(name: str) -> PlannedFile:
    return PlannedFile(f"/shop/{name}", name, name, 10, f"sha of {name}")


def edits(*words: str) -> tuple[FieldEdit, ...]:
    """`sku_id:A>B`: the field, what it is and what it is to become."""
    found = []
    for word in words:
        name, _, values = word.partition(":")
        before, _, after = values.partition(">")
        found.append(FieldEdit(name, before, after))
    return tuple(found)


def create(key: str, *, thumbnail: bool = False, gtin: str = "", **more: Any) -> Create:
    fields = {"sku_id": key, **({"gtin": gtin} if gtin else {})}
    thumb = file("lamp.png") if thumbnail else None
    return Create(f"product.{key}", fields, file("lamp.glb"), thumb, protect=False, reason="it is new", **more)


def adopt(key: str, *words: str) -> Adopt:
    return Adopt(
        f"product.{key}", f"u-{key}", {"sku_id": key}, edits(*words), "", "", protect=False, reason="it exists"
    )


def update(key: str, *words: str) -> Update:
    return Update(f"product.{key}", f"u-{key}", edits(*words), "edited")


def park(key: str, *words: str) -> Park:
    return Park(f"product.{key}", f"u-{key}", edits(*words), "others wait for its sku_id")


def replacement(key: str, *, done: bool = False, archive: tuple[str, ...] = (), gtin: str = "") -> Replace:
    """Of a product with one output. `done`: a former run left nothing to do but the hand-over."""
    fields = {"sku_id": key, "gtin": gtin}
    return Replace(
        address=f"product.{key}",
        unicode=f"u-{key}",
        fields=fields,
        takes=fields,
        create=None if done else replace(create(f"{key}~1"), address=f"replacement.{key}"),
        generate=None if done else replace(generate(key), address=f"replacement-content.{key}"),
        awaiting=None if done else Await(f"replacement-content.{key}", ("ar",), archive),
        protected=False,
        reason="its model changed",
    )


def delete(key: str, *, gtin: str = "", protected: bool = False, release: bool = False) -> Delete:
    fields = {"sku_id": key, "gtin": gtin}
    return Delete(f"product.{key}", f"u-{key}", fields, protected, "it is no longer in the manifest", release)


def forget(key: str) -> Forget:
    return Forget(f"product.{key}", "it is gone")


def generate(key: str, *outputs: str, archive: tuple[str, ...] = ()) -> Generate:
    return Generate(f"content.{key}", f"product.{key}", outputs or ("ar",), archive, "sha", "not generated yet")


def archive(key: str, *, hide: tuple[KnownImage, ...] = (SHOWN,), show: tuple[KnownImage, ...] = ()) -> Archive:
    return Archive(f"content.{key}", f"u-{key}", hide, show, "the patterns say so")


def render(name: str, *keys: str) -> Render:
    placements = tuple(PlacementRequest(key, None, None, None) for key in keys)
    addresses = tuple(f"product.{key}" for key in keys)
    return Render(f"render.{name}", RenderRequest(1, (1,), None, placements), addresses, "mark", "it is new")


def await_content(key: str, *outputs: str, archive: tuple[str, ...] = ()) -> Await:
    return Await(f"content.{key}", outputs or ("ar",), archive)


def await_render(name: str) -> Await:
    return Await(f"render.{name}", ())


def conflict(key: str) -> Conflict:
    return Conflict(f"product.{key}", "its gtin is another product's", ("change the gtin", "leave it out"))


def plan_of(
    changes: Sequence[Change],
    *,
    edges: Sequence[tuple[int, int]] | None = None,
    managed: int = 0,
    expected: int | None = None,
) -> Plan:
    """A plan of these changes. Edges and prices are their own unless given; `expected` is what the first one costs."""
    prices = [price_of(change, Polls()) for change in changes]
    if expected is not None:
        prices = [Price(0, expected, 10 * expected), *(Price() for _ in changes[1:])]
    order = edges_of(changes) if edges is None else tuple(edges)
    return Plan(tuple(changes), tuple(prices), order, MADE_FROM, managed=managed)


def catalog_of(*keys: str) -> Catalog:
    place = Place("catalog.yaml", 1, 1)
    products = [Product(key, key, None, None, None, None, None, (), (), protect=False, place=place) for key in keys]
    return Catalog("shop", "/shop", tuple(products), ())
