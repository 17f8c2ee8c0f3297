"""`init`: a catalog that validates, a pipeline when it is wanted, and nothing overwritten."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ci_github import ROOT

from catalogsync.cli.main import outcome_of
from catalogsync.cli.scaffold import PIPELINES, TEMPLATES
from catalogsync.manifest.schema import schema_text

SOURCES = {
    "github-actions.yml": ROOT / "examples/ci/github-actions.yml",
    "gitlab-ci.yml": ROOT / "examples/ci/gitlab-ci.yml",
    "catalogsync.gitlab-ci.yml": ROOT / "ci/gitlab/catalogsync.gitlab-ci.yml",
}


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_the_result_validates_and_is_in_the_one_form(pipeline: str, tmp_path: Path) -> None:
    folder = tmp_path / "My shop!"
    assert outcome_of(["init", str(folder), "--ci", pipeline]) == 0
    assert outcome_of(["validate", "--strict", "-f", str(folder / "catalog.yaml")]) == 0
    assert outcome_of(["fmt", "--check", "-f", str(folder / "catalog.yaml")]) == 0
    lines = (folder / "catalog.yaml").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# yaml-language-server: $schema=catalog.schema.json"
    assert "catalog: My-shop" in lines
    assert json.loads((folder / "catalog.schema.json").read_text(encoding="utf-8")) == json.loads(schema_text())
    made = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert made == {"catalog.yaml", "catalog.schema.json", ".gitignore", *PIPELINES[pipeline]}


def test_the_templates_are_the_examples() -> None:
    assert {name for targets in PIPELINES.values() for name in targets.values()} == set(SOURCES)
    for name, source in SOURCES.items():
        assert (TEMPLATES / name).read_bytes() == source.read_bytes(), f"copy {source} to {TEMPLATES / name}"


def test_what_is_there_is_kept_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "catalog.yaml").write_text("mine", encoding="utf-8")
    assert outcome_of(["init", str(tmp_path), "--ci", "github"]) == 0
    assert (tmp_path / "catalog.yaml").read_text(encoding="utf-8") == "mine"
    said = capsys.readouterr().out
    assert f"Kept {tmp_path / 'catalog.yaml'}: it is there already." in said
    assert f"Wrote {tmp_path / '.github/workflows/catalog.yml'}." in said


def test_force_overwrites(tmp_path: Path) -> None:
    (tmp_path / "catalog.yaml").write_text("mine", encoding="utf-8")
    assert outcome_of(["init", str(tmp_path), "--force"]) == 0
    assert "version: 1" in (tmp_path / "catalog.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("before", ["node_modules/\n", "node_modules/", ""])
def test_a_gitignore_gets_what_it_lacks(before: str, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text(before, encoding="utf-8")
    for _ in range(2):
        assert outcome_of(["init", str(tmp_path), "--force"]) == 0
    lines = (tmp_path / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert lines == [*before.split(), ".catalogsync/", "plan*.json"]


@pytest.mark.parametrize("name", ["", "two words", "../up", "-dash", "a\nb"])
def test_a_name_that_no_catalog_can_have_is_refused(name: str, tmp_path: Path) -> None:
    expected = 0 if not name else 1  # none given: the folder's
    assert outcome_of(["init", str(tmp_path / "shop"), "--name", name]) == expected


@pytest.mark.parametrize("name", ["no", "1e5", "007"])
def test_a_name_that_yaml_might_ruin_stays(name: str, tmp_path: Path) -> None:
    assert outcome_of(["init", str(tmp_path), "--name", name]) == 0
    assert outcome_of(["validate", "-f", str(tmp_path)]) == 0


def test_json_says_what_became_of_each_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome_of(["init", str(tmp_path / "shop"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "folder": str(tmp_path / "shop"),
        "name": "shop",
        "ci": "none",
        "files": [{"path": name, "fate": "written"} for name in ("catalog.yaml", "catalog.schema.json", ".gitignore")],
    }


def test_a_file_in_the_way_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".github").write_text("", encoding="utf-8")
    assert outcome_of(["init", str(tmp_path), "--ci", "github"]) == 1
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_on_a_terminal_it_asks_for_what_is_not_given(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    try:
        os.write(ours, b"lamps\ngithub\n")
        done = subprocess.run(
            [sys.executable, "-m", "catalogsync", "init", str(tmp_path)],
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert "Name of the catalog" in done.stderr
    assert "Pipeline" in done.stderr
    assert "catalog: lamps" in (tmp_path / "catalog.yaml").read_text(encoding="utf-8")
    assert (tmp_path / ".github/workflows/catalog.yml").exists()
