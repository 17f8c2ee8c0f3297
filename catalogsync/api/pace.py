"""How many calls may be under way at once: halved when the remote says "too many", grown slowly while all goes well."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Pace:
    """Additive increase, multiplicative decrease, between 1 and `most` calls (the rule of TCP: RFC 5681, 3.1)."""

    def __init__(self, most: int) -> None:
        self._most = float(max(1, most))
        self._limit = self._most
        self._running = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def limit(self) -> int:
        """Calls that may be under way now."""
        return int(self._limit)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a turn, and hold it."""
        while self._running >= self.limit:
            await self._turn()
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1
            self._wake()

    def faster(self) -> None:
        """An answer came: one more call for each full round of them."""
        self._limit = min(self._most, self._limit + 1 / self._limit)

    def slower(self) -> None:
        """The remote said "too many requests"."""
        self._limit = max(1.0, self._limit / 2)

    async def _turn(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            self._wake()  # a turn given to a cancelled waiter is the next one's
            raise

    def _wake(self) -> None:
        free = self.limit - self._running
        while free > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1
