"""What the user decides about applying. Cheap to import: planning needs the timing for its prices."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from catalogsync.plan.steps import Pool


@dataclass(frozen=True, slots=True)
class WaitTiming:
    """Seconds: before the first check of a fresh job, between checks, and at most in all. `wait` False: not at all.

    `frugal` False: check at every interval, as one does where checks cost nothing but play money.
    """

    initial: float = 180.0
    interval: float = 150.0
    timeout: float = 3600.0
    wait: bool = True
    frugal: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """How many calls of each pool are under way at once, which whoever makes them sees to."""

    api: int = 8
    upload: int = 4

    def of(self, pool: Pool) -> int:
        return self.upload if pool is Pool.UPLOAD else self.api

    def steps(self, pool: Pool) -> int:
        """How many steps run at once: half as many again, so that calls go on while what others did is made durable."""
        return self.of(pool) * 3 // 2


class Cutoff(StrEnum):
    """What happens at the run's credit limit: nothing is sent any more, or what has started is finished."""

    HARD = "hard"
    SOFT = "soft"


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """What the user decides about applying."""

    timing: WaitTiming = WaitTiming()
    limits: Limits = Limits()
    fail_fast: bool = False
    settle_time: float = 15.0
    max_credits: int | None = None
    cutoff: Cutoff = Cutoff.HARD
