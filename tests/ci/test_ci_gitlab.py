"""The template for GitLab, run job by job in a real shell against a sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ci_gitlab import ROOT, TEMPLATE, Ran, Runner
from ci_shop import Account, account, write_shop
from ci_site import MERGE, PULL, READER, Site

REQUEST = "merge_request_event"


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path / "remote") as made:
        yield made


@pytest.fixture
def runner(tmp_path: Path, site: Site, remote: Account) -> Runner:
    write_shop(tmp_path / "project", "STOOL-1", "STOOL-2")
    public = {"CATALOGSYNC_PUBLIC_KEY": remote.endpoints.public_key, "CATALOGSYNC_ORIGIN": remote.endpoints.origin}
    secret = {"CATALOGSYNC_SECRET_KEY": remote.endpoints.secret_key}
    return Runner(tmp_path / "project", tmp_path / "runner", site, {**remote.base, **public}, secret)


def plan(runner: Runner) -> Ran:
    ran = runner.run("catalogsync-plan", REQUEST)
    assert ran is not None
    runner.site.runs = [{"id": runner.pipelines, "sha": "feed"}]
    return ran


def merge(runner: Runner, **variables: str) -> Ran:
    request = {"iid": PULL, "state": "merged", "source_project_id": 77, "target_project_id": 77}
    runner.site.pulls[MERGE] = [request | {"merge_commit_sha": MERGE}]
    ran = runner.run("catalogsync-apply", "push", **variables)
    assert ran is not None
    return ran


def notes(site: Site) -> list[str]:
    return [note["body"] for note in site.comments.get(PULL, [])]


def test_a_merge_request_shows_the_plan_and_its_merge_applies_it(runner: Runner, remote: Account, site: Site) -> None:
    for _ in range(2):
        planned = plan(runner)
        assert planned.code == 0, planned.log
    assert [body.count("Plan: 4 to add") for body in notes(site)] == [1]
    assert "PLAN_HAS_CHANGES=true" in planned.artifacts["plan.env"].splitlines()
    assert "PLAN_ADDS=4" in planned.artifacts["plan.env"].splitlines()

    applied = merge(runner)
    assert applied.code == 0, applied.log
    assert "Apply complete! Resources: 4 added, 0 changed, 0 destroyed." in applied.log
    assert remote.products() == ["STOOL-1", "STOOL-2"]
    assert len(notes(site)) == 2
    assert "No changes." in plan(runner).log


def test_a_stale_plan_is_not_applied_until_somebody_says_so(runner: Runner, remote: Account, site: Site) -> None:
    assert plan(runner).code == 0
    write_shop(runner.workspace, "STOOL-3")
    stale = merge(runner)
    assert stale.code == 8, stale.log
    assert "Plan: 2 to add" in stale.log
    assert remote.products() == []
    assert merge(runner, CATALOGSYNC_REVIEWED="ignored").code == 0
    assert remote.products() == ["STOOL-3"]


def test_without_a_reviewed_plan_nothing_is_applied(runner: Runner, remote: Account) -> None:
    ran = merge(runner)
    assert ran.code == 1
    assert "CATALOGSYNC_REVIEWED=ignored" in ran.log
    assert remote.products() == []


def test_applying_waits_for_a_click_unless_told_otherwise(runner: Runner) -> None:
    assert merge(runner, CATALOGSYNC_REVIEWED="ignored").when == "manual"
    assert merge(runner, CATALOGSYNC_REVIEWED="ignored", CATALOGSYNC_APPLY="auto").when == "on_success"


def test_mistakes_are_a_code_quality_report(runner: Runner) -> None:
    manifest = runner.workspace / "catalog.yaml"
    valid = runner.run("catalogsync-validate", REQUEST)
    assert valid is not None
    assert (valid.code, json.loads(valid.artifacts["gl-code-quality-report.json"])) == (0, [])
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("    name:", "    nmae:"), encoding="utf-8")
    wrong = runner.run("catalogsync-validate", REQUEST)
    assert wrong is not None
    assert wrong.code == 1
    found = json.loads(wrong.artifacts["gl-code-quality-report.json"])
    assert [(one["location"]["path"], one["location"]["lines"]["begin"]) for one in found] == [
        ("catalog.yaml", 5),
        ("catalog.yaml", 9),
    ]
    assert "did you mean `name`" in wrong.log


def test_what_cannot_be_reported_does_not_fail_the_job(runner: Runner) -> None:
    runner.variables["CATALOGSYNC_GITLAB_TOKEN"] = READER
    ran = plan(runner)
    assert ran.code == 0, ran.log
    assert "Warning: not reported. GitLab answered 403" in ran.log


def test_a_guard_that_refuses_fails_the_job_and_still_tells_the_plan(runner: Runner, site: Site) -> None:
    runner.variables["CATALOGSYNC_MAX_CREDITS"] = "1"
    ran = plan(runner)
    assert ran.code == 6, ran.log
    assert "max-credits" in notes(site)[0]


def test_drift_is_told_in_one_issue_that_closes_when_it_is_gone(runner: Runner, remote: Account, site: Site) -> None:
    assert merge(runner, CATALOGSYNC_REVIEWED="ignored").code == 0
    for edit, state in (("By hand", "open"), ("Again", "open"), ("Stool", "closed")):
        remote.rename("STOOL-1", edit)
        ran = runner.run("catalogsync-drift", "schedule")
        assert ran is not None
        assert ran.code == 0, ran.log
        assert [one["state"] for one in site.issues] == [state]


def test_without_a_state_the_issue_about_drift_stays_as_it_is(runner: Runner, site: Site) -> None:
    ran = runner.run("catalogsync-drift", "schedule")
    assert ran is not None
    assert (ran.code, "There is no state here" in ran.log) == (0, True)
    assert site.calls == []


def test_each_job_runs_in_its_pipeline_alone(runner: Runner) -> None:
    for job, own in {"validate": REQUEST, "plan": REQUEST, "apply": "push", "drift": "schedule"}.items():
        for source in {REQUEST, "push", "schedule"} - {own}:
            assert runner.run(f"catalogsync-{job}", source) is None


def test_one_apply_at_a_time_and_plans_never_write_the_state() -> None:
    jobs = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    assert jobs["catalogsync-apply"]["resource_group"] == "catalogsync-apply"
    assert {name: job["cache"]["policy"] for name, job in jobs.items() if job.get("cache") and "script" in job} == {
        "catalogsync-plan": "pull",
        "catalogsync-apply": "pull-push",
        "catalogsync-drift": "pull",
    }


def test_the_example_includes_the_template_and_sets_variables_that_it_has() -> None:
    example = yaml.safe_load((ROOT / "examples/ci/gitlab-ci.yml").read_text(encoding="utf-8"))
    template = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    assert [Path(one["local"]).name for one in example["include"]] == [TEMPLATE.name]
    assert set(example["variables"]) <= set(template["variables"])
