"""A plan as reviewers get to see it: the one value that every format is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalogsync.errors import Place
from catalogsync.plan.changes import Plan
from catalogsync.plan.guards import Objection


@dataclass(frozen=True, slots=True)
class Review:
    """A plan with paths as seen from `files`, what guards object to, and where the manifest speaks of its changes.

    `document` is that of a saved plan as it was read, None for a new one. `artifact_url` is where the whole plan can be
    had, `images_url` where the manifest's folder is on the web; "" for nowhere.
    """

    plan: Plan
    objections: tuple[Objection, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)
    document: Mapping[str, Any] | None = None
    files: Path = Path()
    artifact_url: str = ""
    images_url: str = ""
