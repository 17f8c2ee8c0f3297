r"""What wrappers around Terraform look for in its output finds the same in ours.

The patterns are facts of atlantis (`server/events/models/models.go`) and tfcmt (`pkg/terraform/parser.go`). atlantis'
pattern for an empty plan is the one that does not fit: it wants Terraform's whole sentence about infrastructure.
"""

from __future__ import annotations

import re

import click
import pytest
from plan_shapes import plan_of, replacement
from render_cases import FULL, many

from catalogsync.cli.complaints import tell
from catalogsync.cli.render.markdown import plan_markdown
from catalogsync.cli.render.review import Review
from catalogsync.cli.render.text import applied_line, plan_text
from catalogsync.errors import CatalogSyncError
from catalogsync.plan.counts import Counts

ATLANTIS_PLAN = re.compile(
    r"Plan: (?:(\d+) to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy(?:, (\d+) to forget)?\."
)
TFCMT_PLAN = re.compile(r"(?m)^(Plan: \d|No changes.)")
TFCMT_APPLY = re.compile(r"(?m)^(Apply complete!)")
TFCMT_FAIL = re.compile(r"(?m)^([│|] )?(Error: )")
TFCMT_DESTROY = re.compile(r"(?m)([1-9][0-9]* to destroy.)")
TFCMT_ROWS = {
    "created": re.compile(r"^ *# (.*) will be created$"),
    "updated": re.compile(r"^ *# (.*) will be updated in-place$"),
    "destroyed": re.compile(r"^ *# (.*) will be destroyed$"),
    "replaced": re.compile(r"^ *# (.*) must be replaced$"),
}
TEXT = click.unstyle(plan_text(FULL.plan, FULL.objections))


def rows(pattern: re.Pattern[str]) -> list[str]:
    return [found[1] for found in map(pattern.match, TEXT.splitlines()) if found]


@pytest.mark.parametrize("text", [TEXT, plan_markdown(FULL)], ids=["text", "markdown"])
def test_atlantis_counts_every_kind(text: str) -> None:
    found = ATLANTIS_PLAN.search(text)
    assert found
    assert found.groups() == ("1", "4", "3", "2", "1")


@pytest.mark.parametrize("plan", [FULL.plan, plan_of([]), many(1)], ids=["full", "empty", "one"])
def test_tfcmt_finds_the_result_of_a_plan_at_the_start_of_its_line(plan: object) -> None:
    assert TFCMT_PLAN.search(click.unstyle(plan_text(plan)))
    assert TFCMT_PLAN.search(plan_markdown(Review(plan)))


def test_tfcmt_sees_that_something_is_destroyed() -> None:
    assert TFCMT_DESTROY.search(TEXT)
    assert TFCMT_DESTROY.search(click.unstyle(plan_text(plan_of([replacement("A")]))))
    assert not TFCMT_DESTROY.search(click.unstyle(plan_text(many(3))))


def test_tfcmt_sorts_the_rows() -> None:
    assert {name: rows(pattern) for name, pattern in TFCMT_ROWS.items()} == {
        "created": ["product.A", "content.A", "render.hero"],
        "updated": ["product.C", "product.D", "content.G"],
        "destroyed": ["product.B"],
        "replaced": ["product.E"],
    }


def test_tfcmt_finds_the_end_of_an_apply() -> None:
    assert TFCMT_APPLY.search(applied_line(Counts(added=2)))


def test_tfcmt_finds_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    tell(CatalogSyncError("The remote is away."))
    assert TFCMT_FAIL.search(click.unstyle(capsys.readouterr().err))
