"""Plans as text, kept to the letter: the words are in golden/rows.txt and golden/plans.txt, one section for a case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import click
import pytest
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
    forget,
    generate,
    park,
    plan_of,
    render,
    replacement,
    update,
)

from catalogsync.cli.render.dot import plan_dot
from catalogsync.cli.render.rows import row, size_text
from catalogsync.cli.render.text import plan_text
from catalogsync.plan.changes import Change, Notice, Plan, Price, Start
from catalogsync.plan.guards import Objection

GOLDEN = Path(__file__).parent / "golden"
NO_PRICE = Price()
SURE = Price(2, 2, 2)
PERHAPS = Price(3, 4, 1200)

ROWS: dict[str, tuple[Change, Price]] = {
    "create": (create("LAMP", thumbnail=True, gtin="4006381333931"), SURE),
    "create, unfinished": (create("LAMP", start=Start.UPLOADS, unicode="u-1"), SURE),
    "adopt": (adopt("LAMP"), NO_PRICE),
    "adopt with an edit": (adopt("LAMP", "name:Lamp>Arc lamp"), Price(1, 1, 1)),
    "update": (update("LAMP", "name:Lamp>Arc lamp", "gtin:>4006381333931"), Price(1, 1, 1)),
    "park": (park("LAMP", "sku_id:A>parked-u-LAMP"), Price(1, 1, 1)),
    "replace": (replacement("LAMP", gtin="4006381333931"), PERHAPS),
    "replace, hand-over left": (replacement("LAMP", done=True), SURE),
    "delete": (delete("LAMP", gtin="4006381333931"), SURE),
    "forget": (forget("LAMP"), NO_PRICE),
    "generate": (generate("LAMP", "3d_model_viewer", "silo", archive=("* - Black bg - *",)), PERHAPS),
    "archive": (archive("LAMP", hide=(SHOWN,), show=(HIDDEN,)), SURE),
    "render": (render("hero", "LAMP", "RUG"), PERHAPS),
    "conflict": (conflict("LAMP"), NO_PRICE),
}

EVERYTHING = plan_of([create("A"), generate("A"), delete("B"), await_content("C", "ar", "silo"), await_render("hero")])
OBJECTIONS = (
    Objection("max-deletes", "1 of 3 would be destroyed", "--max-deletes=1"),
    Objection("max-credits", "it is expected to cost 9", "--max-credits=9"),
)
PLANS: dict[str, tuple[Plan, tuple[Objection, ...]]] = {
    "no changes": (replace(plan_of([]), spent=1, available=1234), ()),
    "no changes, read for nothing": (plan_of([]), ()),
    "changes and running jobs": (replace(EVERYTHING, available=1234), ()),
    "not enough credits": (replace(plan_of([create("A")]), available=1), ()),
    "the balance is not known": (plan_of([create("A")]), ()),
    "one job runs": (replace(plan_of([await_content("C", "ar")]), available=7), ()),
    "imports and forgets": (plan_of([adopt("A", "name:a>b"), forget("B"), archive("C"), replacement("D")]), ()),
    "notices": (replace(plan_of([]), notices=(Notice("content.A", "its AR failed"),), available=7), ()),
    "objections": (plan_of([delete("B")], expected=9), OBJECTIONS),
}


def golden(name: str) -> dict[str, str]:
    """The sections of a golden file, by their titles."""
    sections = (GOLDEN / name).read_text(encoding="utf-8").split("=== ")[1:]
    return {title: text.rstrip("\n") for title, _, text in (section.partition("\n") for section in sections)}


def plain(text: str) -> str:
    return click.unstyle(text)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_reads_as_agreed(name: str) -> None:
    change, price = ROWS[name]
    assert plain("\n".join(row(change, price))) == golden("rows.txt")[name]


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_reads_as_agreed(name: str) -> None:
    assert plain(plan_text(*PLANS[name])) == golden("plans.txt")[name]


def test_every_type_of_change_has_a_case() -> None:
    """A running job has no row of its own: it is listed apart."""
    shown = {type(change) for change, _ in ROWS.values()} | {type(change) for change in EVERYTHING.changes}
    assert shown >= set(get_args(Change))


def test_the_golden_files_have_no_case_too_many() -> None:
    assert list(golden("rows.txt")) == list(ROWS)
    assert list(golden("plans.txt")) == list(PLANS)


def test_symbols_have_the_colours_of_terraform() -> None:
    text = plan_text(EVERYTHING)
    assert "\x1b[32m+\x1b[0m product.A" in text
    assert "\x1b[31m-\x1b[0m product.B" in text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1_234_567, "1.2 MB"),
        (5 * 10**9, "5.0 GB"),
        (10**13, "10000.0 GB"),
    ],
)
def test_sizes_are_decimal(size: int, text: str) -> None:
    assert size_text(size) == text


def test_the_graph_names_every_change_and_draws_no_edge_that_others_imply() -> None:
    plan = plan_of([create("A"), generate("A"), render('hero "one"', "A")], edges=[(0, 1), (1, 2), (0, 2)])
    text = plan_dot(plan)
    assert text.startswith("digraph catalogsync {\n")
    assert 'n0 [label = "product.A\\ncreate, 2 credits", shape = box];' in text
    assert '"render.hero \\"one\\"\\nrender' in text
    assert [line.strip() for line in text.splitlines() if "->" in line] == ["n0 -> n1;", "n1 -> n2;"]
