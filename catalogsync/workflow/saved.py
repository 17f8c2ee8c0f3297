"""Saved plans as files: written whole or not at all, read, and compared with a plan that is made afresh."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalogsync.errors import SavedPlanError, StalePlanError
from catalogsync.plan.codec import document_text
from catalogsync.plan.loader import SavedPlan, load_plan
from catalogsync.plan.staleness import differences
from catalogsync.workflow.planning import Planned

LISTED = 50  # differences that a message names


def save(document: Mapping[str, Any], path: Path) -> None:
    """Write a plan's document. A reader sees the former file or the new one. Raises SavedPlanError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(document_text(document) + "\n", encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise SavedPlanError(f"The plan cannot be saved to {path}: {error.strerror}.") from error


def refuse_lost_place(path: Path) -> None:
    """Raises SavedPlanError for a place without a folder: said before a plan is read for and paid."""
    if not path.parent.is_dir():
        raise SavedPlanError(
            f"The plan cannot be saved to {path}: there is no folder {path.parent}.", hint="Make the folder first."
        )


def read(path: Path) -> SavedPlan:
    """Raises SavedPlanError when there is no such file, or it is no saved plan that can be trusted."""
    try:
        return load_plan(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SavedPlanError(
            f"The saved plan {path} cannot be read: {error.strerror}.",
            hint=f"Make it with `catalogsync plan --out {path}`.",
        ) from error
    except UnicodeDecodeError as error:
        raise SavedPlanError(f"{path} is no saved plan: it is not text.") from error


def is_resumed(saved: SavedPlan, planned: Planned) -> bool:
    """Whether runs of this saved plan, and nothing else, moved the state since it was made."""
    return planned.plan.made_from.moved_by == saved.plan_id


def refuse_stale(saved: SavedPlan, planned: Planned) -> None:
    """Raises StalePlanError, naming every row that differs from what was saved."""
    found = differences(saved.plan, planned.portable, resuming=is_resumed(saved, planned))
    if not found:
        return
    rows = [f"  {row}" for row in found[:LISTED]]
    if len(found) > LISTED:
        rows.append(f"  and {len(found) - LISTED} more")
    raise StalePlanError(
        "\n".join(["The saved plan is stale: what it was made from is no longer so. Nothing was changed.", *rows]),
        hint="Plan again, look at the new plan, and apply that.",
    )
