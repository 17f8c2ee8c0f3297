"""Calls without an answer: how long their effect is looked for, and how it is told from its neighbours'."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from fake_remote import Held
from plan_shapes import await_content, create, generate, park, render, replacement
from step_world import BINDING, World

from catalogsync.apply.bench import Done, NotReady, Restart
from catalogsync.apply.unknown import pauses, shows_up, time_left
from catalogsync.errors import AnswerLostError, InvalidRequestError, PauseTooLongError
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import ContentSeen, OutputSeen, RemoteProduct
from catalogsync.model.state import Bind, ContentBinding, Intend, Intent, Origin, OutputRecord, RenderBinding
from catalogsync.plan.changes import Render, Start
from catalogsync.plan.steps import StepKind, program_of, with_part

OTHER = replace(BINDING, address="product.B", unicode="u-B", fields={"sku_id": "B"})
NEW_ONE = RemoteProduct("u-new", "NEW", "", "", "")
TAKEN = InvalidRequestError("Sku id already exists.", status=400, sentences=[("", "Sku id already exists.")])
WRONG = InvalidRequestError("Not so.", status=400)


@pytest.mark.parametrize(
    ("at", "left"),
    [
        ("2026-01-01T12:00:00Z", 15.0),
        ("2026-01-01T11:59:50Z", 5.0),
        ("2026-01-01T11:59:45Z", 0.0),
        ("2025-01-01T12:00:00Z", 0.0),
        ("2026-01-01T12:00:30Z", 15.0),
        ("", 0.0),
        ("2026-01-01T12:00:00", 0.0),
    ],
    ids=["just now", "ten seconds ago", "time is up", "long ago", "a clock that is ahead", "unknown", "without a zone"],
)
def test_an_earlier_call_has_time_to_show_until(at: str, left: float) -> None:
    assert time_left(World().bench, Intent("i", "r", "product.A", "create", {}, at)) == left


@pytest.mark.parametrize(
    ("shows_at", "settle_time", "found", "looks"),
    [
        (1, 15.0, True, 1),
        (3, 15.0, True, 3),
        (4, 15.0, True, 4),
        (5, 15.0, False, 4),
        (1, 0.0, True, 1),
        (2, 0.0, False, 1),
    ],
)
def test_an_effect_is_looked_for_soon_at_first_and_for_the_settle_time_in_all(
    shows_at: int, settle_time: float, found: bool, looks: int
) -> None:
    world, looked = World(), 0

    async def look() -> bool:
        nonlocal looked
        looked += 1
        return looked >= shows_at

    assert asyncio.run(shows_up(world.bench, look, settle_time)) is found
    assert looked == looks
    assert world.slept == list(pauses(settle_time))[: looks - 1]
    assert sum(pauses(settle_time)) == settle_time


def test_a_create_that_shows_only_after_its_repeat_was_refused_is_made_again() -> None:
    world = World(faults={"create_product": ["refuse", TAKEN]})
    seen: list[str] = []

    async def blind(*, sku_id: str = "") -> tuple[RemoteProduct, ...]:
        seen.append(sku_id)
        return (NEW_ONE,) if len(seen) > 3 else (RemoteProduct("u-x", "ANOTHER", "", "", ""),)

    world.remote.find_products = blind  # type: ignore[method-assign, assignment]
    result = world.act(StepKind.CREATE, create("NEW"))
    assert isinstance(result, Restart)
    assert result.change == create("NEW", start=Start.ORPHAN, unicode="u-new")
    assert "u-new is made again" in world.told[0].message
    assert len(world.store.load().intents) == 1  # the restarted create settles it when it has bound the product


def earlier(address: str, step: str, at: str = "2026-01-01T11:59:55Z", **request: str) -> Intent:
    return Intent(f"earlier-{address}", "before", address, step, request, at)


LATELY, LONG_AGO = "2026-01-01T11:59:55Z", "2025-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("accepted", "at", "submitted", "looks", "left_open"),
    [
        (("ar",), LATELY, {"silo"}, 0, True),
        ((), LATELY, {"silo"}, 0, True),
        (("ar",), LONG_AGO, {"silo"}, 1, False),
        ((), LONG_AGO, {"ar", "silo"}, 1, False),
    ],
    ids=[
        "it may show later",
        "it may show later, and does not",
        "it must show, and does",
        "it must show: it never was",
    ],
)
def test_an_earlier_job_without_an_answer_is_not_repeated_before_a_look_in_its_time(
    accepted: tuple[str, ...], at: str, submitted: set[str], looks: int, left_open: bool
) -> None:
    world = World(BINDING)
    world.remote.held["u-A"].jobs.update(accepted)
    open_job = earlier("content.A", "submit-job", at, unicode="u-A", outputs="ar")
    asyncio.run(world.bench.memory.commit(Intend(open_job)))
    before = dict(world.remote.held["u-A"].jobs)
    world.act(StepKind.SUBMIT_JOB, generate("A", "ar", "silo"))
    jobs = world.remote.held["u-A"].jobs
    assert {name for name in jobs if jobs[name] > before.get(name, 0)} == submitted
    assert world.remote.calls["content_status"] == looks
    state = world.store.load()
    assert set(state.contents["content.A"].outputs) == ({"silo"} if left_open else {"ar", "silo"})
    assert [intent.id for intent in state.intents] == ([open_job.id] if left_open else [])


def sent_without_an_answer(*, settle_time: float, floor: float = 0.0, fault: object = "lose") -> World:
    world = World(BINDING, faults={"submit_content_job": [fault]}, checks_until_done=9)
    world.bench.settle_time, world.bench.floor = settle_time, floor
    assert world.act(StepKind.SUBMIT_JOB, generate("A", "ar")) == Done()
    assert world.remote.calls == {"submit_content_job": 1}
    return world


def test_the_first_look_settles_a_job_that_was_not_answered() -> None:
    world = sent_without_an_answer(settle_time=15.0)
    (sent,) = world.store.load().intents
    assert world.act(StepKind.WAIT_CONTENT, generate("A", "ar")) == NotReady()
    state = world.store.load()
    assert state.contents["content.A"].outputs == {"ar": OutputRecord("sha", Progress.RUNNING, sent.at)}
    assert state.intents == ()
    assert world.remote.calls == {"submit_content_job": 1, "content_status": 1}


@pytest.mark.parametrize("settle_time", [15.0, 0.0], ids=["within the settle time", "within the floor"])
def test_a_job_that_does_not_show_is_given_its_time(settle_time: float) -> None:
    world = sent_without_an_answer(settle_time=settle_time, floor=10.0, fault="refuse")
    assert world.act(StepKind.WAIT_CONTENT, generate("A", "ar")) == NotReady()
    assert len(world.store.load().intents) == 1


@pytest.mark.parametrize("replacing", [False, True])
def test_a_job_that_does_not_show_in_its_time_is_begun_anew(replacing: bool) -> None:
    world = sent_without_an_answer(settle_time=0.0, fault="refuse")
    waits = await_content("A", "ar") if replacing else generate("A", "ar")
    result = world.act(StepKind.WAIT_CONTENT, waits)
    assert isinstance(result, Restart)
    assert result.change == waits
    assert world.store.load().intents == ()
    assert world.act(StepKind.SUBMIT_JOB, generate("A", "ar")) == Done()
    assert world.held_jobs() == {"ar": 1}


@pytest.mark.parametrize("known", [True, False])
def test_who_only_waits_for_a_job_that_was_never_accepted_is_told_so(known: bool) -> None:
    binding = ContentBinding("content.A", "u-A", {"silo": OutputRecord("sha", Progress.RUNNING)})
    world = World(BINDING, *([binding] if known else []))
    lost = earlier("content.A", "submit-job", LONG_AGO, unicode="u-A", outputs="ar")
    asyncio.run(world.bench.memory.commit(Intend(lost)))
    assert isinstance(world.act(StepKind.WAIT_CONTENT, await_content("A", "ar")), Restart)
    error = world.refuses(StepKind.WAIT_CONTENT, await_content("A", "ar"))
    assert (str(error), error.hint) == ("product.A has no content job on record.", "Run apply: it sends one.")
    assert world.remote.calls["submit_content_job"] == 0


def test_of_two_jobs_only_the_one_that_does_not_show_is_sent_again() -> None:
    world = sent_without_an_answer(settle_time=0.0)
    lost = earlier("content.A", "submit-job", LONG_AGO, unicode="u-A", outputs="silo")
    asyncio.run(world.bench.memory.commit(Intend(lost)))
    both = generate("A", "ar", "silo")
    assert isinstance(world.act(StepKind.WAIT_CONTENT, both), Restart)
    assert world.act(StepKind.SUBMIT_JOB, both) == Done()
    assert world.held_jobs() == {"ar": 1, "silo": 1}


def test_a_job_for_a_product_that_is_another_one_by_now_is_of_no_use() -> None:
    world = World(BINDING)
    asyncio.run(
        world.bench.memory.commit(Intend(earlier("content.A", "submit-job", LATELY, unicode="u-0", outputs="ar")))
    )
    world.act(StepKind.SUBMIT_JOB, generate("A", "ar"))
    assert world.held_jobs() == {"ar": 1}
    assert world.store.load().intents == ()


def test_a_replacement_whose_job_is_begun_anew_keeps_its_product() -> None:
    change = replacement("A")
    again = with_part(change, await_content("A"))
    assert again == replace(change, create=None)
    assert program_of(again)[0] == (StepKind.SUBMIT_JOB,)


@pytest.mark.parametrize(
    ("remembered", "shown", "accepted"),
    [
        (None, Progress.FAILED, True),
        (None, Progress.DISABLED, True),
        (None, Progress.INFECTED, True),
        (Progress.FAILED, Progress.FAILED, False),
        (Progress.FAILED, Progress.DISABLED, True),
    ],
)
def test_a_job_that_ended_badly_at_once_was_accepted_and_a_remembered_failure_is_of_the_job_before(
    remembered: Progress | None, shown: Progress, accepted: bool
) -> None:
    records = {"ar": OutputRecord("sha", remembered)} if remembered else {}
    world = World(BINDING, ContentBinding("content.A", "u-A", records), faults={"submit_content_job": ["lose"]})
    world.bench.settle_time = 0.0

    async def status(*, unicode: str = "", sku_id: str = "") -> ContentSeen:
        return ContentSeen(world.held(), {"ar": OutputSeen(shown, shown.value)})

    world.remote.content_status = status  # type: ignore[method-assign]
    change = generate("A", "ar")
    assert world.act(StepKind.SUBMIT_JOB, change) == Done()
    if accepted:
        assert "could not make" in str(world.refuses(StepKind.WAIT_CONTENT, change))
    else:
        assert isinstance(world.act(StepKind.WAIT_CONTENT, change), Restart)


ROOM, HERO = render("room", "A", "B"), render("hero", "B", "A")


def two_unanswered() -> World:
    """Both renders were submitted, neither was answered: room first, hero after it had read what was there."""
    world = World(BINDING, OTHER)
    world.remote.held["u-B"] = Held(RemoteProduct("u-B", "B", "", "", ""), finished=True)
    room = earlier("render.room", "submit-render", fingerprint="mark", before="", sku_ids="A\nB")
    hero = earlier("render.hero", "submit-render", fingerprint="mark", before="11,12", sku_ids="B\nA")
    asyncio.run(world.bench.memory.commit(Intend(room), Intend(hero)))
    world.remote.renders = {"r1": (ROOM.request, [11, 12]), "r2": (HERO.request, [21])}
    return world


@pytest.mark.parametrize("order", [[ROOM, HERO], [HERO, ROOM]], ids=["as they were begun", "the other way round"])
def test_unanswered_renders_of_the_same_products_are_told_apart(order: list[Render]) -> None:
    world = two_unanswered()
    for change in order:
        assert world.act(StepKind.SUBMIT_RENDER, change) == Done()
    found = {address: binding.image_ids for address, binding in world.store.load().renders.items()}
    assert found == {"render.room": (11, 12), "render.hero": (21,)}
    assert world.remote.calls["create_images"] == 0
    assert world.store.load().intents == ()


def test_beside_an_unanswered_render_the_images_of_every_product_are_read_first() -> None:
    world = two_unanswered()
    del world.remote.renders["r2"]
    third = render("third", "B", "A")
    world.act(StepKind.SUBMIT_RENDER, third)
    assert world.remote.calls["render_images"] == 2


@pytest.mark.parametrize(
    ("origin", "reads"), [(Origin.CREATED, 0), (Origin.ADOPTED, 1)], ids=["ours from the start", "adopted"]
)
def test_images_that_were_there_before_us_are_read_only_where_there_can_be_some(origin: Origin, reads: int) -> None:
    world = World(replace(BINDING, origin=origin))
    world.remote.renders = {"foreign": (render("x", "A").request, [1])}
    world.act(StepKind.SUBMIT_RENDER, render("room", "A"))
    assert world.remote.calls["render_images"] == reads


def test_an_unanswered_render_of_an_adopted_product_is_not_taken_for_foreign_images() -> None:
    world = World(replace(BINDING, origin=Origin.ADOPTED), faults={"create_images": ["lose"]})
    world.remote.renders = {"foreign": (render("x", "A").request, [100])}
    world.act(StepKind.SUBMIT_RENDER, render("room", "A"))
    (binding,) = world.store.load().renders.values()
    assert binding.render_id == ""
    assert 100 not in binding.image_ids
    assert len(binding.image_ids) == 1
    assert world.remote.calls["create_images"] == 1


def test_images_of_other_renders_and_of_a_former_try_are_not_taken_for_new_ones() -> None:
    done = RenderBinding("render.other", "old-1", "mark", ("A",), Progress.DONE, "")
    former = RenderBinding("render.room", "old-2", "another mark", ("A",), Progress.DONE, "")
    world = World(BINDING, done, former, faults={"create_images": ["lose"]})
    request = render("x", "A").request
    world.remote.renders = {"old-1": (request, [11]), "old-2": (request, [21])}
    world.act(StepKind.SUBMIT_RENDER, render("room", "A"))
    state = world.store.load()
    assert state.renders["render.other"].image_ids == (11,)
    assert state.renders["render.room"].former_image_ids == (21,)
    assert not {11, 21} & set(state.renders["render.room"].image_ids)


def replacing() -> World:
    new = replace(BINDING, address="replacement.A", unicode="u-N", fields={"sku_id": "A~1"})
    world = World(BINDING, new)
    world.remote.held["u-N"] = Held(RemoteProduct("u-N", "A~1", "", "", ""), finished=True)
    return world


def test_a_refused_hand_over_gives_the_old_product_its_identifiers_back() -> None:
    world, change = replacing(), replacement("A", done=True, gtin="1")
    world.act(StepKind.RELEASE_OLD, change)
    assert (world.held().sku_id, world.held().gtin) == ("released-u-A", "")
    world.remote.faults = {"update_product": [WRONG]}
    assert world.refuses(StepKind.TAKE, change) is WRONG
    assert (world.held().sku_id, world.held().gtin) == ("A", "1")
    assert set(world.store.load().products) == {"product.A", "replacement.A"}


def test_a_hand_over_without_an_answer_changes_nothing_more() -> None:
    world, change = replacing(), replacement("A", done=True, gtin="1")
    world.act(StepKind.RELEASE_OLD, change)
    world.remote.faults = {"update_product": ["lose"]}
    assert isinstance(world.refuses(StepKind.TAKE, change), AnswerLostError)
    assert world.held().sku_id == "released-u-A"
    assert world.remote.held["u-N"].product.sku_id == "A"


@pytest.mark.parametrize("content", [True, False], ids=["its content moves with it", "it has no content"])
def test_after_the_hand_over_the_new_product_is_the_one_of_the_address(content: bool) -> None:
    world, change = replacing(), replacement("A", done=True, gtin="1")
    made = ContentBinding("replacement-content.A", "u-N", {"ar": OutputRecord("sha", Progress.DONE)})
    if content:
        asyncio.run(world.bench.memory.commit(Bind(made)))
    for kind in (StepKind.RELEASE_OLD, StepKind.TAKE, StepKind.DELETE_OLD):
        assert world.act(kind, change) == Done()
    state = world.store.load()
    assert {address: binding.unicode for address, binding in state.products.items()} == {"product.A": "u-N"}
    assert state.products["product.A"].fields == {"sku_id": "A", "gtin": "1"}
    assert state.contents == ({"content.A": replace(made, address="content.A")} if content else {})
    assert state.buried == {"u-A"}


@pytest.mark.parametrize("takes_empty", [True, False], ids=["takes an empty gtin", "takes no empty gtin"])
@pytest.mark.parametrize("bound", [True, False], ids=["ours", "about to be adopted"])
def test_a_parked_value_is_free_and_remembered_for_what_is_ours(takes_empty: bool, bound: bool) -> None:
    world = World(*([BINDING] if bound else []), faults={} if takes_empty else {"update_product": [WRONG]})
    world.act(StepKind.PARK, park("A", "gtin:1>"))
    value = "" if takes_empty else "parked-u-A"
    assert world.held().gtin == value
    assert [binding.fields["gtin"] for binding in world.store.load().products.values()] == ([value] if bound else [])


@pytest.mark.parametrize(
    ("kind", "change", "operation"),
    [
        (StepKind.CREATE, create("NEW"), "create_product"),
        (StepKind.SUBMIT_JOB, generate("A", "ar"), "submit_content_job"),
        (StepKind.SUBMIT_RENDER, render("room", "A"), "create_images"),
    ],
    ids=["create", "job", "render"],
)
def test_a_remote_that_wants_no_call_for_hours_is_asked_nothing_more_and_the_call_stays_open(kind, change, operation):
    world = World(BINDING, faults={operation: [PauseTooLongError("wait", retry_after=7200.0)]})
    assert isinstance(world.refuses(kind, change), PauseTooLongError)
    assert world.remote.calls == {operation: 1}
    assert [intent.address for intent in world.store.load().intents] == [change.address]
