"""Looking at a part of the catalog: what a target may be called, and that one which names nothing is a mistake."""

from __future__ import annotations

import pytest

from catalogsync.errors import Place, UsageMistakeError
from catalogsync.model.catalog import Catalog, Product, Render
from catalogsync.model.outputs import Progress
from catalogsync.model.state import State
from catalogsync.observe import Refresh
from catalogsync.workflow.looking import ContentLook, Looks, RenderLook, remembered, to_read

SOMEWHERE = Place("catalog.yaml")
LAMP = Product("lamp", "LAMP-1", None, "Arc lamp", None, None, None, (), (), protect=False, place=SOMEWHERE)
SOFA = Product("SOFA", "SOFA", None, None, None, None, None, (), (), protect=False, place=SOMEWHERE)
HERO = Render("hero", 1, (1,), None, (), SOMEWHERE)
CATALOG = Catalog("shop", "", (LAMP, SOFA), (HERO,))
EMPTY = State("lineage", 0)


@pytest.mark.parametrize(
    "target", ["product.lamp", "content.lamp", "LAMP-1", "Arc lamp", "LAMP-*", "*.lamp", "Arc ????"]
)
def test_a_product_goes_by_its_addresses_its_sku_id_and_its_name(target: str) -> None:
    assert [look.address for look in remembered(CATALOG, EMPTY, (target,)).contents] == ["product.lamp"]


def test_without_a_target_everything_is_meant() -> None:
    assert [look.address for look in remembered(CATALOG, EMPTY).contents] == ["product.lamp", "product.SOFA"]


def test_a_render_that_was_never_submitted_is_named_and_has_nothing_to_show() -> None:
    looks = remembered(CATALOG, EMPTY, ("hero",))
    assert (looks.contents, looks.renders) == ((), ())


def test_a_target_that_names_nothing_is_a_mistake_even_beside_one_that_does() -> None:
    with pytest.raises(UsageMistakeError, match="Nothing is called LAMB-1") as caught:
        remembered(CATALOG, EMPTY, ("hero", "LAMB-1"))
    assert caught.value.hint == "Did you mean LAMP-1?"


@pytest.mark.parametrize(
    ("refresh", "read"),
    [
        (Refresh.AUTO, {"product.running", "product.failed", "render.open"}),
        (
            Refresh.FULL,
            {"product.done", "product.bare", "product.running", "product.failed", "render.open", "render.done"},
        ),
        (Refresh.NONE, set()),
    ],
)
def test_auto_reads_what_is_not_remembered_as_done_and_nobody_reads_what_was_never_made(
    refresh: Refresh, read: set[str]
) -> None:
    done, running, failed = ({"ar": Progress.DONE}, {"ar": Progress.RUNNING}, {"ar": Progress.FAILED})
    looks = Looks(
        (
            ContentLook("product.done", "A", "u1", ("ar",), done),
            ContentLook("product.running", "B", "u2", ("ar",), running),
            ContentLook("product.failed", "C", "u3", ("ar",), failed),
            ContentLook("product.bare", "D", "u4", (), {}),
            ContentLook("product.new", "E", "", ("ar",), {}),
        ),
        (RenderLook("render.done", "1", Progress.DONE), RenderLook("render.open", "2", Progress.RUNNING)),
    )
    assert to_read(looks, refresh) == read
