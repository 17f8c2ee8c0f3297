"""The budget of a run: which changes may still start, from the credits left for it and on the account. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalogsync.plan.changes import Price


@dataclass(slots=True)
class Budget:
    """`limit` credits may be spent in the run (None: any number); the account has `available` (None: not known).

    A change that starts reserves what it is expected to cost, so that it can be finished. A change that does not fit
    is not started, a cheaper one behind it may be.
    """

    limit: int | None = None
    available: int | None = None
    _spent: int = 0
    _reserved: dict[int, int] = field(default_factory=dict)
    _all_reserved: int = 0

    def admit(self, index: int, price: Price) -> str:
        """Reserve for a change. Returns why it is not to be started, "" when it may."""
        if self.limit is not None and self._spent + self._all_reserved + price.expected > self.limit:
            return f"{_credits(price.expected)} more than what is left of the run's {self.limit}"
        if self.available is not None and price.minimum > max(0, self.available - self._spent - self._all_reserved):
            return f"{_credits(price.minimum)} more than what the account has left"
        self._reserved[index] = price.expected
        self._all_reserved += price.expected
        return ""

    def charge(self, index: int, cost: int) -> None:
        """A step of the change cost this much."""
        self._spent += cost
        self._free(index, min(cost, self._reserved.get(index, 0)))

    def release(self, index: int) -> None:
        """The change ended: what it did not need is free for others."""
        self._free(index, self._reserved.get(index, 0))

    def _free(self, index: int, cost: int) -> None:
        if cost:
            self._reserved[index] -= cost
            self._all_reserved -= cost


def _credits(number: int) -> str:
    return "1 credit is" if number == 1 else f"{number} credits are"
