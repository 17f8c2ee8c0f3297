"""What may start and waits for a free place: which goes first. Pure.

What has begun is finished before anything else begins, so that a run that is cut off leaves few products half made.
Nothing is created faster than it can be uploaded: an upload form lives for an hour or so, and a product whose form
has expired must be deleted and made again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from catalogsync.apply.choices import Limits
from catalogsync.apply.stepping import Step
from catalogsync.plan.steps import Pool, StepKind, pool_of


@dataclass(slots=True)
class _Lanes:
    """One pool's steps: of changes that have begun, of others, and creates."""

    begun: deque[Step] = field(default_factory=deque)
    fresh: deque[Step] = field(default_factory=deque)
    creates: deque[Step] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self.begun) + len(self.fresh) + len(self.creates)

    def clear(self) -> None:
        for lane in (self.begun, self.fresh, self.creates):
            lane.clear()


@dataclass(slots=True)
class Queues:
    """The steps that are ready, by pool."""

    limits: Limits = Limits()
    _lanes: dict[Pool, _Lanes] = field(default_factory=lambda: {pool: _Lanes() for pool in Pool}, init=False)

    def put(self, steps: Iterable[Step], begun: Collection[int]) -> None:
        """Take steps in; `begun` are the indexes of changes that have begun."""
        for step in steps:
            lanes = self._lanes[pool_of(step.kind)]
            if step.kind is StepKind.CREATE:
                lanes.creates.append(step)
            elif step.change in begun:
                lanes.begun.append(step)
            else:
                lanes.fresh.append(step)

    def take(self, pool: Pool) -> Step | None:
        """The next step of a pool, None when there is none, or none that should start yet."""
        lanes = self._lanes[pool]
        for lane in (lanes.begun, lanes.fresh):
            if lane:
                return lane.popleft()
        enough = len(self._lanes[Pool.UPLOAD]) >= self.limits.upload
        return lanes.creates.popleft() if lanes.creates and not enough else None

    def clear(self) -> None:
        for lanes in self._lanes.values():
            lanes.clear()

    def __bool__(self) -> bool:
        return any(self._lanes.values())
