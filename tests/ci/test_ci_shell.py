"""The recipe for any other CI, and what the action's own scripts do beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from ci_github import ROOT
from ci_shop import Account, account, write_shop

RECIPE = ROOT / "examples/ci/pipeline.sh"
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path / "remote") as made:
        yield made


def ran(arguments: list[str], folder: Path, variables: Mapping[str, str]) -> tuple[int, str]:
    done = subprocess.run(
        arguments,
        cwd=folder,
        env={"PATH": PATH, "HOME": str(folder), **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_recipe_plans_applies_and_looks_for_drift(tmp_path: Path, remote: Account) -> None:
    shop = tmp_path / "shop"
    write_shop(shop, "STOOL-1")
    public = {**remote.base, "CATALOGSYNC_ORIGIN": remote.endpoints.origin}
    public["CATALOGSYNC_PUBLIC_KEY"] = remote.endpoints.public_key
    code, said = ran([str(RECIPE), "plan"], shop, public)
    assert code == 0, said
    assert "Plan: 2 to add" in (shop / "plan.md").read_text(encoding="utf-8")
    code, said = ran([str(RECIPE), "apply"], shop, public)
    assert (code, "Only the public key is set" in said) == (1, True)
    assert not [call for call in remote.calls() if not call.startswith("GET")]
    code, said = ran([str(RECIPE), "apply"], shop, public | remote.keys)
    assert code == 0, said
    assert remote.products() == ["STOOL-1"]
    assert ran([str(RECIPE), "drift"], shop, public)[0] == 0
    remote.rename("STOOL-1", "By hand")
    assert ran([str(RECIPE), "drift"], shop, public)[0] == 2
    (shop / "plan.json").unlink()
    assert ran([str(RECIPE), "apply"], shop, public | remote.keys)[0] == 0
    assert ran([str(RECIPE), "sing"], shop, {})[0] == 1


@pytest.mark.parametrize(
    ("version", "asked"),
    [
        ("", "install --quiet --disable-pip-version-check /the/action"),
        ("1.2.3", "catalogsync==1.2.3"),
        ("installed", ""),
    ],
)
def test_the_action_installs_what_it_is_asked_to(version: str, asked: str, tmp_path: Path) -> None:
    """A python3 that only writes down what it is called with stands in for the real one."""
    fake = tmp_path / "bin/python3"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/called\n', encoding="utf-8")
    fake.chmod(0o755)
    variables = {"PATH": f"{fake.parent}{os.pathsep}{PATH}", "VERSION": version, "ACTION": "/the/action"}
    code, said = ran(["bash", str(ROOT / "ci/github/install.sh")], tmp_path, variables)
    assert code == 0, said
    assert said.startswith("catalogsync ")
    called = tmp_path / "called"
    assert (asked in called.read_text(encoding="utf-8")) if asked else not called.exists()
