"""What the store tells about the past: journal rows and runs, as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from catalogsync.model.state import Phase

Clock = Callable[[], str]


def utc_now() -> str:
    """The time as ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One line of the journal. `seq` grows; `intent_id` is "" for a note; `request` is filled for intents only."""

    seq: int
    run_id: str
    at: str  # ISO 8601, UTC
    address: str
    step: str
    phase: Phase
    intent_id: str = ""
    request: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run. `ended_at` and `outcome` are "" while it runs, and for ever when it was killed."""

    run_id: str
    command: str
    started_at: str  # ISO 8601, UTC
    ended_at: str = ""
    outcome: str = ""
    credits_spent: int = 0
    balance_before: int | None = None  # as the remote told it, before the first call and after the last one known
    balance_after: int | None = None


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """Credits of one operation for one address (or the reading, see model/spend.py) in one run."""

    run_id: str
    address: str
    operation: str
    predicted: int
    charged: int
