"""A local HTTP server that plays the Imagine.io API: see docs/sandbox.md.

Importing this package loads the standard library only; the server's libraries are loaded by `running` and `serve`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from catalogsync.sandbox.errors import (
    SandboxError,
    SandboxInUseError,
    SandboxNotServedError,
    SandboxRefusedError,
    SandboxUnavailableError,
)
from catalogsync.sandbox.settings import Endpoints, SandboxSettings

__all__ = [
    "Endpoints",
    "SandboxError",
    "SandboxInUseError",
    "SandboxNotServedError",
    "SandboxRefusedError",
    "SandboxSettings",
    "SandboxUnavailableError",
    "running",
    "serve",
]

NEEDED = {"starlette": "starlette", "uvicorn": "uvicorn", "python_multipart": "python-multipart", "PIL": "pillow"}


@contextmanager
def running(settings: SandboxSettings) -> Iterator[Endpoints]:
    """Serve from a daemon thread of this process until the block ends.

    When a living process already serves `settings.data`, yields its endpoints and starts nothing.
    Raises `SandboxUnavailableError` without the extra, `SandboxInUseError` when `settings.port` is taken.
    """
    require_libraries()
    from catalogsync.sandbox import server

    with server.embedded(settings) as endpoints:
        yield endpoints


def serve(settings: SandboxSettings, *, ready: Callable[[Endpoints], None]) -> None:
    """Serve in the foreground until SIGTERM or SIGINT, then return; must run in the main thread.

    Calls `ready` once, when connections are accepted. Raises as `running` does, and `SandboxInUseError` when
    another living process serves `settings.data`.
    """
    require_libraries()
    from catalogsync.sandbox import server

    server.foreground(settings, ready)


def require_libraries() -> None:
    """Raise `SandboxUnavailableError` naming what is missing, before any import fails half-way."""
    missing = [package for module, package in NEEDED.items() if find_spec(module) is None]
    if missing:
        raise SandboxUnavailableError(", ".join(missing))
