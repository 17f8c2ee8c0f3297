"""Workflow commands of GitHub Actions: at the right line, escaped, and nothing of others becomes a command."""

import re
from dataclasses import replace

import pytest
from plan_shapes import create, plan_of
from render_cases import FULL, VILE, vile_review

from catalogsync.cli.render.github import PROBLEMS_SHOWN, SHOWN, command, plan_commands, problem_commands
from catalogsync.cli.render.review import Review
from catalogsync.errors import Place, Problem, Severity

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    found = [COMMAND.fullmatch(line) for line in text.splitlines() if line.startswith("::")]
    assert all(found)
    return [
        (one[1], dict(pair.split("=", 1) for pair in one[2].split(",")), one[3]) for one in found if one is not None
    ]


@pytest.mark.parametrize(
    ("message", "escaped"), [("50% of\nall\r", "50%25 of%0Aall%0D"), ("a:b,c", "a:b,c"), ("::error::", "::error::")]
)
def test_a_message_is_escaped_as_the_runner_reads_it(message: str, escaped: str) -> None:
    assert command("notice", message, Place(""), "") == f"::notice ::{escaped}"


def test_properties_are_escaped_and_left_out_where_there_is_nothing_to_say() -> None:
    text = command("error", "x", Place("a:b,c%\n.yaml", 3, 0), "t: u, v")
    assert text == "::error file=a%3Ab%2Cc%25%0A.yaml,line=3,title=t%3A u%2C v::x"


def test_objections_are_errors_destruction_warns_and_the_rest_is_noticed() -> None:
    levels = {}
    for level, properties, _ in commands(plan_commands(FULL)):
        levels.setdefault(level, []).append(properties["title"])
    assert levels["error"] == ["The guard max-deletes objects", "The guard protected objects"]
    assert levels["warning"] == ["product.E must be replaced", "product.B will be destroyed", "content.G"]
    assert levels["notice"][0] == "product.A will be created"
    assert not [title for title in levels["notice"] if "conflict" in title or "running" in title]


def test_annotations_stand_at_the_line_of_the_manifest() -> None:
    found = {properties["title"]: properties for _, properties, _ in commands(plan_commands(FULL))}
    destroyed = found["product.B will be destroyed"]
    assert (destroyed["file"], destroyed["line"], destroyed["col"]) == ("shop/catalog.yaml", "8", "5")
    assert found["The guard protected objects"]["line"] == "8"
    assert "file" not in found["The guard max-deletes objects"]


def test_edits_and_prices_are_in_the_message() -> None:
    messages = {properties["title"]: message for _, properties, message in commands(plan_commands(FULL))}
    assert 'name = "Lamp" -> "Arc lamp"%0A' in messages["product.C will be updated in-place"]
    assert "Credits: 2 expected." in messages["product.A will be created"]


def test_no_more_annotations_than_github_shows() -> None:
    plan = plan_of([create(f"{index}") for index in range(50)])
    assert len(commands(plan_commands(Review(plan)))) == SHOWN


def test_the_plain_summary_follows() -> None:
    lines = plan_commands(FULL).splitlines()
    assert "Plan: 1 to import, 4 to add, 3 to change, 2 to destroy, 1 to forget." in lines
    assert lines[-1] == "      To go on: --allow=protected."
    assert "\x1b" not in "".join(lines)


def test_no_name_becomes_a_command_of_its_own() -> None:
    text = plan_commands(vile_review())
    assert len(commands(text)) == 4
    assert len([line for line in text.splitlines() if line.lstrip().startswith("::")]) == 4
    problem = Problem(Place("catalog.yaml", 1, 1), "unknown-key", VILE, VILE)
    assert len(problem_commands([problem]).splitlines()) == 1


def test_problems_are_annotated_at_their_places() -> None:
    wrong = Problem(Place("catalog.yaml", 22, 5), "unknown-key", "no key `x`", "did you mean `y`?")
    odd = replace(wrong, severity=Severity.WARNING, place=Place("catalog.yaml"))
    assert problem_commands([wrong, odd]).splitlines() == [
        "::error file=catalog.yaml,line=22,col=5,title=unknown-key::no key `x` (did you mean `y`?)",
        "::warning file=catalog.yaml,title=unknown-key::no key `x` (did you mean `y`?)",
    ]
    assert problem_commands([wrong] * (PROBLEMS_SHOWN + 2)).splitlines()[-1] == "... and 2 more."
    assert problem_commands([]) == "Success! The manifest is valid."
