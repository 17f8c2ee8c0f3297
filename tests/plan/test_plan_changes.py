"""What a plan says of itself: whether there is anything to do, and the numbers of its summary."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plan_shapes import (
    adopt,
    archive,
    await_content,
    await_render,
    conflict,
    create,
    delete,
    forget,
    generate,
    park,
    plan_of,
    render,
    replacement,
    update,
)

from catalogsync.plan.changes import Change, action_of
from catalogsync.plan.counts import Counts, count

COUNTS: list[tuple[Change, Counts]] = [
    (create("A"), Counts(added=1)),
    (generate("A"), Counts(added=1)),
    (render("room", "A"), Counts(added=1)),
    (update("A", "name:x>y"), Counts(changed=1)),
    (archive("A"), Counts(changed=1)),
    (adopt("A"), Counts(adopted=1)),
    (adopt("A", "name:x>y"), Counts(adopted=1, changed=1)),
    (replacement("A"), Counts(added=1, destroyed=1)),
    (delete("A"), Counts(destroyed=1)),
    (replace(delete("A"), address="retired.A"), Counts()),
    (replace(delete("A"), address="replacement.A"), Counts()),
    (forget("A"), Counts(forgotten=1)),
    (park("A", "gtin:1>"), Counts()),
    (await_content("A"), Counts()),
    (await_render("room"), Counts()),
    (conflict("A"), Counts()),
]


@pytest.mark.parametrize(("change", "counts"), COUNTS, ids=[f"{action_of(row[0])} {row[0].address}" for row in COUNTS])
def test_a_change_counts_as(change: Change, counts: Counts) -> None:
    assert count((change,)) == counts


def test_counts_add_up() -> None:
    assert count(tuple(row[0] for row in COUNTS)) == Counts(adopted=2, added=4, changed=3, destroyed=2, forgotten=1)


@pytest.mark.parametrize(
    ("changes", "empty"),
    [
        ([], True),
        ([await_content("A"), await_render("room")], True),
        ([await_content("A"), forget("B")], False),
        ([conflict("A")], False),
    ],
    ids=["nothing", "jobs that run on are no change", "a change beside one", "a conflict has to be seen"],
)
def test_a_plan_is_empty_when_it_changes_nothing(changes: list[Change], empty: bool) -> None:
    assert plan_of(changes).empty is empty
