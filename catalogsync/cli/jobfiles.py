"""The files by which a job on GitHub hands text to its summary and values to later steps."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from catalogsync.errors import CatalogSyncError
from catalogsync.plan.counts import count
from catalogsync.workflow.saved import read

SUMMARY_LIMIT = 1_000_000  # bytes; GitHub drops a summary of more than 1 MiB


def numbers_of(plan: Path) -> dict[str, str]:
    """What later steps may want to know of a saved plan. Raises SavedPlanError."""
    saved = read(plan)
    counted = count(saved.plan.changes)
    return {
        "has-changes": _word(not saved.plan.empty),
        "adds": str(counted.added),
        "changes": str(counted.changed),
        "destroys": str(counted.destroyed),
        "credits": str(saved.plan.price.expected),
        "refused": _word(bool(saved.objections)),
        "plan-file": os.fspath(plan),
    }


def as_variables(numbers: Mapping[str, str]) -> str:
    return "\n".join(f"PLAN_{name.removeprefix('plan-').replace('-', '_').upper()}={numbers[name]}" for name in numbers)


def add_outputs(environ: Mapping[str, str], numbers: Mapping[str, str]) -> bool:
    """Whether there is a file for outputs. A random delimiter: no value can end itself and begin another."""
    path = environ.get("GITHUB_OUTPUT")
    if not path:
        return False
    delimiter = f"catalogsync-{secrets.token_hex(16)}"
    _append(path, "".join(f"{name}<<{delimiter}\n{value}\n{delimiter}\n" for name, value in numbers.items()))
    return True


def add_summary(environ: Mapping[str, str], text: str) -> bool:
    """Whether there is a file for summaries. What is too long for it is cut at a line."""
    path = environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return False
    from catalogsync.hosting.fitting import fitted

    _append(path, fitted(text, SUMMARY_LIMIT // 4 if not text.isascii() else SUMMARY_LIMIT) + "\n")
    return True


def _append(path: str, text: str) -> None:
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise CatalogSyncError(f"{path} cannot be written: {error.strerror}.") from error


def _word(truth: bool) -> str:
    return "true" if truth else "false"
