"""`validate --format`: the same problems for scripts, GitHub, SARIF readers and GitLab."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from catalogsync.assets.rules import RULES as FILE_RULES
from catalogsync.cli.main import outcome_of
from catalogsync.cli.render.formats import PROBLEM_FORMATS
from catalogsync.cli.render.github import problem_commands
from catalogsync.cli.render.sarif import MOST, sarif_log
from catalogsync.errors import ExitCode, Place, Problem, Severity
from catalogsync.manifest.rules import RULES
from catalogsync.workflow.places import path_namer

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "diagnostics.schema.json").read_text())
WRONG = """\
version: 1
catalog: shop
products:
  - sku_id: A
    gtin: "4006381333932"
    nmae: Lamp
    nmae: Lamp
    model: lamp.glb
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a wrong manifest in a folder of it that has a space in its name."""
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "my shop"
    folder.mkdir()
    (folder / "catalog.yaml").write_text(WRONG, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: ExitCode = ExitCode.ERROR) -> str:
    assert outcome_of(["validate", *arguments]) == code
    return capsys.readouterr().out


def test_json_keeps_its_published_schema(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(told(capsys, "--format", "json"))
    Draft202012Validator(SCHEMA).validate(document)
    assert (document["valid"], document["error_count"], document["warning_count"]) == (False, 2, 1)
    assert document == json.loads(told(capsys, "--json"))


def test_sarif_names_files_from_the_top_of_the_repository(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = json.loads(told(capsys, "--format", "sarif"))
    (run,) = log["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "my%20shop/catalog.yaml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 5, "startColumn": 11}


def test_sarif_has_what_code_scanning_asks_of_it(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The properties that GitHub requires: https://docs.github.com/code-security/reference/code-scanning/sarif-support.

    The log was held once to the SARIF SDK's own schema and validator (Microsoft.Sarif.Multitool 5.7.0).
    """
    log = json.loads(told(capsys, "--format", "sarif"))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "catalogsync"
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
    for result in run["results"]:
        assert result["message"]["text"]
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note", "none"}
        assert set(result["partialFingerprints"]) == {"catalogsync/v1"}


def test_sarif_explains_every_rule_that_there_is() -> None:
    problems = [Problem(Place("catalog.yaml"), rule, "wrong", "right") for rule in (*RULES, *FILE_RULES)]
    described = {rule["id"] for rule in sarif_log(problems)["runs"][0]["tool"]["driver"]["rules"]}
    assert described == {*RULES, *FILE_RULES}


def test_no_name_becomes_a_link_in_sarif() -> None:
    problem = Problem(Place("catalog.yaml"), "schema", "wrong: [here](https://example.com)", "right")
    (result,) = sarif_log([problem])["runs"][0]["results"]
    assert result["message"]["text"] == "wrong: [here] (https://example.com) (right)"


def test_sarif_stays_within_what_github_takes() -> None:
    problem = Problem(Place("/elsewhere/catalog.yaml"), "schema", "wrong", "right")
    results = sarif_log([problem] * (MOST + 1))["runs"][0]["results"]
    assert len(results) == MOST
    location = results[0]["locations"][0]["physicalLocation"]
    assert location == {"artifactLocation": {"uri": "file:///elsewhere/catalog.yaml"}, "region": {"startLine": 1}}


def test_gitlab_gets_the_keys_of_its_code_quality_report(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The keys of https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""
    report = json.loads(told(capsys, "--format", "gitlab"))
    assert [one["check_name"] for one in report] == ["gtin-check", "unknown-key", "duplicate-key"]
    for one in report:
        assert set(one) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert one["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert one["location"]["path"] == "my shop/catalog.yaml"
        assert one["location"]["lines"]["begin"] >= 1
    assert len({one["fingerprint"] for one in report}) == len(report)


def marks(form: str, report: Any) -> list[str]:
    if form == "gitlab":
        return [one["fingerprint"] for one in report]
    return [one["partialFingerprints"]["catalogsync/v1"] for one in report["runs"][0]["results"]]


@pytest.mark.parametrize("form", ["sarif", "gitlab"])
def test_a_problem_is_known_again_when_lines_move(form: str, shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = marks(form, json.loads(told(capsys, "--format", form)))
    (shop / "catalog.yaml").write_text(f"# a line more\n\n{WRONG}", encoding="utf-8")
    assert marks(form, json.loads(told(capsys, "--format", form))) == before


@pytest.mark.parametrize("form", PROBLEM_FORMATS)
def test_a_valid_manifest_is_an_empty_report(form: str, shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "catalog.yaml").write_text("version: 1\ncatalog: shop\nproducts: []\n", encoding="utf-8")
    text = told(capsys, "--format", form, code=ExitCode.OK)
    assert "error" not in re.sub(r'"error_count": 0', "", text.lower())


def test_github_and_json_contradict(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome_of(["validate", "--json", "--format", "github"]) == ExitCode.ERROR
    assert "--json and --format=github contradict each other" in capsys.readouterr().err


def test_github_annotates_the_file_of_the_repository(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, "--format", "github").splitlines()
    assert lines[0].startswith("::warning file=my shop/catalog.yaml,line=5,col=11,title=gtin-check::the gtin ")
    assert lines[1].startswith("::error file=my shop/catalog.yaml,line=6,col=5,title=unknown-key::")


def test_outside_a_repository_files_are_seen_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert path_namer()("catalog.yaml") == "catalog.yaml"
    assert path_namer()(str(here / "shop" / "a.yaml")) == "shop/a.yaml"
    assert path_namer()("../a.yaml") == str(tmp_path / "a.yaml")


def test_warnings_are_reported_with_their_severity(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = json.loads(told(capsys, "--format", "sarif"))["runs"][0]["results"]
    assert [one["level"] for one in report] == [Severity.WARNING, Severity.ERROR, Severity.ERROR]


def test_a_cell_of_a_csv_file_is_no_column_of_a_code_host() -> None:
    problem = Problem(Place("products.csv", 3, 2), "bad-format", "wrong", "right")
    location = sarif_log([problem])["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert location["region"] == {"startLine": 3}
    assert problem_commands([problem]) == "::error file=products.csv,line=3,title=bad-format::wrong (right)"


def test_a_manifest_that_is_not_there_is_reported_like_any_problem(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (one,) = json.loads(told(capsys, "-f", "gone.yaml", "--format", "gitlab"))
    assert (one["check_name"], one["location"]) == (
        "file-missing",
        {"path": "my shop/gone.yaml", "lines": {"begin": 1}},
    )
