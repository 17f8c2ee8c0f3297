"""docs/ci.md shows the files of examples/ci as they are, and nothing that no test runs."""

from __future__ import annotations

import re

import pytest
import yaml
from ci_github import ROOT

PAGE = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
INCLUDED = re.compile(r"<!-- file: (\S+) -->\n\n```(\w+)\n(.*?)```\n", re.DOTALL)
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def test_every_block_is_a_file_of_the_repository() -> None:
    for path, _, text in INCLUDED.findall(PAGE):
        assert (ROOT / path).read_text(encoding="utf-8") == text, f"docs/ci.md shows another {path}"
    assert PAGE.count("```") == 2 * len(INCLUDED.findall(PAGE))


def test_every_example_is_shown() -> None:
    shown = {path for path, _, _ in INCLUDED.findall(PAGE)}
    assert {f"examples/ci/{path.name}" for path in (ROOT / "examples/ci").iterdir()} <= shown


@pytest.mark.parametrize("kind", ["inputs", "outputs"])
def test_inputs_and_outputs_of_the_action_are_all_told(kind: str) -> None:
    head = {"inputs": "| Input |", "outputs": "| Output |"}[kind]
    table = PAGE.partition(f"\n{head}")[2].partition("\n\n")[0]
    told = re.findall(r"`([a-z-]+)`", "\n".join(line.split(" | ")[0] for line in table.splitlines()))
    assert told == list(ACTION[kind])


def test_others_actions_are_pinned_by_major_tag() -> None:
    sources = [ROOT / "action.yml", *sorted((ROOT / "examples/ci").glob("github-*.yml"))]
    used = {name for path in sources for name in re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8"))}
    assert [name for name in used if not re.fullmatch(r"[\w.-]+(/[\w.-]+)+@v\d+", name)] == []


def test_no_input_or_output_stands_inside_a_script() -> None:
    """Text of a pull request must never become part of a command: values go through the environment."""
    for path in [ROOT / "action.yml", *sorted((ROOT / "examples/ci").glob("github-*.yml"))]:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        jobs = document.get("jobs", {"": document.get("runs", {})})
        scripts = [step.get("run", "") for job in jobs.values() for step in job["steps"]]
        assert not [script for script in scripts if "${{" in script], path


def test_no_checkout_leaves_a_token_in_the_work_tree() -> None:
    for path in sorted((ROOT / "examples/ci").glob("github-*.yml")):
        jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
        steps = [step for job in jobs for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        assert steps
        assert [step for step in steps if (step.get("with") or {}).get("persist-credentials") is not False] == [], path
