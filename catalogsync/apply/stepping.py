"""Steps, what becomes of each, and of the change it belongs to: what schedule and executor tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from catalogsync.errors import CatalogSyncError
from catalogsync.plan.changes import Change
from catalogsync.plan.steps import StepKind


@dataclass(frozen=True, slots=True)
class Step:
    """One step to start: the index of its change in the plan, and its kind."""

    change: int
    kind: StepKind


@dataclass(frozen=True, slots=True)
class StepDone:
    """It is done. `spent` credits were charged for it: each event tells that."""

    step: Step
    spent: int = 0


@dataclass(frozen=True, slots=True)
class StepNotReady:
    """A check that found the remote still at work: look again later."""

    step: Step
    spent: int = 0


@dataclass(frozen=True, slots=True)
class StepFailed:
    step: Step
    error: CatalogSyncError
    spent: int = 0


@dataclass(frozen=True, slots=True)
class StepRestarts:
    """The change has to begin anew, as `change`: what the step met was not what was planned."""

    step: Step
    change: Change
    why: str
    spent: int = 0


StepEvent = StepDone | StepNotReady | StepFailed | StepRestarts


class Outcome(StrEnum):
    """What became of a change in this run."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    LEFT = "left"  # its job runs on
    BEHIND = "behind"  # not started, since it waits for one whose job runs on
