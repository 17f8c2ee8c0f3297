"""What a command imports is what it uses: every library costs time that each run of each command would pay."""

from __future__ import annotations

import subprocess
import sys

from e2e_command import Command

HEAVY = {
    *("httpx2", "httpcore2", "networkx", "jsonschema", "jsonschema_rs", "rich", "yaml", "sqlite3", "asyncio"),
    *("starlette", "uvicorn", "PIL", "opentelemetry"),
}


# Ours, that a plan without changes has no use for: each makes classes or brings a library along.
UNUSED_BY_A_PLAN = {
    *("catalogsync.model.events", "catalogsync.model.feed", "catalogsync.api.zapier", "catalogsync.plan.sweep"),
    *("catalogsync.plan.drift", "catalogsync.plan.loader", "catalogsync.manifest.writing", "catalogsync.sandbox"),
    *("catalogsync.apply.executor", "catalogsync.apply.schedule", "catalogsync.apply.ports", "catalogsync.hosting"),
    *("catalogsync.cli.ndjson", "catalogsync.cli.progress", "catalogsync.cli.tracing", "catalogsync.cli.logs"),
    *("catalogsync.cli.render.html", "catalogsync.cli.render.markdown", "catalogsync.cli.render.github"),
    *("catalogsync.workflow.running", "catalogsync.workflow.saved", "catalogsync.workflow.revisions"),
}


def imported(command: Command, *arguments: str) -> set[str]:
    """The heavy libraries that a run imported."""
    return HEAVY & {name.partition(".")[0] for name in modules(command, *arguments)}


def modules(command: Command, *arguments: str) -> set[str]:
    """All that a run imported, as -X importtime tells."""
    process = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "catalogsync", *arguments],
        cwd=command.folder,
        env=command.env(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = (line for line in process.stderr.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip() for line in lines}


def test_help_and_version_import_nothing_heavy(command: Command) -> None:
    assert imported(command, "--help") == set()
    assert imported(command, "--version") == set()


def test_validate_imports_no_client_and_no_explainer(command: Command) -> None:
    assert imported(command, "validate") <= {"yaml", "jsonschema_rs", "sqlite3", "asyncio"}


def test_a_schema_and_a_first_manifest_need_no_validator(command: Command) -> None:
    assert imported(command, "schema") <= {"yaml"}
    assert imported(command, "init", "new") <= {"yaml"}  # of the package that has the schema


def test_the_state_needs_neither_validator_nor_client(command: Command) -> None:
    command("plan")
    assert imported(command, "state", "list") <= {"sqlite3", "yaml", "asyncio"}


def test_a_plan_without_changes_imports_no_graph_no_terminal_and_no_explainer(command: Command) -> None:
    command("apply", "--auto-approve")
    used = {"yaml", "jsonschema_rs", "sqlite3", "asyncio", "httpx2", "httpcore2"}
    assert imported(command, "plan") == used
    assert imported(command, "apply", "--auto-approve") == used


def test_a_plan_without_changes_imports_nothing_of_ours_that_it_has_no_use_for(command: Command) -> None:
    command("apply", "--auto-approve")
    assert UNUSED_BY_A_PLAN & modules(command, "plan") == set()


def test_status_that_calls_nobody_imports_no_client(command: Command) -> None:
    command("plan")
    assert "httpx2" not in imported(command, "status", "--refresh=none")
