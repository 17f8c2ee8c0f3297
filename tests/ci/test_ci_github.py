"""The pipelines of examples/ci for GitHub, and the action, run step by step in real shells against a sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ci_github import ROOT, Ran, Runner
from ci_shop import Account, account, write_shop
from ci_site import MERGE, PULL, READER, WRITER, Site

WORKFLOW = ROOT / "examples/ci/github-actions.yml"
FORKS = ROOT / "examples/ci/github-forks.yml"
HEAD = "feed"


def pull_event(repository: str = "shop/catalog") -> dict[str, Any]:
    return {"pull_request": {"number": PULL, "head": {"sha": HEAD, "repo": {"full_name": repository}}}}


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path / "remote") as made:
        yield made


@pytest.fixture
def runner(tmp_path: Path, site: Site, remote: Account) -> Runner:
    write_shop(tmp_path / "repository", "STOOL-1", "STOOL-2")
    origin = {"CATALOGSYNC_ORIGIN": remote.endpoints.origin}
    return Runner(tmp_path / "repository", tmp_path / "runner", site, remote.base, remote.keys, origin, WRITER)


def plan(runner: Runner, **inputs: str) -> Ran:
    ran = runner.run(WORKFLOW, "plan", "pull_request", pull_event(), "merge-of-the-pull", **inputs)
    runner.site.runs = [{"id": runner.runs, "head_sha": HEAD}]
    return ran


def merge(runner: Runner, **inputs: str) -> Ran:
    head = {"sha": HEAD, "repo": {"full_name": "shop/catalog"}}
    pull = {"number": PULL, "merged_at": "2026-01-01", "merge_commit_sha": MERGE, "head": head}
    runner.site.pulls[MERGE] = [pull]
    return runner.run(WORKFLOW, "apply", "push", {}, MERGE, **inputs)


def comments(site: Site) -> list[str]:
    return [note["body"] for note in site.comments.get(PULL, [])]


def assert_no_key(runner: Runner, said: str) -> None:
    """In nothing that was said, posted or kept."""
    told = said + json.dumps(runner.site.comments) + json.dumps(runner.site.issues)
    kept = b"".join(content for files in runner.site.artifacts.values() for content in files.values())
    for key in (*runner.secrets.values(), WRITER):
        assert key not in told
        assert key.encode() not in kept


def test_a_pull_request_shows_the_plan_and_its_merge_applies_it(runner: Runner, remote: Account, site: Site) -> None:
    site.comments[PULL] = [{"id": number, "body": "Nice", "user": {"type": "User"}} for number in range(35)]
    planned = plan(runner)
    assert planned.code == 0, planned.log
    assert "Plan: 4 to add" in planned.summary
    assert [body.count("Plan: 4 to add") for body in comments(site)[35:]] == [1]
    expected = {"has-changes": "true", "adds": "4", "changes": "0", "destroys": "0", "plan-file": "plan.json"}
    assert planned.outputs["action"].items() >= expected.items()
    assert int(planned.outputs["action"]["credits"]) > 0
    assert remote.products() == []

    applied = merge(runner)
    assert applied.code == 0, applied.log
    assert "Apply complete! Resources: 4 added, 0 changed, 0 destroyed." in applied.log
    assert remote.products() == ["STOOL-1", "STOOL-2"]
    assert ["Applied" in body for body in comments(site)[35:]] == [False, True]

    again = plan(runner)
    assert again.outputs["action"]["has-changes"] == "false"
    assert "No changes." in again.log
    assert len(comments(site)) == 37
    assert_no_key(runner, planned.log + applied.log + again.log)


def test_each_catalog_of_a_repository_has_a_comment_and_an_artifact_of_its_own(runner: Runner, site: Site) -> None:
    for name in ("lamps", "chairs"):
        write_shop(runner.workspace / name, "STOOL-1", name=name)
        ran = plan(runner, **{"name": name, "working-directory": name})
        assert ran.code == 0, ran.log
        assert ran.outputs["action"]["plan-file"] == f"plan-{name}.json"
    assert [name in body for name, body in zip(("lamps", "chairs"), comments(site), strict=True)] == [True, True]
    assert {name for names in site.artifacts.values() for name in names} == {
        "catalogsync-plan-lamps",
        "catalogsync-plan-chairs",
    }


def test_a_mistake_in_the_manifest_is_annotated_at_its_line_and_told(runner: Runner, site: Site) -> None:
    manifest = runner.workspace / "catalog.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("    name:", "    nmae:"), encoding="utf-8")
    ran = plan(runner)
    assert ran.code == 1
    assert "::error file=catalog.yaml,line=5" in ran.log
    assert "The manifest has errors" in comments(site)[0]
    assert "did you mean `name`" in ran.summary


def test_what_cannot_be_reported_does_not_fail_the_run(runner: Runner, site: Site) -> None:
    site.broken = 500
    ran = plan(runner)
    assert ran.code == 0, ran.log
    assert "Warning: not reported." in ran.log
    assert "Plan: 4 to add" in ran.summary


def test_without_a_comment_the_summary_has_the_plan(runner: Runner, site: Site) -> None:
    ran = plan(runner, comment="false")
    assert ran.code == 0
    assert "Plan: 4 to add" in ran.summary
    assert site.calls == []


def test_a_guard_that_refuses_fails_the_check_and_still_tells_the_plan(runner: Runner, site: Site) -> None:
    ran = plan(runner, args="--max-credits 1")
    assert ran.code == 6, ran.log
    assert "max-credits" in comments(site)[0]
    assert ran.outputs["action"]["has-changes"] == "true"


def test_a_plan_that_cannot_be_made_says_why_on_the_pull_request(runner: Runner, site: Site) -> None:
    runner.secrets["CATALOGSYNC_PUBLIC_KEY"] = "wrong"
    ran = plan(runner)
    assert ran.code == 1
    assert "No plan could be made (exit code 1)" in comments(site)[0]
    assert ran.outputs["action"]["has-changes"] == ""


def test_a_stale_plan_is_not_applied_and_the_new_one_is_shown(runner: Runner, remote: Account, site: Site) -> None:
    assert plan(runner).code == 0
    write_shop(runner.workspace, "STOOL-1", "STOOL-2", "STOOL-3")
    ran = merge(runner)
    assert ran.code == 8, ran.log
    assert "the reviewed plan is stale" in ran.log
    assert "product.STOOL-3" in ran.log
    assert "Plan: 6 to add" in comments(site)[-1]
    assert remote.products() == []
    by_hand = runner.run(WORKFLOW, "apply", "workflow_dispatch", {}, MERGE)
    assert by_hand.code == 0, by_hand.log
    assert remote.products() == ["STOOL-1", "STOOL-2", "STOOL-3"]


def test_where_a_reviewed_plan_is_only_preferred_a_stale_one_gives_way(runner: Runner, remote: Account) -> None:
    assert plan(runner).code == 0
    write_shop(runner.workspace, "STOOL-3")
    ran = merge(runner, reviewed="preferred")
    assert ran.code == 0, ran.log
    assert remote.products() == ["STOOL-3"]


def test_a_merge_without_a_reviewed_plan_applies_nothing(runner: Runner, remote: Account) -> None:
    ran = merge(runner)
    assert ran.code == 1
    assert "Nothing was applied: no reviewed plan was found." in ran.log
    assert remote.products() == []


def test_a_fork_plans_with_the_public_key_alone(runner: Runner, remote: Account, site: Site, tmp_path: Path) -> None:
    runner.token, runner.secrets, runner.variables = READER, {}, {}
    workflow = tmp_path / "forks.yml"
    text = FORKS.read_text(encoding="utf-8").replace("write-the-public-key-here", remote.endpoints.public_key)
    workflow.write_text(text.replace("shop.example.com", remote.endpoints.origin), encoding="utf-8")
    ran = runner.run(workflow, "plan", "pull_request", pull_event("somebody/catalog"), "sha")
    assert ran.code == 0, ran.log
    assert "Plan: 4 to add" in ran.summary
    assert comments(site) == []
    own = runner.run(workflow, "plan", "pull_request", pull_event(), "sha")
    assert own.skipped


def test_a_fork_without_any_key_is_validated(runner: Runner, remote: Account) -> None:
    runner.token, runner.secrets, runner.variables = READER, {}, {}
    ran = runner.run(WORKFLOW, "plan", "pull_request", pull_event("somebody/catalog"), "sha")
    assert ran.code == 0
    assert "secrets do not reach pull requests from forks" in ran.log
    assert remote.calls() == []


def test_apply_without_the_secret_key_ends_with_one_sentence_before_any_call(runner: Runner, remote: Account) -> None:
    del runner.secrets["CATALOGSYNC_SECRET_KEY"]
    ran = merge(runner)
    assert ran.code == 1
    said = [line for line in ran.log.splitlines() if "::error" in line]
    assert len(said) == 1
    assert "apply needs CATALOGSYNC_SECRET_KEY, which this run does not have" in said[0]
    assert remote.calls() == []


def test_drift_is_told_in_one_issue_that_closes_when_it_is_gone(runner: Runner, remote: Account, site: Site) -> None:
    assert runner.run(WORKFLOW, "apply", "workflow_dispatch", {}, MERGE).code == 0
    for edit, state, changed in (("By hand", "open", "true"), ("Again", "open", "true"), ("Stool", "closed", "false")):
        remote.rename("STOOL-1", edit)
        ran = runner.run(WORKFLOW, "drift", "schedule", {}, MERGE)
        assert ran.code == 0, ran.log
        assert [one["state"] for one in site.issues] == [state]
        assert ran.outputs["action"]["has-changes"] == changed
    assert "Again" in site.issues[0]["body"]


def test_without_a_state_the_issue_about_drift_stays_as_it_is(runner: Runner, site: Site) -> None:
    ran = runner.run(WORKFLOW, "drift", "schedule", {}, MERGE)
    assert ran.code == 0, ran.log
    assert "There is no state here" in ran.log
    assert site.calls == []


def test_what_a_stranger_names_a_product_is_no_order_to_the_runner(runner: Runner) -> None:
    write_shop(runner.workspace, "STOOL-1", name='"##[error]forged"')
    log = plan(runner).log.splitlines()
    forged = [number for number, line in enumerate(log) if "forged" in line]
    stops = [number for number, line in enumerate(log) if line.startswith("::stop-commands::")]
    token = log[stops[0]].removeprefix("::stop-commands::")
    assert len(token) == 32
    assert forged
    assert all(stops[0] < number < log.index(f"::{token}::") for number in forged)


def test_a_plan_of_thousands_of_changes_fits_into_a_comment(runner: Runner, site: Site) -> None:
    write_shop(runner.workspace, "STOOL-1")
    entries = [
        f"  - {{sku_id: LAMP-{number}, name: A rather long name of a lamp, model: models/STOOL-1.glb, outputs: []}}"
        for number in range(5_000)
    ]
    manifest = ["version: 1", "catalog: shop", "products:", *entries]
    (runner.workspace / "catalog.yaml").write_text("\n".join(manifest) + "\n", encoding="utf-8")
    ran = plan(runner)
    assert ran.code == 0, ran.log
    assert ran.outputs["action"]["adds"] == "5000"
    assert "5000 to add" in comments(site)[0].replace(",", "")
    assert len(comments(site)[0]) <= 65_536


def test_a_rule_of_ones_own_stands_on_the_outputs(runner: Runner) -> None:
    rule = ROOT / "examples/ci/github-outputs.yml"
    ran = runner.run(rule, "rule", "pull_request", pull_event(), "sha")
    assert ran.code == 0, ran.log
    assert "12 credits, 0 to destroy" in ran.log
    write_shop(runner.workspace, *(f"STOOL-{number}" for number in range(100)))
    assert runner.run(rule, "rule", "pull_request", pull_event(), "sha").code == 1


def test_each_job_runs_for_its_event_alone(runner: Runner) -> None:
    events = {"plan": "pull_request", "apply": "push", "drift": "schedule"}
    for job, own in events.items():
        for event in set(events.values()) - {own}:
            assert runner.run(WORKFLOW, job, event, pull_event(), "sha").skipped


def test_a_word_that_is_no_command_is_refused(runner: Runner) -> None:
    ran = plan(runner, command="destroy")
    assert ran.code == 1
    assert "can be plan, apply or drift" in ran.log


def test_one_apply_at_a_time_and_only_apply_has_the_key_that_writes() -> None:
    jobs = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    assert jobs["apply"]["concurrency"] == {"group": "catalogsync-apply", "cancel-in-progress": False}
    assert [name for name, job in jobs.items() if "CATALOGSYNC_SECRET_KEY" in job["env"]] == ["apply"]


def test_permissions_are_the_least() -> None:
    jobs = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "plan": {"contents": "read", "pull-requests": "write"},
        "apply": {"contents": "read", "actions": "read", "pull-requests": "write"},
        "drift": {"contents": "read", "issues": "write"},
    }
