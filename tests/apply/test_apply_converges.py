"""The promise of apply: whatever happens, running it again ends with one product per SKU and one job per output."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import diff_cases
import pytest
from fake_remote import FakeRemote
from hypothesis import given, settings
from hypothesis import strategies as st
from loop import MortalJournal, Shop, until_killed

from catalogsync.apply.stepping import Outcome
from catalogsync.errors import RateLimitedError, ServerFaultError
from catalogsync.model.catalog import FileFacts
from catalogsync.model.state import Unbind

WANTED: dict[str, Any] = {
    "wanted": {
        "products": [
            {
                "sku_id": "A",
                "gtin": "1",
                "salsify_id": "S",
                "name": "Lamp",
                "thumbnail": "a.png",
                "outputs": ["ar", "silo"],
                "archive": ["*Black*"],
            },
            {"sku_id": "B", "name": "Sofa", "model": "sofa.glb", "outputs": ["3d_model_viewer"]},
        ],
        "renders": [{"name": "room", "of": ["A", "B"], "cameras": [1, 2]}, {"name": "hero", "of": ["A"]}],
    }
}
LOSABLE = ["create_product", "submit_content_job", "create_images", "finalize_product", "upload", "archive_images"]


def a_shop(case: dict[str, Any] = WANTED, **variants: Any) -> Shop:
    catalog = diff_cases.catalog_of(case)
    files = diff_cases.files_of(case, catalog)
    shas = {path: facts.sha256 for path, facts in files.items()}
    return Shop(FakeRemote(files=shas, **variants), catalog, files)


def settle(shop: Shop) -> None:
    """Apply until nothing fails (each lost answer may cost a run), then hold the result to the promise."""
    for _ in range(4):
        schedule = asyncio.run(shop.run())
        if all(outcome is Outcome.DONE for outcome in schedule.outcomes.values()):
            break
    hold_to_promise(shop)


def hold_to_promise(shop: Shop) -> None:
    for product in shop.catalog.products:
        (held,) = shop.remote.live(product.sku_id)
        assert held.finished
        assert dict(held.jobs) == dict.fromkeys(product.outputs, 1)
        assert product.model is not None
        assert held.objects["model"] == shop.files[product.model.path].sha256
        assert ("thumbnail" in held.objects) == (product.thumbnail is not None)
    skus = {product.sku_id for product in shop.catalog.products}
    orphans = [h.product for h in shop.remote.held.values() if not h.deleted and h.product.sku_id not in skus]
    assert orphans == []
    scenes = [request.cameras_to_render for request, _ in shop.remote.renders.values()]
    assert sorted(scenes) == sorted(render.cameras_to_render for render in shop.catalog.renders)
    assert not shop.store.load().intents
    shop.trusting = False
    written = shop.remote.writes
    again = asyncio.run(shop.plan())
    assert again.changes == ()
    asyncio.run(shop.apply(again))
    assert shop.remote.writes == written


VARIANTS: list[dict[str, Any]] = [
    {},
    {"list_unfinished": False},
    {"list_lag": 30},
    {"hold_deleted": True},
    {"list_unfinished": False, "hold_deleted": True},
]


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_a_first_apply_makes_everything_and_a_second_one_writes_nothing(variant: dict[str, bool]) -> None:
    shop = a_shop(**variant)
    settle(shop)
    assert shop.remote.calls["create_product"] == 2
    assert shop.remote.calls["submit_content_job"] == 2
    assert shop.remote.calls["create_images"] == 2


def test_in_calm_weather_the_credits_are_the_least_possible() -> None:
    shop = a_shop(checks_until_done=0)
    made = asyncio.run(shop.plan())
    asyncio.run(shop.apply(made))
    # 2 products: create, finalize, job, one poll, collect; one archive call; 2 renders: submit, one poll.
    assert shop.remote.credits.spent - made.spent == 2 * 5 + 1 + 2 * 2 == made.price.minimum


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize("after", [False, True], ids=["before the commit", "after the commit"])
def test_killed_at_any_commit_the_next_run_finishes_without_duplicates(variant: dict[str, bool], after: bool) -> None:
    died = 0
    for number in range(1, 60):
        shop = a_shop(**variant)
        if not until_killed(shop, MortalJournal(shop.store, number, after)):
            break
        died += 1
        settle(shop)
    assert died > 20


@pytest.mark.parametrize("operation", LOSABLE)
@pytest.mark.parametrize("fault", ["lose", "refuse"])
@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_a_lost_answer_makes_no_duplicate(operation: str, fault: str, variant: dict[str, bool]) -> None:
    shop = a_shop(**variant)
    shop.remote.faults = {operation: [fault]}
    settle(shop)


@pytest.mark.parametrize("operation", ["create_product", "submit_content_job", "create_images"])
@pytest.mark.parametrize(
    "error", [ServerFaultError("Bad gateway", status=502), RateLimitedError("Slow down")], ids=["502", "429"]
)
def test_a_refusal_that_may_have_done_its_work_is_looked_into(operation: str, error: Exception) -> None:
    shop = a_shop()
    shop.remote.faults = {operation: [error, error]}
    settle(shop)


@pytest.mark.parametrize("operation", ["submit_content_job", "create_images"])
def test_a_remote_that_is_slow_to_show_what_it_did_gets_no_duplicate(operation: str) -> None:
    shop = a_shop(late=2)
    shop.remote.faults = {operation: ["lose"]}
    settle(shop)


@pytest.mark.parametrize("number", range(1, 26))
def test_killed_while_the_remote_is_slow_to_show_what_it_did(number: int) -> None:
    shop = a_shop(late=2)
    until_killed(shop, MortalJournal(shop.store, number))
    settle(shop)


@settings(max_examples=400, deadline=None)
@given(
    faults=st.dictionaries(st.sampled_from(LOSABLE), st.lists(st.sampled_from(["lose", "refuse"]), max_size=3)),
    kills=st.lists(st.tuples(st.integers(1, 40), st.booleans()), max_size=3),
    variant=st.sampled_from(VARIANTS),
    trusting=st.booleans(),
)
def test_any_weather_and_any_kills_converge(
    faults: dict[str, list[str]], kills: list[tuple[int, bool]], variant: dict[str, bool], trusting: bool
) -> None:
    """Also where the state is trusted, and only what is about to be changed is read."""
    shop = a_shop(**variant)
    shop.trusting = trusting
    shop.remote.faults = {name: list(items) for name, items in faults.items()}
    for number, after in kills:
        until_killed(shop, MortalJournal(shop.store, number, after))
    shop.remote.faults = {}
    settle(shop)


def test_a_file_edited_between_create_and_resume_is_the_one_that_is_uploaded() -> None:
    shop = a_shop()
    until_killed(shop, MortalJournal(shop.store, 4))
    path = shop.catalog.products[0].model.path  # type: ignore[union-attr]
    shop.files[path] = FileFacts(11, "edited")
    shop.remote.files = {**shop.remote.files, path: "edited"}
    settle(shop)


def test_a_product_that_vanished_while_its_model_was_edited_gets_one_job_for_each_output() -> None:
    shop = a_shop()
    settle(shop)
    (gone,) = shop.remote.live("A")
    gone.deleted = True
    path = shop.catalog.products[0].model.path  # type: ignore[union-attr]
    shop.files[path] = FileFacts(11, "edited")
    shop.remote.files = {**shop.remote.files, path: "edited"}
    shop.remote.renders.clear()
    for name in ("render.room", "render.hero"):
        shop.store.commit_now(Unbind(name))
    settle(shop)
    (anew,) = shop.remote.live("A")
    assert dict(anew.jobs) == {"ar": 1, "silo": 1}


@pytest.mark.parametrize("list_unfinished", [True, False])
@pytest.mark.parametrize("edit", [{"sku_id": "A2"}, {"sku_id": "A2", "key": "A"}, None], ids=str)
def test_what_an_unanswered_create_made_is_ours_also_when_the_entry_says_something_else_by_now(
    edit: dict[str, str] | None, list_unfinished: bool
) -> None:
    """With the key of before, with another, or without an entry: nothing is left behind, and its gtin is free."""
    entry = {"sku_id": "A", "gtin": "1", "outputs": ["ar"]}
    shop = a_shop({"wanted": {"products": [entry]}}, list_unfinished=list_unfinished)
    assert until_killed(shop, MortalJournal(shop.store, 2))
    assert [intent.step for intent in shop.store.load().intents] == ["create"]
    assert shop.remote.calls["create_product"] == 1
    shop.catalog = diff_cases.catalog_of({"wanted": {"products": [{**entry, **edit}] if edit else []}})
    settle(shop)
    assert sum(not held.deleted for held in shop.remote.held.values()) == (1 if edit else 0)


def test_a_delete_without_an_answer_is_settled_when_its_address_is_wanted_again() -> None:
    shop = a_shop()
    settle(shop)
    shop.catalog = replace(shop.catalog, products=shop.catalog.products[1:], renders=())
    shop.remote.faults = {"delete_product": ["lose"]}
    asyncio.run(shop.run())
    assert [intent.step for intent in shop.store.load().intents] == ["delete"]
    shop.catalog = replace(a_shop().catalog, renders=())
    shop.remote.renders.clear()
    settle(shop)
