"""Reading what is beside products: a list that lost pages, statuses that answer nothing, images of renders."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

import pytest
from fake_remote import FakeRemote, Held, Meter
from plan_shapes import catalog_of

from catalogsync.errors import AnswerLostError, NotFoundError, ObservationError, Place
from catalogsync.model.catalog import Catalog, Placement, Render
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import ContentSeen, Page, RemoteProduct, RenderImage
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import RenderBinding, State
from catalogsync.observe import Observation, Refresh, each, observe

PLACE = Place("catalog.yaml", 1, 1)


def observed(reader: object, catalog: Catalog, state: State, refresh: Refresh = Refresh.AUTO) -> Snapshot:
    return asyncio.run(observe(reader, catalog, state, Observation(refresh, workers=2)))  # type: ignore[arg-type]


@dataclass
class Shrinking(FakeRemote):
    """Its later pages are gone by the time they are asked for, as often as `shrinks` says."""

    shrinks: int = 0
    pages: list[int] = field(default_factory=list)

    async def products_page(self, number: int = 1) -> Page[RemoteProduct]:
        self.pages.append(number)
        page = await super().products_page(number)
        if number == page.total_pages and self.shrinks:
            self.shrinks -= 1
            raise NotFoundError("Invalid page.", status=404)
        return page


def shrinking(times: int) -> Shrinking:
    remote = Shrinking(shrinks=times)
    for number in range(5):
        product = RemoteProduct(f"u{number}", f"P{number}", "", "", "")
        remote.held[product.unicode] = Held(product, finished=True)
    return remote


def test_a_list_that_lost_its_last_page_while_it_was_read_is_read_again() -> None:
    remote = shrinking(1)
    snapshot = observed(remote, catalog_of("P3", "P4"), State("lineage", 1))
    assert set(snapshot.by_sku) == {f"P{number}" for number in range(5)}
    assert remote.pages == [1, 2, 1, 2]


def test_a_list_that_always_loses_its_last_page_is_no_observation() -> None:
    with pytest.raises(ObservationError, match="changed on each of 3 readings"):
        observed(shrinking(9), catalog_of("P3", "P4"), State("lineage", 1))


@dataclass
class Rooms:
    """A reader of render images, and of products whose status says nothing."""

    images: dict[str, tuple[int, ...]]
    asked: list[str] = field(default_factory=list)
    credits: Meter = field(default_factory=Meter)

    async def products_page(self, number: int = 1) -> Page[RemoteProduct]:
        raise AssertionError

    async def find_products(self, *, unicode: str = "", sku_id: str = "", gtin: str = "") -> tuple[RemoteProduct, ...]:
        self.asked.append(f"find {sku_id}")
        return (RemoteProduct(f"u-{sku_id}", sku_id, "", "", ""),)

    async def content_status(self, *, unicode: str = "", sku_id: str = "") -> ContentSeen | None:
        self.asked.append(f"status {unicode}")
        return None

    async def render_images(self, *, render_id: str = "", sku_id: str = "") -> tuple[RenderImage, ...]:
        self.asked.append(f"images {render_id or sku_id}")
        ids = self.images[render_id or sku_id]
        return tuple(RenderImage(number, "cam", Progress.DONE, "Done", "", "", "", "", "") for number in ids)


def a_room(render_id: str, progress: Progress) -> tuple[Catalog, State]:
    render = Render("room", 1, (1,), None, (Placement("A", "A", None, None, None),), PLACE)
    binding = RenderBinding("render.room", render_id, "mark", ("A", "B"), progress, "", (1, 2))
    return replace(catalog_of(), renders=(render,)), State("lineage", 1, renders={"render.room": binding})


@pytest.mark.parametrize(
    ("render_id", "progress", "refresh", "asked", "images"),
    [
        ("r1", Progress.RUNNING, Refresh.AUTO, ["images r1"], [7]),
        ("", Progress.RUNNING, Refresh.AUTO, ["images A"], [1, 2]),
        ("r1", Progress.DONE, Refresh.AUTO, [], None),
        ("r1", Progress.DONE, Refresh.FULL, ["images r1"], [7]),
    ],
    ids=["by its render_id", "without one, its own among those of its SKU", "an ended one is not read", "but in full"],
)
def test_images_of_a_render_are_read(
    render_id: str, progress: Progress, refresh: Refresh, asked: list[str], images: list[int] | None
) -> None:
    reader = Rooms({"r1": (7,), "A": (1, 2, 3)})
    snapshot = observed(reader, *a_room(render_id, progress), refresh)
    assert reader.asked == asked
    assert {address: [image.id for image in found] for address, found in snapshot.renders.items()} == (
        {"render.room": images} if images else {}
    )


def test_a_status_that_answers_nothing_is_no_content() -> None:
    reader = Rooms({})
    catalog = catalog_of("A")
    wanted = replace(catalog, products=(replace(catalog.products[0], outputs=("ar",)),))
    snapshot = observed(reader, wanted, State("lineage", 1))
    assert reader.asked == ["find A", "status u-A"]
    assert snapshot.contents == {}


def test_the_first_error_of_many_reads_ends_the_others() -> None:
    ended: list[int] = []
    started: list[int] = []

    async def read(number: int) -> int:
        started.append(number)
        if number == 2:
            raise AnswerLostError("lost")
        await asyncio.sleep(0 if number == 0 else 3600)
        ended.append(number)
        return number

    with pytest.raises(AnswerLostError):
        asyncio.run(each(range(100), read, workers=2))
    assert started == [0, 1, 2]
    assert ended == [0]
