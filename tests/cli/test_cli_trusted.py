"""What the text of a plan says when the state was trusted."""

from __future__ import annotations

from dataclasses import replace

import click
from plan_shapes import plan_of

from catalogsync.cli.render.text import plan_text
from catalogsync.plan.changes import Plan, Update

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
