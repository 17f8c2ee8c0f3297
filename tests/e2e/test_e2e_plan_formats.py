"""A plan in every format: the same exit codes, and a saved one that serves all readers."""

from __future__ import annotations

import pytest
from e2e_command import Command
from e2e_remote import Remote
from e2e_shop import Shop
from e2e_truth import assert_as_wanted

PLAN = "plan.json"


@pytest.mark.parametrize("form", ["markdown", "dot"])
def test_a_format_changes_no_exit_code(form: str, command: Command) -> None:
    command("plan", "--format", form, "--detailed-exitcode", code=2)
    refused = command("plan", "--format", form, "--max-credits", "0", code=6)
    assert "product." in refused.out
    assert form == "dot" or "max-credits" in refused.out


@pytest.mark.parametrize("form", ["html", "github"])
def test_a_saved_plan_is_shown_as_the_new_one_was(form: str, command: Command) -> None:
    new = command("plan", "--out", PLAN, "--format", form).out
    assert "Plan: " in new
    assert command("show", PLAN, "--format", form).out == new


def test_a_line_that_moved_makes_no_saved_plan_stale(shop: Shop, command: Command, remote: Remote) -> None:
    command("plan", "--out", PLAN)
    text = shop.manifest.read_text()
    shop.manifest.write_text(f"# one line more\n{text}")
    command("apply", PLAN)
    assert_as_wanted(command, remote, shop)


def test_annotations_are_at_the_lines_of_the_manifest(shop: Shop, command: Command) -> None:
    lines = shop.manifest.read_text().splitlines()
    said = command("plan", "--format", "github").out
    at = next(number for number, line in enumerate(lines) if "sku_id" in line)  # the line before, with the brace
    assert f"::notice file={shop.manifest.name},line={at}," in said
