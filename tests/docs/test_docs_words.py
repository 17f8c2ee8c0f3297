"""Every change, step, guard and row of the diff's table has its words in the documentation."""

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from catalogsync.plan import changes
from catalogsync.plan.guards import DEFAULT_MAX_DELETES, DEFAULT_MAX_REPLACES, GUARDS, NEVER_OVERRIDDEN, SMALL
from catalogsync.plan.steps import WAITS, Polls, StepKind, price_of_step

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
GUARD_PAGE = (ROOT / "docs" / "guards.md").read_text(encoding="utf-8")
WAY = (ROOT / "docs" / "way-of-the-data.md").read_text(encoding="utf-8")
CASES = ROOT / "tests" / "plan" / "cases"


def rows(page: str) -> dict[str, list[str]]:
    """The rows of a page's tables by the word in backticks they begin with: the other cells."""
    found = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        first = re.fullmatch(r"`([^`]+)`", cells[0])
        if line.startswith("|") and first:
            found[first[1]] = cells[1:]
    return found


def rules(file: str) -> set[str]:
    return {case["rule"] for case in yaml.safe_load((CASES / file).read_text(encoding="utf-8"))}


def table_cases() -> list[tuple[str, str]]:
    """(case file, rule) of each row of the diff's table."""
    found = []
    for section in WAY.split("\n### ")[1:]:
        file = re.search(r"`(\w+\.yaml)`", section.partition("\n")[0])
        assert file, "a table of differences names its file of cases"
        lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
        found += [(file[1], line.strip("| ").rpartition(" | ")[2]) for line in lines]
    return found


def test_every_change_is_in_the_glossary() -> None:
    assert {kind.__name__ for kind in get_args(changes.Change)} - set(rows(GLOSSARY)) == set()


def test_every_step_is_in_the_glossary_with_its_price() -> None:
    told = {name: cells[-1] for name, cells in rows(GLOSSARY).items() if len(cells) == 2}
    for kind in StepKind:
        price = "1 for each look" if kind in WAITS else str(price_of_step(kind, Polls()).expected)
        assert told[kind.value] == price, kind


def test_every_guard_is_on_its_page_and_no_other() -> None:
    assert list(rows(GUARD_PAGE)) == list(GUARDS)


def test_the_page_of_the_guards_tells_defaults_and_overrides() -> None:
    told = rows(GUARD_PAGE)
    assert told["max-deletes"][1] == str(DEFAULT_MAX_DELETES)
    assert told["max-replaces"][1] == str(DEFAULT_MAX_REPLACES)
    assert f"fewer than {SMALL} of them" in GUARD_PAGE
    for name, cells in told.items():
        assert (f"--allow {name}" in cells[-1]) == (name not in NEVER_OVERRIDDEN)


@pytest.mark.parametrize(("file", "rule"), table_cases())
def test_a_row_of_the_table_of_differences_is_a_case(file: str, rule: str) -> None:
    assert rule in rules(file)


def test_every_change_that_a_difference_makes_is_in_the_table() -> None:
    table = WAY.partition("## The table of differences")[2]
    assert {kind.__name__ for kind in get_args(changes.Change) if f"`{kind.__name__}`" not in table} == set()
