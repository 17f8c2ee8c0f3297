"""What is said where the state was trusted: plans that nobody read for, and what `status` did not read."""

from __future__ import annotations

from dataclasses import replace

import click
from plan_shapes import plan_of

from catalogsync.cli.render.looks import status_document, status_text
from catalogsync.cli.render.text import plan_text
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import OutputSeen
from catalogsync.plan.changes import Plan, Update
from catalogsync.workflow.looking import ContentLook, Looks, RenderLook

RENAME = Update("product.A", "u1", (), "edited in the manifest")


def text_of(made: Plan) -> str:
    return click.unstyle(plan_text(made))


def test_nothing_to_do_by_the_state_is_not_said_of_the_remote() -> None:
    empty = replace(plan_of([]), trusted={})
    assert text_of(empty) == "No changes. The state matches the manifest; the remote was not read."
    assert text_of(replace(empty, spent=1)).startswith("No changes. Your catalog matches")


def test_a_row_that_nobody_read_says_so() -> None:
    made = plan_of([RENAME])
    assert "not read" not in text_of(made)
    assert "  # (not read: the state does not know it)\n" in text_of(replace(made, trusted={}))
    known = replace(made, trusted={"product.A": "2026-11-21T08:00:00Z"})
    assert "  # (not read: trusted as of 2026-11-21T08:00:00Z)\n" in text_of(known)


LOOKS = Looks(
    (
        ContentLook("product.A", "A", "u1", ("ar",), {"ar": Progress.DONE}, "2026-11-21T08:00:00.5+00:00"),
        ContentLook("product.B", "B", "u2", ("ar",), {"ar": Progress.RUNNING}),
        ContentLook("product.C", "C", "", ("ar",), {}),
    ),
    (RenderLook("render.hero", "7", Progress.DONE, "2026-11-21T08:00:00Z"),),
)


def test_what_is_only_remembered_says_when_it_was_read() -> None:
    read = [line.rpartition("  ")[2] for line in status_text(LOOKS).splitlines()]
    assert read == ["READ", "2026-11-21T08:00:00Z", "(not known when)", "-", "Done, read 2026-11-21T08:00:00Z"]
    done = {"ar": OutputSeen(Progress.DONE, "Done")}
    first, *others = LOOKS.contents
    mixed = status_text(replace(LOOKS, contents=(replace(first, seen=done, read=True), *others), spent=1))
    assert [line.rpartition("  ")[2] for line in mixed.splitlines()][1:3] == ["now", "(not known when)"]


def test_what_was_read_in_full_needs_no_times_and_what_is_gone_is_not_done() -> None:
    products = tuple(replace(look, read=bool(look.unicode)) for look in LOOKS.contents)
    read = replace(LOOKS, contents=products, renders=(replace(LOOKS.renders[0], images=()),), spent=3)
    text = status_text(read)
    assert "2026" not in text
    assert ["not there" in line for line in text.splitlines()[1:4]] == [True, True, False]
    assert status_document(read)["products"][0]["outputs"] == {"ar": "none"}  # type: ignore[index]


def test_what_is_remembered_is_in_the_document_with_its_time() -> None:
    told = status_document(LOOKS)
    assert [row["remembered_at"] for row in (*told["products"], *told["renders"])] == [  # type: ignore[misc]
        *("2026-11-21T08:00:00.5+00:00", "", ""),
        "2026-11-21T08:00:00Z",
    ]
