"""Runs a job of a GitHub workflow on this machine: real shells, the runner's files, stand-ins for others' actions."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from ci_expressions import holds, interpolated
from ci_site import Site

ROOT = Path(__file__).parents[2]
NOTHING_TO_DO = ("actions/checkout@v4", "actions/setup-python@v5")
OURS = "your-organisation/catalogsync@v0"
KEPT = ("HOME", "TMPDIR", "PYTHONPATH")


@dataclass
class Ran:
    """How a job ended."""

    code: int = 0
    log: str = ""
    summary: str = ""
    skipped: bool = False
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)  # by the step's id


@dataclass
class Runner:
    """A repository on GitHub with its runner: a workspace, caches, artifacts, secrets and variables."""

    workspace: Path
    work: Path
    site: Site
    base: Mapping[str, str]
    secrets: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    token: str = ""
    runs: int = 0
    cancel_when: Callable[[], bool] | None = None  # the job is cancelled once this is so

    @property
    def caches(self) -> Path:
        return self.work / "caches"

    def run(self, workflow: Path, job: str, event_name: str, event: Mapping[str, Any], sha: str, **inputs: str) -> Ran:
        """Run one job. `inputs` go to our action, beside what the workflow gives it."""
        self.runs += 1
        self._fresh()
        document = yaml.safe_load(workflow.read_text(encoding="utf-8"))
        definition = document["jobs"][job]
        event_file = self.work / f"event-{self.runs}.json"
        event_file.parent.mkdir(parents=True, exist_ok=True)
        event_file.write_text(json.dumps(event), encoding="utf-8")
        github = {
            "event_name": event_name,
            "event": event,
            "repository": "shop/catalog",
            "run_id": self.runs,
            "run_attempt": 1,
            "token": self.token,
        }
        contexts: dict[str, Any] = {
            "github": github,
            "secrets": self.secrets,
            "vars": self.variables,
            "status": "success",
            "steps": {},
            "inputs": {},
        }
        if not holds(definition.get("if"), contexts):
            return Ran(skipped=True)
        env = {name: os.environ[name] for name in KEPT if name in os.environ} | dict(self.base)
        env |= {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.site.url,
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_REPOSITORY": "shop/catalog",
            "GITHUB_RUN_ID": str(self.runs),
            "GITHUB_SHA": sha,
            "GITHUB_EVENT_NAME": event_name,
            "GITHUB_EVENT_PATH": str(event_file),
            "RUNNER_TEMP": str(self.work),
        }
        for given in (document.get("env", {}), definition.get("env", {})):
            env |= {name: interpolated(str(value), contexts) for name, value in given.items()}
        ran = Ran()
        self._steps(definition["steps"], contexts, env, ran, inputs)
        return ran

    def _fresh(self) -> None:
        """Every job has a machine of its own: only caches and artifacts come along."""
        shutil.rmtree(self.workspace / ".catalogsync", ignore_errors=True)
        for plan in self.workspace.glob("plan*.json"):
            plan.unlink()

    def _steps(
        self,
        steps: list[dict[str, Any]],
        contexts: dict[str, Any],
        env: dict[str, str],
        ran: Ran,
        extra: dict[str, str],
    ) -> None:
        for step in steps:
            if not holds(step.get("if"), contexts):
                continue
            given = {name: interpolated(str(value), contexts) for name, value in step.get("with", {}).items()}
            own = env | {name: interpolated(str(value), contexts) for name, value in step.get("env", {}).items()}
            if "run" in step:
                code = self._shell(step, contexts, own, ran)
            elif step["uses"] == OURS:
                code = self._our_action(given | extra, contexts, own, ran)
                contexts["steps"][step.get("id", "")] = {"outputs": ran.outputs["action"]}
            else:
                code = self._stand_in(step["uses"], given)
            if code and contexts["status"] == "success":
                contexts["status"], ran.code = "failure", code

    def _shell(self, step: Mapping[str, Any], contexts: dict[str, Any], env: dict[str, str], ran: Ran) -> int:
        files = {name: self.work / f"{name}-{len(list(self.work.iterdir()))}" for name in ("output", "summary")}
        for file in files.values():
            file.touch()
        script = self.work / "step.sh"
        script.write_text(interpolated(step["run"], contexts), encoding="utf-8")
        shell = {"bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}[step.get("shell", "bash")]
        folder = self.workspace / interpolated(step.get("working-directory", "."), contexts)
        own = env | {"GITHUB_OUTPUT": str(files["output"]), "GITHUB_STEP_SUMMARY": str(files["summary"])}
        with subprocess.Popen(
            [*shell, str(script)],
            cwd=folder,
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            canceller = threading.Thread(target=self._cancel, args=(process,))
            canceller.start()
            ran.log += process.communicate(timeout=120)[0]
            canceller.join()
        ran.summary += files["summary"].read_text(encoding="utf-8")
        outputs = parsed_outputs(files["output"].read_text(encoding="utf-8"))
        if "id" in step:
            contexts["steps"][step["id"]] = {"outputs": outputs}
            ran.outputs[step["id"]] = outputs
        return process.returncode

    def _cancel(self, process: subprocess.Popen[str]) -> None:
        """As GitHub does it: SIGINT to the step's own process alone."""
        while self.cancel_when is not None and process.poll() is None:
            if self.cancel_when():
                self.cancel_when = None
                process.send_signal(signal.SIGINT)
            time.sleep(0.05)

    def _our_action(self, given: dict[str, str], contexts: dict[str, Any], env: dict[str, str], ran: Ran) -> int:
        action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
        assert set(given) <= set(action["inputs"]), "an input that the action does not have"
        defaults = {name: interpolated(one.get("default", ""), contexts) for name, one in action["inputs"].items()}
        inside = {
            **contexts,
            "github": {**contexts["github"], "action_path": str(ROOT)},
            "inputs": {**defaults, "version": "installed", **given},
            "steps": {},
            "status": "success",
        }
        before = ran.code
        self._steps(action["runs"]["steps"], inside, env, ran, {})
        code, ran.code = (ran.code, before) if inside["status"] == "failure" else (0, before)
        ran.outputs["action"] = {
            name: interpolated(one["value"], inside) for name, one in action.get("outputs", {}).items()
        }
        return code

    def _stand_in(self, uses: str, given: Mapping[str, str]) -> int:
        if uses in NOTHING_TO_DO:
            return 0
        return {
            "actions/cache/restore@v4": self._restore,
            "actions/cache/save@v4": self._save,
            "actions/upload-artifact@v4": self._upload,
        }[uses](given)

    def _restore(self, given: Mapping[str, str]) -> int:
        saved = sorted(self.caches.iterdir(), key=lambda path: path.stat().st_mtime_ns) if self.caches.exists() else []
        prefixes = [given["key"], *given.get("restore-keys", "").split()]
        for prefix in prefixes:
            for cache in reversed(saved):
                if cache.name.startswith(prefix):
                    shutil.copytree(cache, self.workspace / given["path"], dirs_exist_ok=True)
                    return 0
        return 0

    def _save(self, given: Mapping[str, str]) -> int:
        if (self.workspace / given["path"]).exists():
            shutil.copytree(self.workspace / given["path"], self.caches / given["key"])
            os.utime(self.caches / given["key"])
        return 0

    def _upload(self, given: Mapping[str, str]) -> int:
        path = self.workspace / given["path"]
        files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
        self.site.upload(self.runs, given["name"], {file.name: file.read_bytes() for file in files})
        return 0 if files else 1


def parsed_outputs(text: str) -> dict[str, str]:
    """What a runner reads from the file of outputs: `name=value`, or a value of lines up to a delimiter."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, multi, delimiter = line.partition("<<")
        if not multi:
            name, _, found[name] = line.partition("=")
            continue
        value: list[str] = []
        for inner in lines:
            if inner == delimiter:
                break
            value.append(inner)
        found[name] = "\n".join(value)
    return found
