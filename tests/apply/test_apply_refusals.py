"""What a step of a product makes of an answer that is not the hoped-for one: told, journalled, put right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from plan_shapes import adopt, create, delete, edits, file, forget, generate, render, update
from step_world import BINDING, FORM, RUNNING, World

from catalogsync.apply.bench import Done, Restart
from catalogsync.errors import (
    AnswerLostError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    UploadRefusedError,
)
from catalogsync.model.remote import UploadForm
from catalogsync.model.state import Origin, Stage
from catalogsync.plan.changes import Change, Start
from catalogsync.plan.steps import StepKind

UNFINISHED = replace(BINDING, stage=Stage.CREATED, model_form=FORM, thumbnail_form=FORM)


def taken(field: str) -> InvalidRequestError:
    sentence = {"sku_id": "Sku id already exists.", "gtin": "This gtin already exists."}[field]
    return InvalidRequestError(sentence, status=400, sentences=[("", sentence)])


WRONG = InvalidRequestError("Name is too long.", status=400)
SCOPE = ForbiddenError("Missing scope.", status=403)
REFUSALS: list[tuple[StepKind, str, Change, tuple[Any, ...]]] = [
    (StepKind.CREATE, "create_product", create("NEW"), ()),
    (StepKind.SUBMIT_JOB, "submit_content_job", generate("A"), (BINDING,)),
    (StepKind.SUBMIT_RENDER, "create_images", render("room", "A"), (BINDING,)),
    (StepKind.DELETE, "delete_product", delete("A"), (BINDING,)),
]


@pytest.mark.parametrize("error", [WRONG, SCOPE], ids=["wrong", "not allowed"])
@pytest.mark.parametrize(
    ("kind", "operation", "change", "bindings"), REFUSALS, ids=[operation for _, operation, _, _ in REFUSALS]
)
def test_a_clear_refusal_closes_the_intent_and_is_told_as_it_is(
    kind: StepKind, operation: str, change: Change, bindings: tuple[Any, ...], error: Exception
) -> None:
    world = World(*bindings, faults={operation: [error]})
    assert world.refuses(kind, change) is error
    assert world.store.load().intents == ()
    assert world.remote.calls[operation] == 1


@pytest.mark.parametrize("origin", Origin)
def test_a_job_that_is_refused_for_an_adopted_product_names_the_way_out(origin: Origin) -> None:
    wrong = InvalidRequestError("Product upload is not complete.", status=400)
    world = World(replace(BINDING, origin=origin), faults={"submit_content_job": [wrong]})
    error = world.refuses(StepKind.SUBMIT_JOB, generate("A"))
    assert ("--replace product.A" in error.hint) is (origin is Origin.ADOPTED)


@pytest.mark.parametrize("field", ["sku_id", "gtin"])
def test_a_value_that_nobody_in_the_list_holds_is_explained(field: str) -> None:
    world = World(faults={"create_product": [taken(field)]})
    error = world.refuses(StepKind.CREATE, create("NEW", gtin="7"))
    assert f"{field} {'NEW' if field == 'sku_id' else '7'} is held by a product that is in no list" in str(error)
    assert f"another {field}" in error.hint


def test_a_create_whose_work_cannot_be_seen_yet_is_left_to_the_next_run() -> None:
    world = World(faults={"create_product": ["refuse", taken("sku_id")]})
    error = world.refuses(StepKind.CREATE, create("NEW"))
    assert "cannot be seen yet" in str(error)
    assert "apply again" in error.hint
    assert [intent.step for intent in world.store.load().intents] == ["create"]
    assert sum(world.slept) <= 2 * world.bench.settle_time


def test_a_create_that_never_arrives_is_tried_so_often_and_then_told() -> None:
    world = World(faults={"create_product": ["refuse"] * 9})
    assert isinstance(world.refuses(StepKind.CREATE, create("NEW")), AnswerLostError)
    assert world.remote.calls["create_product"] == 4
    assert len(world.store.load().intents) == 1


def test_a_render_that_never_arrives_is_tried_so_often_and_then_told() -> None:
    world = World(BINDING, faults={"create_images": ["refuse"] * 9})
    assert isinstance(world.refuses(StepKind.SUBMIT_RENDER, render("room", "A")), AnswerLostError)
    assert world.remote.calls["create_images"] == 3
    assert len(world.store.load().intents) == 1


def test_a_delete_without_an_answer_is_open_until_the_product_is_seen_to_be_gone() -> None:
    world = World(BINDING, faults={"delete_product": ["lose"]})
    assert isinstance(world.refuses(StepKind.DELETE, delete("A")), AnswerLostError)
    assert [intent.step for intent in world.store.load().intents] == ["delete"]
    assert world.act(StepKind.FORGET, forget("A")) == Done()
    state = world.store.load()
    assert (state.intents, state.products) == ((), {})


def test_a_product_that_is_gone_already_is_deleted() -> None:
    world = World(BINDING, RUNNING)
    world.remote.held.clear()
    assert world.act(StepKind.DELETE, delete("A")) == Done()
    state = world.store.load()
    assert (state.products, state.contents, state.buried) == ({}, {}, {"u-A"})


def test_releasing_clears_the_gtin_and_renames_the_sku() -> None:
    world = World(BINDING)
    world.act(StepKind.RELEASE, delete("A", gtin="1"))
    assert (world.held().sku_id, world.held().gtin) == ("released-u-A", "")


def test_a_remote_that_takes_no_empty_gtin_gets_a_unique_one() -> None:
    world = World(BINDING, faults={"update_product": [WRONG]})
    world.act(StepKind.RELEASE, delete("A", gtin="1"))
    assert (world.held().sku_id, world.held().gtin) == ("released-u-A", "released-u-A")


def test_a_product_that_is_gone_holds_nothing_to_release() -> None:
    world = World(BINDING, faults={"update_product": [NotFoundError("gone", status=404)]})
    assert world.act(StepKind.RELEASE, delete("A", gtin="1")) == Done()


def thumbnailed() -> Any:
    return replace(create("A", thumbnail=True), start=Start.UPLOADS, unicode="u-A")


def test_a_form_that_the_bucket_refuses_for_good_begins_the_create_anew() -> None:
    refusal = UploadRefusedError("Policy expired.", status=403, code="AccessDenied")
    world = World(UNFINISHED, finished=False, faults={"upload": [refusal]})
    result = world.act(StepKind.UPLOAD_MODEL, thumbnailed())
    assert isinstance(result, Restart)
    assert result.change == replace(thumbnailed(), start=Start.ORPHAN)
    assert "Policy expired" in world.told[0].message


def test_a_form_that_is_lost_begins_the_create_anew() -> None:
    world = World(replace(UNFINISHED, thumbnail_form=None), finished=False)
    result = world.act(StepKind.UPLOAD_THUMBNAIL, thumbnailed())
    assert isinstance(result, Restart)
    assert "form of its thumbnail is lost" in result.why


def test_a_refusal_that_is_not_the_forms_fault_is_told() -> None:
    refusal = UploadRefusedError("Slow down.", status=503, code="SlowDown")
    world = World(UNFINISHED, finished=False, faults={"upload": [refusal]})
    assert world.refuses(StepKind.UPLOAD_MODEL, thumbnailed()) is refusal
    assert world.store.load().products["product.A"].model_form == FORM


@pytest.mark.parametrize("kind", [StepKind.UPLOAD_MODEL, StepKind.UPLOAD_THUMBNAIL])
def test_a_file_that_was_uploaded_is_not_sent_again_and_an_edited_one_is(kind: StepKind) -> None:
    change = thumbnailed()
    uploaded = replace(
        UNFINISHED,
        model_uploaded=True,
        model_sha256=change.model.sha256,
        thumbnail_uploaded=True,
        thumbnail_sha256=change.thumbnail.sha256,
    )
    world = World(uploaded, finished=False)
    assert world.act(kind, change) == Done()
    assert world.remote.calls["upload"] == 0
    edited = replace(change, model=file("other.glb"), thumbnail=file("other.png"))
    assert world.act(kind, edited) == Done()
    assert world.remote.calls["upload"] == 1


def test_progress_of_an_upload_is_told() -> None:
    world = World(UNFINISHED, finished=False)

    async def upload(form: UploadForm, path: str, *, sha256: str, progress: Callable[[int], None]) -> None:
        progress(4)

    world.remote.upload = upload  # type: ignore[method-assign, assignment]
    world.act(StepKind.UPLOAD_MODEL, thumbnailed())
    assert [(event.file, event.sent, event.size) for event in world.told] == [("lamp.glb", 4, 10)]


def test_an_adoption_binds_and_patches_the_fields_that_differ() -> None:
    world = World()
    change = replace(adopt("A"), edits=edits("name:>Lamp"))
    world.act(StepKind.BIND, change)
    assert world.store.load().products["product.A"].origin is Origin.ADOPTED
    world.act(StepKind.PATCH, change)
    assert world.held().name == "Lamp"
    assert world.store.load().products["product.A"].fields == {"sku_id": "A", "name": "Lamp"}


def test_a_patch_that_is_refused_is_not_remembered() -> None:
    world = World(BINDING, faults={"update_product": [WRONG]})
    assert world.refuses(StepKind.PATCH, update("A", "gtin:1>2")) is WRONG
    assert world.store.load().products["product.A"] == BINDING
