"""Waiting for content and renders, collecting them, hiding and showing images: single steps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plan_shapes import SHOWN, archive, await_content, generate, render
from step_world import BINDING, ROOM, RUNNING, World

from catalogsync.apply.bench import Done, NotReady, Result
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import ContentSeen, OutputSeen, RenderImage, SharedContent
from catalogsync.model.state import ContentBinding, KnownImage, OutputRecord
from catalogsync.plan.changes import Change
from catalogsync.plan.steps import StepKind


def test_content_of_a_product_that_vanished_is_not_waited_for() -> None:
    world = World(RUNNING)
    world.remote.held.clear()
    assert "vanished" in str(world.refuses(StepKind.WAIT_CONTENT, await_content("A")))


def test_an_output_that_failed_is_told_and_remembered() -> None:
    world = World(RUNNING, failing={"ar"}, checks_until_done=0)
    world.remote.held["u-A"].jobs["ar"] = 1
    error = world.refuses(StepKind.WAIT_CONTENT, await_content("A"))
    assert "AR failed" in str(error)
    assert "--retry-failed" in error.hint
    assert world.store.load().contents["content.A"].outputs["ar"].progress is Progress.FAILED


@pytest.mark.parametrize(
    ("kind", "change", "says"),
    [
        (StepKind.WAIT_CONTENT, await_content("A"), "product.A has no content job on record"),
        (StepKind.WAIT_RENDER, render("room", "A"), "render.room has no render job on record"),
        (StepKind.SUBMIT_JOB, generate("A"), "product.A is not bound"),
    ],
)
def test_a_step_without_what_it_stands_on_says_so(kind: StepKind, change: Change, says: str) -> None:
    assert says in str(World().refuses(kind, change))


def test_done_without_a_url_is_looked_at_again() -> None:
    world = World(replace(RUNNING, outputs={"ar": OutputRecord("sha", Progress.DONE)}))
    assert world.act(StepKind.COLLECT, await_content("A")) == NotReady()
    world.remote.held["u-A"].jobs["ar"] = 1
    assert world.act(StepKind.COLLECT, await_content("A")) == Done()


@pytest.mark.parametrize(("archived", "result"), [(False, NotReady()), (True, Done())])
def test_silo_images_that_are_all_hidden_are_complete_without_a_visible_one(archived: bool, result: Result) -> None:
    image = KnownImage(1, "Lamp - Black bg", archived)
    world = World(ContentBinding("content.A", "u-A", {"silo": OutputRecord("sha", Progress.DONE)}, (image,)))

    async def nothing_visible(*, unicode: str = "") -> SharedContent:
        return SharedContent(world.held(), "", {}, ())

    world.remote.shared_content = nothing_visible  # type: ignore[method-assign]
    assert world.act(StepKind.COLLECT, await_content("A", "silo")) == result


def test_images_are_hidden_and_shown_and_the_state_follows() -> None:
    world = World(ContentBinding("content.A", "u-A", {}, (SHOWN,)))
    world.act(StepKind.HIDE, archive("A", hide=(SHOWN,)))
    hidden = world.store.load().contents["content.A"].images
    assert hidden == (replace(SHOWN, archived=True),)
    world.act(StepKind.SHOW, archive("A", hide=(), show=hidden))
    assert world.store.load().contents["content.A"].images == (SHOWN,)
    assert world.remote.held["u-A"].archived == set()


def test_no_call_is_made_when_no_image_matches() -> None:
    world = World(ContentBinding("content.A", "u-A", {}, (SHOWN,)))
    world.act(StepKind.HIDE, await_content("A", "silo", archive=("nothing like it",)))
    assert world.remote.calls["archive_images"] == 0


@pytest.mark.parametrize(
    ("images", "says"),
    [([Progress.RUNNING, Progress.DONE], ""), ([Progress.FAILED], "failed"), ([Progress.INFECTED], "infected")],
    ids=str,
)
def test_a_render_is_waited_for_until_every_camera_ended(images: list[Progress], says: str) -> None:
    world = World(BINDING, ROOM)

    async def rendered(*, render_id: str = "", sku_id: str = "") -> tuple[RenderImage, ...]:
        return tuple(RenderImage(i, "cam", progress, "", "", "", "", "", "") for i, progress in enumerate(images))

    world.remote.render_images = rendered  # type: ignore[method-assign]
    if says:
        assert says in str(world.refuses(StepKind.WAIT_RENDER, render("room", "A")))
    else:
        assert world.act(StepKind.WAIT_RENDER, render("room", "A")) == NotReady()
    assert world.store.load().renders["render.room"].image_ids == tuple(range(len(images)))


@pytest.mark.parametrize(("looks", "seconds"), [(("12:03:00", "12:05:30"), 300.0), (("12:03:20",), 160.0)])
def test_a_job_that_was_watched_to_its_end_teaches_how_long_its_kind_takes(
    looks: tuple[str, ...], seconds: float
) -> None:
    world = World(BINDING, checks_until_done=len(looks) - 1)
    world.act(StepKind.SUBMIT_JOB, generate("A", "ar"))
    for number, at in enumerate(looks, start=1):
        world.bench.now = lambda at=at: f"2026-01-01T{at}Z"  # type: ignore[misc]
        expected = Done() if number == len(looks) else NotReady()
        assert world.act(StepKind.WAIT_CONTENT, generate("A", "ar")) == expected
    assert world.store.load().durations == {"ar": (seconds,)}


def test_a_job_of_an_earlier_run_teaches_nothing_when_it_is_done_at_the_first_look() -> None:
    requested = replace(RUNNING, outputs={"ar": OutputRecord("sha", Progress.RUNNING, "2026-01-01T00:00:00Z")})
    world = World(requested, checks_until_done=0)
    world.remote.held["u-A"].jobs["ar"] = 1
    assert world.act(StepKind.WAIT_CONTENT, await_content("A")) == Done()
    assert world.store.load().durations == {}


def test_a_status_that_is_not_documented_counts_as_in_progress_and_is_told_once() -> None:
    world = World(RUNNING)
    product = world.held()

    async def paused(*, unicode: str = "", sku_id: str = "") -> ContentSeen:
        return ContentSeen(
            product, {"ar": OutputSeen(Progress.RUNNING, "Paused"), "silo": OutputSeen(Progress.RUNNING, "Held")}
        )

    world.remote.content_status = paused  # type: ignore[method-assign]
    for _ in range(3):
        assert world.act(StepKind.WAIT_CONTENT, await_content("A", "ar")) == NotReady()
    assert [event.message for event in world.told] == [
        "the remote says 'Paused', a status that is not documented; it counts as in progress"
    ]
