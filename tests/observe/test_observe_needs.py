"""Which statuses and renders are read: only those that can matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from plan_shapes import catalog_of

from catalogsync.errors import Place
from catalogsync.model.catalog import Render
from catalogsync.model.identity import identify
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import RemoteProduct
from catalogsync.model.snapshot import snapshot_of
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
from catalogsync.observe.needs import Young, left_to_apply, renders_needed, statuses_needed, young_at

LOOK: Young = lambda _: False  # noqa: E731 - a rule in one word
SEEN = RemoteProduct("u", "A", "", "", "")


def product(address: str = "product.A", stage: Stage = Stage.FINALIZED, unicode: str = "u") -> ProductBinding:
    return ProductBinding(address, unicode, Origin.CREATED, stage, {})


def content(outputs: Mapping[str, Progress], address: str = "content.A", unicode: str = "u") -> ContentBinding:
    return ContentBinding(address, unicode, {name: OutputRecord("sha", state) for name, state in outputs.items()})


def job(address: str) -> Intent:
    return Intent("i", "run", address, "submit-job", {}, "")


def remembering(*bindings: ProductBinding | ContentBinding, intents: tuple[Intent, ...] = ()) -> State:
    return State(
        "lineage",
        1,
        {b.address: b for b in bindings if isinstance(b, ProductBinding)},
        {b.address: b for b in bindings if isinstance(b, ContentBinding)},
        intents=intents,
    )


DONE, RUNNING, FAILED = Progress.DONE, Progress.RUNNING, Progress.FAILED
NEW = product("replacement.A", unicode="new")
NEW_CONTENT = "replacement-content.A"
# The outputs wanted of a product that is seen, what is remembered, and whether its status is read: by itself, in full.
STATUSES: list[tuple[str, tuple[str, ...], State, list[str], list[str]]] = [
    ("no output is wanted", (), remembering(product()), [], []),
    ("nothing is remembered", ("ar",), remembering(), ["u"], ["u"]),
    ("no content is remembered", ("ar",), remembering(product()), ["u"], ["u"]),
    ("its output is done", ("ar",), remembering(product(), content({"ar": DONE})), [], ["u"]),
    ("its output failed", ("ar",), remembering(product(), content({"ar": FAILED})), [], ["u"]),
    ("its output runs", ("ar",), remembering(product(), content({"ar": RUNNING})), ["u"], ["u"]),
    ("one of two runs", ("ar", "silo"), remembering(product(), content({"ar": DONE, "silo": RUNNING})), ["u"], ["u"]),
    ("one of two is new", ("ar", "silo"), remembering(product(), content({"ar": DONE})), ["u"], ["u"]),
    ("one that runs is unwanted", ("ar",), remembering(product(), content({"ar": DONE, "silo": RUNNING})), [], ["u"]),
    ("its content is another's", ("ar",), remembering(product(), content({"ar": DONE}, unicode="x")), ["u"], ["u"]),
    ("it is unfinished", ("ar",), remembering(product(stage=Stage.CREATED)), [], []),
    (
        "a job of it has no answer",
        ("ar",),
        remembering(product(), content({"ar": DONE}), intents=(job("content.A"),)),
        ["u"],
        ["u"],
    ),
    ("its replacement is unfinished", (), remembering(product(), replace(NEW, stage=Stage.CREATED)), [], []),
    ("its replacement has no job", (), remembering(product(), NEW), [], ["new"]),
    (
        "its replacement's job runs",
        (),
        remembering(product(), NEW, content({"ar": RUNNING}, NEW_CONTENT, "new")),
        ["new"],
        ["new"],
    ),
    (
        "its replacement's job is done",
        (),
        remembering(product(), NEW, content({"ar": DONE}, NEW_CONTENT, "new")),
        [],
        ["new"],
    ),
    (
        "its replacement's job has no answer",
        (),
        remembering(product(), NEW, intents=(job(NEW_CONTENT),)),
        ["new"],
        ["new"],
    ),
]


@pytest.mark.parametrize(
    ("outputs", "state", "needed", "in_full"), [row[1:] for row in STATUSES], ids=[row[0] for row in STATUSES]
)
def test_a_status_is_read_when_it_can_matter_and(
    outputs: tuple[str, ...], state: State, needed: list[str], in_full: list[str]
) -> None:
    catalog = catalog_of("A")
    catalog = replace(catalog, products=(replace(catalog.products[0], outputs=outputs),))
    identity = identify(catalog, snapshot_of([SEEN]), state)
    assert statuses_needed(identity, state, LOOK, everything=False) == needed
    assert statuses_needed(identity, state, LOOK, everything=True) == in_full


def test_a_product_that_is_not_there_has_no_status() -> None:
    catalog = catalog_of("A")
    catalog = replace(catalog, products=(replace(catalog.products[0], outputs=("ar",)),))
    state = remembering(product())
    assert statuses_needed(identify(catalog, snapshot_of([]), state), state, LOOK, everything=True) == []


@pytest.mark.parametrize(
    ("progress", "everything", "read"),
    [(RUNNING, False, True), (DONE, False, False), (FAILED, False, False), (DONE, True, True), (None, True, False)],
)
def test_a_render_is_read_when_it_was_submitted_and_is_not_known_to_have_ended(
    progress: Progress | None, everything: bool, read: bool
) -> None:
    wanted = Render("room", 1, (1,), None, (), Place("catalog.yaml", 1, 1))
    catalog = replace(catalog_of(), renders=(wanted,))
    bindings = [RenderBinding("render.room", "1", "mark", ("A",), progress, "")] if progress else []
    state = State("lineage", 1, renders={binding.address: binding for binding in bindings})
    assert list(renders_needed(catalog, state, LOOK, everything=everything)) == bindings * read


NOW = "2026-11-24T12:10:00+00:00"
A_MINUTE_AGO, AN_HOUR_AGO = "2026-11-24T12:09:00+00:00", "2026-11-24T11:10:00+00:00"
LEARNED = {"ar": (3600.0, 3600.0, 3600.0)}


@pytest.mark.parametrize(
    ("requested_at", "progress", "durations", "floor", "young"),
    [
        pytest.param(A_MINUTE_AGO, RUNNING, {}, 180.0, True, id="before the floor"),
        pytest.param(AN_HOUR_AGO, RUNNING, {}, 180.0, False, id="after the floor"),
        pytest.param(A_MINUTE_AGO, RUNNING, LEARNED, 10.0, True, id="before what was learned"),
        pytest.param(A_MINUTE_AGO, RUNNING, {}, 0.0, False, id="there is no floor"),
        pytest.param("", RUNNING, {}, 180.0, False, id="nobody knows when it was submitted"),
        pytest.param(A_MINUTE_AGO, DONE, {}, 180.0, False, id="no job runs"),
    ],
)
def test_a_job_is_too_young_to_be_looked_at(
    requested_at: str, progress: Progress, durations: dict[str, tuple[float, ...]], floor: float, young: bool
) -> None:
    state = State("lineage", 1, durations=durations)
    assert young_at(NOW, floor, state)([("ar", OutputRecord("sha", progress, requested_at))]) is young


def test_a_young_job_keeps_neither_an_older_one_nor_a_new_output_from_being_looked_at() -> None:
    young = young_at(NOW, 180.0, State("lineage", 1))
    running = {at: OutputRecord("sha", RUNNING, at) for at in (A_MINUTE_AGO, AN_HOUR_AGO)}
    assert not young([("ar", running[A_MINUTE_AGO]), ("silo", running[AN_HOUR_AGO])])
    catalog = catalog_of("A")
    catalog = replace(catalog, products=(replace(catalog.products[0], outputs=("ar", "silo")),))
    state = remembering(product(), ContentBinding("content.A", "u", {"ar": running[A_MINUTE_AGO]}))
    identity = identify(catalog, snapshot_of([SEEN]), state)
    assert statuses_needed(identity, state, young, everything=False) == ["u"]


def test_the_gtins_of_new_products_alone_are_left_to_apply() -> None:
    catalog = catalog_of("A", "B", "C")
    new, bound, seen = (replace(one, gtin=f"gtin of {one.key}") for one in catalog.products)
    catalog = replace(catalog, products=(new, bound, seen))
    state = remembering(product("product.B", unicode="b"))
    assert left_to_apply(catalog, state, snapshot_of([replace(SEEN, sku_id="C")])) == {"gtin of A"}


@pytest.mark.parametrize(
    ("wanted", "at", "floor", "read"),
    [
        (("ar",), A_MINUTE_AGO, 180.0, False),
        (("ar",), AN_HOUR_AGO, 180.0, True),
        (("ar",), A_MINUTE_AGO, 0.0, True),
        (("ar",), "", 180.0, True),
        (("ar", "silo"), A_MINUTE_AGO, 180.0, True),
    ],
    ids=["young", "old", "looked at always", "of unknown age", "another output is missing"],
)
@pytest.mark.parametrize("replacing", [False, True])
def test_an_unanswered_job_is_looked_at_in_its_own_time_as_another_is(
    wanted: tuple[str, ...], at: str, floor: float, *, read: bool, replacing: bool
) -> None:
    unicode, address = ("new", NEW_CONTENT) if replacing else ("u", "content.A")
    sent = replace(job(address), request={"unicode": unicode, "outputs": "ar"}, at=at)
    catalog = catalog_of("A")
    catalog = replace(catalog, products=(replace(catalog.products[0], outputs=() if replacing else wanted),))
    bindings = (product(), NEW) if replacing else (product(),)
    known = content({"silo": RUNNING} if replacing and "silo" in wanted else {}, address, unicode)
    state = remembering(*bindings, known, intents=(sent,))
    needed = statuses_needed(
        identify(catalog, snapshot_of([SEEN]), state), state, young_at(NOW, floor, state), everything=False
    )
    assert needed == ([unicode] if read else [])
