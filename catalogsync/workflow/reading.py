"""How a manifest is read: a value that validating, planning and comparing with a commit share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Reading:
    """How the manifest is read."""

    paths: tuple[Path, ...]
    strict: bool = False
    allow_outside: bool = False
