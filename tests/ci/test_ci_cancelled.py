"""A job that is cancelled, and a runner that keeps no disk: the next run finishes the work, nothing is there twice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from ci_github import ROOT, Ran, Runner
from ci_shop import Account, account, write_shop
from ci_site import MERGE, WRITER, Site

WORKFLOW = ROOT / "examples/ci/github-actions.yml"
SKUS = ["STOOL-1", "STOOL-2"]


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path / "remote", job_seconds=2.0) as made:
        yield made


@pytest.fixture
def runner(tmp_path: Path, site: Site, remote: Account) -> Runner:
    write_shop(tmp_path / "repository", *SKUS)
    origin = {"CATALOGSYNC_ORIGIN": remote.endpoints.origin}
    return Runner(tmp_path / "repository", tmp_path / "runner", site, remote.base, remote.keys, origin, WRITER)


def apply(runner: Runner, code: int = 0, **inputs: str) -> Ran:
    ran = runner.run(WORKFLOW, "apply", "workflow_dispatch", {}, MERGE, **{"comment": "false", **inputs})
    assert ran.code == code, ran.log
    return ran


def cancelled(runner: Runner, remote: Account, call: str) -> Ran:
    """An apply that is cancelled once it has sent this call."""
    runner.cancel_when = lambda: call in remote.calls()
    ran = apply(runner, 130)
    assert "SIGTERM received" in ran.log
    return ran


CREATE, JOB = "POST /v1/product/details/", "POST /v1/product/job/"


@pytest.mark.parametrize("call", [CREATE, JOB])
def test_after_a_cancelled_apply_the_next_one_finishes(call: str, runner: Runner, remote: Account) -> None:
    cancelled(runner, remote, call)
    apply(runner)
    assert remote.products() == SKUS
    assert remote.jobs() == len(SKUS)


def test_jobs_that_run_are_found_again_when_a_cancelled_run_left_no_state(runner: Runner, remote: Account) -> None:
    cancelled(runner, remote, JOB)
    shutil.rmtree(runner.caches)
    apply(runner)
    assert remote.products() == SKUS
    assert remote.jobs() == len(SKUS)


def test_products_that_were_never_finished_and_have_no_state_are_replaced_when_told_to(
    runner: Runner, remote: Account
) -> None:
    finalize = {"method": "PATCH", "path": "/v1/product/details/*"}
    refuse = {"match": finalize, "do": "status", "status": 400, "times": len(SKUS)}
    remote.ask("POST", "/sandbox/faults", {"rules": [refuse]})
    apply(runner, 3)
    shutil.rmtree(runner.caches)
    ran = apply(runner, 3)
    assert "Product upload is not complete" in ran.log
    apply(runner, args=" ".join(f"--replace product.{sku}" for sku in SKUS))
    assert remote.products() == SKUS


def test_who_does_not_want_to_wait_gets_a_warning_and_the_next_apply_collects(runner: Runner, remote: Account) -> None:
    assert "::warning title=catalogsync::Content still runs" in apply(runner, args="--no-wait").log
    apply(runner)
    assert remote.jobs() == len(SKUS)


def test_a_runner_that_keeps_nothing_adopts_each_time_and_makes_nothing_twice(runner: Runner, remote: Account) -> None:
    apply(runner)
    shutil.rmtree(runner.caches)
    assert "Resources: 2 imported, 0 added" in apply(runner).log
    assert remote.products() == SKUS
    assert remote.jobs() == len(SKUS)
