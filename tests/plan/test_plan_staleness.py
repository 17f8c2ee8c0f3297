"""What makes a saved plan stale, and what goes on with it: rows as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from plan_shapes import (
    HIDDEN,
    SHOWN,
    adopt,
    archive,
    await_content,
    await_render,
    conflict,
    create,
    delete,
    file,
    forget,
    generate,
    park,
    plan_of,
    render,
    replacement,
    update,
)
from plan_strategies import plans

from catalogsync.model.catalog import Catalog, FileFacts
from catalogsync.plan.basis import catalog_digest
from catalogsync.plan.changes import Change, Create, Delete, Forget, Plan, Start
from catalogsync.plan.staleness import differences

Rows = Sequence[Change]
EDITED = "name:x>y"


def told(saved: Rows, now: Rows, *, resuming: bool = False) -> list[str]:
    found = differences(plan_of(saved, edges=()), plan_of(now, edges=()), resuming=resuming)
    return [str(one) for one in found]


@settings(max_examples=30)
@given(plans(max_changes=2))
def test_a_plan_is_never_stale_beside_itself(plan: Plan) -> None:
    assert differences(plan, plan, resuming=False) == ()
    assert differences(plan, plan, resuming=True) == ()


@settings(max_examples=30)
@given(plans(max_changes=2))
def test_nothing_left_is_a_plan_that_was_applied_and_otherwise_a_stale_one(plan: Plan) -> None:
    nothing = plan_of([])
    assert differences(plan, nothing, resuming=True) == ()
    missing = {row.address for row in differences(plan, nothing, resuming=False)}
    assert missing == {change.address for change in plan.real_changes}


STALE: dict[str, tuple[Rows, Rows, list[str]]] = {
    "a row is new": ([], [create("A")], ["product.A: saved nothing, now create"]),
    "a row is gone": ([create("A")], [], ["product.A: saved create, now nothing"]),
    "another action": ([create("A")], [adopt("A")], ["product.A: saved create, now adopt"]),
    "another value": (
        [update("A", EDITED)],
        [update("A", "name:z>y")],
        ["product.A: saved update (edits[0].before 'x'), now update (edits[0].before 'z')"],
    ),
    "another file": (
        [create("A")],
        [replace(create("A"), model=replace(file("lamp.glb"), sha256="f" * 64))],
        ["product.A: saved create (model.sha256 'sha of lamp.glb'), now create (model.sha256 ffffffffffff)"],
    ),
    "two rows of one key": (
        [create("A"), generate("A", "ar")],
        [create("A"), generate("A", "ar", "silo")],
        ["content.A: saved generate (outputs ('ar',)), now generate (outputs ('ar', 'silo'))"],
    ),
    "what would go on with it": (
        [update("A", EDITED, "gtin:1>2")],
        [update("A", EDITED)],
        [
            "product.A: saved update (edits ('name', 'gtin')), now update (edits ('name',))",
        ],
    ),
    "a running job that is new": ([], [await_content("A")], ["content.A: saved nothing, now await"]),
}


@pytest.mark.parametrize("name", STALE)
def test_a_row_that_differs_is_named_with_what_was_saved_and_what_is_now(name: str) -> None:
    saved, now, expected = STALE[name]
    assert [line.replace('"', "'") for line in told(saved, now)] == expected


@pytest.mark.parametrize(
    "now",
    [[], [await_content("A", "ar")], [archive("A")]],
    ids=["it ended", "some of it ended", "it ended and images are to be hidden"],
)
def test_a_job_that_ran_on_by_itself_makes_no_plan_stale(now: Rows) -> None:
    assert told([await_content("A", "ar", "silo", archive=("*Leaf*",))], now) == []


def test_images_that_no_saved_pattern_names_do() -> None:
    assert told([await_content("A", "silo", archive=("*Oak*",))], [archive("A")]) != []
    assert told([await_content("A", "silo", archive=("*",))], [archive("A", hide=(), show=(HIDDEN,))]) != []


RETIRED = Delete("retired.A", "u-A", {}, protected=False, reason="the old product is left over")
GOES_ON: dict[str, tuple[Change, Change]] = {
    "a create with uploads left": (create("A"), replace(create("A"), start=Start.UPLOADS, unicode="u", reason="left")),
    "a create with lost forms": (create("A"), replace(create("A"), start=Start.ORPHAN, unicode="u")),
    "an adoption that was bound": (adopt("A", EDITED), update("A", EDITED)),
    "an update of which one field is left": (update("A", EDITED, "gtin:1>2"), update("A", "gtin:1>2")),
    "an update of a parked product": (update("A", "sku_id:A>B"), update("A", "sku_id:A~1>B")),
    "a delete whose identifiers are released": (delete("A", gtin="1", release=True), delete("A")),
    "a job that was submitted": (generate("A", "ar", "silo"), await_content("A", "ar", "silo")),
    "a job of which one output is left": (generate("A", "ar", "silo"), generate("A", "ar")),
    "a job that ended, with images to hide": (generate("A", "silo", archive=("*Leaf*",)), archive("A")),
    "images of which one is left": (archive("A", hide=(SHOWN, HIDDEN)), archive("A", hide=(SHOWN,))),
    "a render that was submitted": (render("room", "A"), await_render("room")),
    "a replacement that was made": (replacement("A"), replacement("A", done=True)),
    "the old product after the hand-over": (replacement("A"), RETIRED),
    "an old product that is gone": (replacement("A"), Forget("retired.A", "it is gone")),
}


@pytest.mark.parametrize("name", GOES_ON)
def test_what_is_left_of_a_row_goes_on_with_it_and_is_stale_when_something_else_moved_the_state(name: str) -> None:
    saved, now = GOES_ON[name]
    assert told([saved], [now], resuming=True) == []
    assert told([saved], [now]) != []


OTHER: dict[str, tuple[Change, Change]] = {
    "a create of another file": (create("A"), replace(create("A"), model=file("other.glb"))),
    "a create with other fields": (create("A"), create("A", gtin="1")),
    "a product that somebody else made": (create("A"), adopt("A")),
    "an edit of another field": (update("A", EDITED), update("A", "gtin:1>2")),
    "an edit to another value": (update("A", EDITED), update("A", "name:x>z")),
    "an update of another product": (update("A", EDITED), replace(update("A", EDITED), unicode="u-other")),
    "a delete of another product": (delete("A"), replace(delete("A"), unicode="u-other")),
    "a delete that nobody saw": (update("A", EDITED), delete("A")),
    "more outputs": (generate("A", "ar"), generate("A", "ar", "silo")),
    "more images": (archive("A", hide=(SHOWN,)), archive("A", hide=(SHOWN, HIDDEN))),
    "images that no pattern names": (generate("A", "silo"), archive("A")),
    "a render of something else": (render("room", "A"), replace(render("room", "A"), fingerprint="other")),
    "a row of another resource": (render("room", "A"), await_render("hall")),
    "a parking that nobody saw": (update("A", "sku_id:A>B"), park("A", "sku_id:A>A~1")),
    "a forgetting that nobody saw": (update("A", EDITED), forget("A")),
    "a conflict": (update("A", EDITED), conflict("A")),
    "another old product": (replacement("A"), replace(RETIRED, unicode="u-other")),
    "a replacement with other identifiers": (replacement("A"), replacement("A", gtin="1")),
    "a delete of the product that replaced": (replacement("A"), delete("A")),
}


@pytest.mark.parametrize("name", OTHER)
def test_what_no_saved_row_says_is_stale_even_when_only_this_plan_was_at_work(name: str) -> None:
    saved, now = OTHER[name]
    assert [line.split(":")[0] for line in told([saved], [now], resuming=True)] == [now.address]


BASES: dict[str, tuple[dict[str, object], bool, bool]] = {
    "the state was moved": ({"serial": 2}, True, False),
    "another state": ({"lineage": "other"}, True, True),
    "another manifest": ({"catalog_digest": "f" * 64}, True, True),
    "another API": ({"api_url": "https://api.other.example"}, True, True),
    "the state was used for another catalog": ({"state_catalog": "other"}, True, False),
}


@pytest.mark.parametrize("name", BASES)
def test_a_base_that_moved_makes_a_plan_stale_though_no_row_differs(name: str) -> None:
    moved, fresh, resumed = BASES[name]
    saved = plan_of([update("A", EDITED)])
    now = replace(saved, made_from=replace(saved.made_from, **moved))
    assert [bool(differences(saved, now, resuming=resuming)) for resuming in (False, True)] == [fresh, resumed]


def test_a_state_that_nothing_was_written_to_is_as_good_as_another_such() -> None:
    saved = plan_of([create("A")])
    saved = replace(saved, made_from=replace(saved.made_from, serial=0))
    now = replace(saved, made_from=replace(saved.made_from, lineage="other"))
    assert differences(saved, now, resuming=False) == ()


def test_a_state_that_was_never_applied_is_of_no_catalog() -> None:
    new, used = plan_of([]), plan_of([])
    new = replace(new, made_from=replace(new.made_from, state_catalog=""))
    used = replace(used, made_from=replace(used.made_from, state_catalog="shop"))
    (told_apart,) = differences(new, used, resuming=False)
    assert str(told_apart) == "the state: saved of no catalog yet, now of catalog 'shop'"


def test_a_sandbox_on_another_port_is_the_same_api() -> None:
    saved = plan_of([create("A")])
    saved = replace(saved, made_from=replace(saved.made_from, api_url="http://127.0.0.1:1"))
    now = replace(saved, made_from=replace(saved.made_from, api_url="http://127.0.0.1:2"))
    assert differences(saved, now, resuming=False) == ()


def test_prices_notices_and_balances_make_no_plan_stale() -> None:
    saved = plan_of([create("A")])
    assert differences(saved, replace(saved, spent=7, available=3, learned=()), resuming=False) == ()
    assert isinstance(saved.changes[0], Create)


def test_the_digest_of_what_is_wanted_changes_with_it_and_with_its_files_and_not_with_the_folder() -> None:
    from plan_shapes import catalog_of

    from catalogsync.errors import Place
    from catalogsync.model.catalog import Asset

    def wanted(path: str, sha: str, **more: object) -> str:
        bare = catalog_of("A")
        asset = Asset("lamp.glb", path, Place("catalog.yaml", 1, 1))
        made: Catalog = replace(bare, products=(replace(bare.products[0], model=asset, **more),))
        return catalog_digest(made, {path: FileFacts(1, sha)})

    assert wanted("/a/lamp.glb", "1") == wanted("/b/lamp.glb", "1")
    assert wanted("/a/lamp.glb", "1", place=Place("other.yaml", 9, 9)) == wanted("/a/lamp.glb", "1")
    others = [
        wanted("/a/lamp.glb", "2"),
        wanted("/a/lamp.glb", "1", protect=True),
        wanted("/a/lamp.glb", "1", name="x"),
    ]
    assert wanted("/a/lamp.glb", "1") not in others
