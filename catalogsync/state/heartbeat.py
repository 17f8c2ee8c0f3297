"""The heartbeat: a thread of its own, so that a busy event loop never costs the lease."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

BEAT = 15.0  # seconds: a lease of 60 outlives three beats that a slow disk swallowed


@contextmanager
def beating(beat: Callable[[], None], every: float = BEAT) -> Iterator[None]:
    """Calls `beat` every so many seconds for as long as the block runs; no call is under way after it."""
    over = threading.Event()

    def serve() -> None:
        while not over.wait(every):
            beat()

    thread = threading.Thread(target=serve, name="catalogsync-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
