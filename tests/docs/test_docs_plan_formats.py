"""docs/plan-formats.md: every format of the tables, and samples that are what the program prints."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from plan_shapes import create, delete, plan_of, update

from catalogsync.cli.render.formats import PLAN_FORMATS, PROBLEM_FORMATS, TEXT
from catalogsync.cli.render.review import Review
from catalogsync.errors import Place, Problem
from catalogsync.plan.guards import Objection

PAGE = (Path(__file__).parents[2] / "docs" / "plan-formats.md").read_text(encoding="utf-8")
PLAN = plan_of([create("LAMP-ARC-01", gtin="4006381333931"), update("RUG-01", "name:Rug>Kilim rug"), delete("POUF-9")])
REVIEW = Review(
    replace(PLAN, available=995),
    (Objection("max-deletes", "1 of 12 managed products would be destroyed, the limit is 0", "--max-deletes=1"),),
    {
        "product.LAMP-ARC-01": Place("shop/catalog.yaml", 8, 5),
        "product.RUG-01": Place("shop/catalog.yaml", 15, 5),
        "product.POUF-9": Place("shop/catalog.yaml"),
    },
)
PROBLEM = Problem(Place("shop/catalog.yaml", 22, 5), "unknown-key", "there is no key `nmae`", "did you mean `name`?")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_cells(text: str) -> list[str]:
    return re.findall(r"^\| `([a-z]+)` \|", text, re.MULTILINE)


def sample(language: str, title: str) -> str:
    found = re.search(rf"````?{language}\n(.*?)\n````?\n", section(title) + "\n", re.DOTALL)
    assert found, f"{title} has no sample in {language}"
    return found[1]


def test_the_page_lists_the_formats_of_a_plan() -> None:
    assert first_cells(section("A plan")) == list(PLAN_FORMATS)


def test_the_page_lists_the_formats_of_validate() -> None:
    assert first_cells(section("Problems of a manifest")) == [TEXT, *PROBLEM_FORMATS]


@pytest.mark.parametrize(
    ("form", "language", "title"), [("markdown", "markdown", "Markdown"), ("github", "text", "GitHub")]
)
def test_the_samples_of_a_plan_are_what_is_printed(form: str, language: str, title: str) -> None:
    assert sample(language, title) == PLAN_FORMATS[form](REVIEW)


@pytest.mark.parametrize(("form", "language"), [("github", "text"), ("gitlab", "json")])
def test_the_samples_of_problems_are_what_is_printed(form: str, language: str) -> None:
    shown = sample(language, "Problems of a manifest")
    printed = PROBLEM_FORMATS[form]([PROBLEM])
    assert shown == printed if language == "text" else json.loads(shown) == json.loads(printed)
