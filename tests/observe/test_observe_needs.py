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
from catalogsync.observe.needs import renders_needed, statuses_needed

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
    assert statuses_needed(identity, state, everything=False) == needed
    assert statuses_needed(identity, state, everything=True) == in_full


def test_a_product_that_is_not_there_has_no_status() -> None:
    catalog = catalog_of("A")
    catalog = replace(catalog, products=(replace(catalog.products[0], outputs=("ar",)),))
    state = remembering(product())
    assert statuses_needed(identify(catalog, snapshot_of([]), state), state, everything=True) == []


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
    assert list(renders_needed(catalog, state, everything=everything)) == bindings * read
