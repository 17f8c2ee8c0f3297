"""Waiting for what another process does: asked often, given up loudly."""

from __future__ import annotations

import time
from collections.abc import Callable

DEADLINE = 30.0
PAUSE = 0.01


def until(holds: Callable[[], object], what: str, deadline: float = DEADLINE) -> None:
    """Return when `holds()` is true. Fails after `deadline` seconds, saying what was waited for."""
    end = time.monotonic() + deadline
    while not holds():
        assert time.monotonic() < end, f"waited {deadline} s in vain for {what}"
        time.sleep(PAUSE)
