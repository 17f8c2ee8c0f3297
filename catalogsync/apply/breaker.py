"""The circuit breaker: when the remote fails change after change, starting more of them only costs."""

from __future__ import annotations

from dataclasses import dataclass

from catalogsync.errors import (
    AnswerLostError,
    CatalogSyncError,
    RefusedError,
    ServerFaultError,
    UnexpectedAnswerError,
    UnreachableError,
)

# What a remote that is down answers with, each after the retries of its own call. A bad key or a wrong field is none.
DOWN = (AnswerLostError, ServerFaultError, UnexpectedAnswerError, UnreachableError)
FAILURES_IN_A_ROW = 10  # more than a pool's worth of calls (8): one short outage fails each of them once


@dataclass(slots=True)
class Breaker:
    """Counts failures of that kind without a real answer between them. `limit` of them open it, for the whole run."""

    limit: int = FAILURES_IN_A_ROW
    _in_a_row: int = 0

    def succeeded(self) -> None:
        """A step was done, or the remote answered that it is still at work."""
        self._in_a_row = 0

    def failed(self, error: CatalogSyncError) -> str:
        """Why nothing more is to be started, "" while there is no reason."""
        if isinstance(error, DOWN):
            self._in_a_row += 1
        elif isinstance(error, RefusedError):
            self._in_a_row = 0
        if self._in_a_row < self.limit:
            return ""
        return (
            f"the remote seems to be down: {self._in_a_row} changes failed one after the other, the last with: {error}"
        )
