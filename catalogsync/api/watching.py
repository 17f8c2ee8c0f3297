"""One call as its watcher is told of it: each try with its outcome, and each pause between two tries."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from urllib.parse import urlsplit

from catalogsync.errors import RemoteError
from catalogsync.model.calls import CallMade, CallPaused, CallWatcher
from catalogsync.model.errands import ERRAND

CUT_OFF = "The run was stopped before the answer came."


@dataclass(slots=True)
class Try:
    """What is known of one try so far."""

    status: int | None = None
    credits_left: int | None = None
    error: str = ""
    credits: int = 0

    def charged(self, credits_left: int | None) -> None:
        """The call cost a credit, as each API call does that is answered; the answer told this balance."""
        self.credits = 1
        self.credits_left = credits_left

    def answered(self, status: int, refusal: RemoteError | None = None) -> None:
        self.status = status
        self.error = "" if refusal is None else str(refusal)


@dataclass(slots=True)
class Watched:
    """A call under watch. Of its URL only host and path are told, since a query may be a signature."""

    watch: CallWatcher
    operation: str
    method: str
    url: str
    sent: int = 0
    route: str = ""
    _tries: int = field(default=0, init=False)

    @contextmanager
    def trying(self) -> Iterator[Try]:
        """Around one try. An error that leaves the block is told with it."""
        self._tries += 1
        seen = Try()
        began = perf_counter()
        try:
            yield seen
        except RemoteError as error:
            seen.status = seen.status or getattr(error, "status", None) or None
            seen.error = str(error)
            raise
        except asyncio.CancelledError:
            seen.error = CUT_OFF
            raise
        finally:
            self._tell(seen, perf_counter() - began)

    def pausing(self, seconds: float, error: RemoteError) -> None:
        self.watch(CallPaused(self.operation, seconds, str(error)))

    def _tell(self, seen: Try, elapsed: float) -> None:
        errand = ERRAND.get()
        scheme, host, path = place_of(self.url)
        self.watch(
            CallMade(
                operation=self.operation,
                method=self.method,
                host=host,
                path=path,
                status=seen.status,
                elapsed=elapsed,
                attempt=self._tries,
                credits_left=seen.credits_left,
                error=seen.error,
                address=errand.address,
                step=errand.step,
                sent=self.sent,
                credits=seen.credits,
                route=self.route,
                scheme=scheme,
            )
        )


def place_of(url: str) -> tuple[str, str, str]:
    """Scheme, host (with its port) and path of a URL; no user, password or query. Empty for what is no URL."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "", "", ""
    name = f"[{host}]" if ":" in host else host
    return parts.scheme, f"{name}:{port}" if port else name, parts.path
