"""`plan --format` and `show --format`: one table, the same plan, the same exit codes."""

from __future__ import annotations

import json
from dataclasses import replace
from html import unescape
from pathlib import Path

import click
import pytest
from plan_shapes import plan_of, update
from render_cases import FULL

from catalogsync.cli.commands import plan, show, validate
from catalogsync.cli.main import outcome_of
from catalogsync.cli.render.formats import PLAN_FORMATS, PROBLEM_FORMATS, TEXT
from catalogsync.cli.render.review import Review
from catalogsync.errors import ExitCode, Place
from catalogsync.plan.codec import plan_document
from catalogsync.plan.loader import load_plan

DOCS = Path(__file__).parents[2] / "docs"
MODULES = Path(__file__).parents[2] / "catalogsync" / "cli" / "render"


def offered(command: click.Command) -> list[str]:
    (option,) = (one for one in command.params if one.name == "form")
    assert isinstance(option.type, click.Choice)
    return list(option.type.choices)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan_document(FULL.plan, FULL.objections, FULL.places)), encoding="utf-8")
    return path


def test_plan_and_show_offer_the_formats_of_the_table() -> None:
    assert offered(plan.command) == offered(show.command) == list(PLAN_FORMATS)


def test_validate_offers_the_formats_of_its_table() -> None:
    assert offered(validate.command) == [TEXT, *PROBLEM_FORMATS]


@pytest.mark.parametrize("form", PLAN_FORMATS)
def test_a_saved_plan_is_shown_in_every_format(form: str, saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome_of(["show", str(saved), "--format", form]) == ExitCode.OK
    shown = capsys.readouterr().out
    assert shown.rstrip("\n") == click.unstyle(PLAN_FORMATS[form](FULL)).rstrip("\n")


def test_json_is_a_format_and_json_is_its_synonym(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome_of(["show", str(saved), "--json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out) == json.loads(saved.read_text())
    assert outcome_of(["show", str(saved), "--json", "--format", "json"]) == ExitCode.OK
    capsys.readouterr()
    assert outcome_of(["show", str(saved), "--json", "--format", "dot"]) == ExitCode.ERROR
    assert "--json and --format=dot contradict each other" in capsys.readouterr().err


def test_places_are_saved_and_are_no_part_of_what_the_plan_is() -> None:
    document = plan_document(FULL.plan, FULL.objections, FULL.places)
    moved = {address: Place(place.file, place.line + 7, 1) for address, place in FULL.places.items()}
    assert plan_document(FULL.plan, FULL.objections, moved)["plan_id"] == document["plan_id"]
    assert load_plan(json.dumps(document)).places == FULL.places
    assert load_plan(json.dumps({**document, "places": {}})).places == {}


@pytest.mark.parametrize("form", ["text", "markdown", "html", "github"])
def test_a_row_that_rests_on_the_state_alone_says_so(form: str) -> None:
    plan = replace(plan_of([update("A", "name:x>y")]), trusted={"product.A": "2026-03-01T10:00:00+00:00"})
    assert "not read: trusted as of 2026-03-01" in unescape(PLAN_FORMATS[form](Review(plan)))
    assert "not read" not in PLAN_FORMATS[form](Review(replace(plan, trusted=None)))
