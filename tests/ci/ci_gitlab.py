"""Runs a job of a GitLab pipeline on this machine: rules, cache, artifacts, and the script in a real shell."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from ci_site import MERGE, PULL, WRITER, Site

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "ci/gitlab/catalogsync.gitlab-ci.yml"
KEPT = ("HOME", "TMPDIR", "PYTHONPATH")


@dataclass
class Ran:
    code: int = 0
    log: str = ""
    when: str = "on_success"
    artifacts: dict[str, str] = field(default_factory=dict)


@dataclass
class Runner:
    """A project on GitLab with its runner."""

    workspace: Path
    work: Path
    site: Site
    variables: dict[str, str]
    protected: dict[str, str] = field(default_factory=dict)  # on the default branch alone
    pipelines: int = 0

    def run(self, job: str, source: str, **more: str) -> Ran | None:
        """None when the rules leave the job out. `source` is merge_request_event, push or schedule."""
        self.pipelines += 1
        document = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
        definition: dict[str, Any] = document[".catalogsync"] | document[job]
        assert document[job]["extends"] == ".catalogsync"
        env = {name: os.environ[name] for name in KEPT if name in os.environ}
        env |= {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            **{name: str(value) for name, value in document["variables"].items()},
            "CATALOGSYNC_PACKAGE": "installed",
            "CI": "true",
            "GITLAB_CI": "true",
            "CI_API_V4_URL": f"{self.site.url}/api/v4",
            "CI_PROJECT_ID": "77",
            "CI_PIPELINE_SOURCE": source,
            "CI_DEFAULT_BRANCH": "main",
            "CI_COMMIT_SHA": MERGE,
            "CI_JOB_URL": "https://gitlab.example/job",
            "CATALOGSYNC_GITLAB_TOKEN": WRITER,
            **self.variables,
        }
        if source == "merge_request_event":
            env["CI_MERGE_REQUEST_IID"] = str(PULL)
        else:
            env |= {"CI_COMMIT_BRANCH": "main", **self.protected}
        env |= more
        when = _ruled(definition["rules"], env)
        if when == "never":
            return None
        ran = self._ran(definition, env)
        ran.when = when
        self._keep(job, definition, ran)
        return ran

    def _ran(self, definition: Mapping[str, Any], env: Mapping[str, str]) -> Ran:
        cache = definition["cache"]
        store = self.work / "cache"
        if cache and store.exists():
            shutil.copytree(store, self.workspace / ".catalogsync", dirs_exist_ok=True)
        script = self.work / "job.sh"
        script.parent.mkdir(exist_ok=True, parents=True)
        script.write_text("\n".join([*definition["before_script"], *definition["script"]]), encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        if cache and cache["policy"] == "pull-push" and (done.returncode == 0 or cache["when"] == "always"):
            shutil.rmtree(store, ignore_errors=True)
            if (self.workspace / ".catalogsync").exists():
                shutil.copytree(self.workspace / ".catalogsync", store)
        return Ran(done.returncode, done.stdout)

    def _keep(self, job: str, definition: Mapping[str, Any], ran: Ran) -> None:
        """Artifacts go to the site; what a job leaves beside them is gone with its workspace."""
        wanted = definition.get("artifacts", {})
        names = [*wanted.get("paths", []), *wanted.get("reports", {}).values()]
        kept = {name: self.workspace / name for name in names if (self.workspace / name).is_file()}
        ran.artifacts = {name: path.read_text(encoding="utf-8") for name, path in kept.items()}
        if kept:
            self.site.upload(self.pipelines, job, {name: path.read_bytes() for name, path in kept.items()})
        for made in ("plan.json", "plan.md", "plan.env", "apply.txt", "apply.md", "drift.txt", "drift.md"):
            (self.workspace / made).unlink(missing_ok=True)
        shutil.rmtree(self.workspace / ".catalogsync", ignore_errors=True)


def _ruled(rules: list[dict[str, str]], env: Mapping[str, str]) -> str:
    for rule in rules:
        if all(_true(part, env) for part in rule["if"].split(" && ")):
            return rule.get("when", "on_success")
    return "never"


def _true(comparison: str, env: Mapping[str, str]) -> bool:
    match = re.fullmatch(r'\$(\w+) == (?:\$(\w+)|"(.*)")', comparison.strip())
    assert match, f"a rule that the stand-in does not know: {comparison}"
    return env.get(match[1]) == (env.get(match[2]) if match[2] else match[3])
