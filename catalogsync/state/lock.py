"""The lock of a state: one file beside it, held through the kernel, so that it ends with its holder whatever happens.

The text in the file only names the holder; who holds it is known to the kernel alone. The file stays: to remove it
would let two processes hold two files of one name.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from catalogsync.errors import StateError, StateLockedError
from catalogsync.state.faults import of_system
from catalogsync.state.port import OnWait
from catalogsync.state.rows import utc_now

_RUN_URL_VARIABLES = ("CI_JOB_URL", "BUILD_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL")
_FIRST_PAUSE = 0.05  # seconds; doubled up to the longest
_LONGEST_PAUSE = 1.0
_TAKEN = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}
_TEXT_BYTES = 4096


def lock_path(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


@contextmanager
def hold_file(path: Path, *, command: str, timeout: float = 0.0, on_wait: OnWait | None = None) -> Iterator[None]:
    """Holds the lock of the state at `path`. Raises StateLockedError after `timeout` seconds, StateError when the
    file system knows no locks.
    """
    handle = _open(path)
    try:
        _take(handle, path, timeout, on_wait)
        with suppress(OSError):  # the lock is held even where there is no room left to say by whom
            _write(handle, json.dumps(_holder(command)))
        try:
            yield
        finally:
            with suppress(OSError):  # closing releases it too
                _release(handle)
    finally:
        os.close(handle)


def _open(path: Path) -> int:
    try:
        return os.open(lock_path(path), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise of_system(error, lock_path(path)) from error


def _take(handle: int, path: Path, timeout: float, on_wait: OnWait | None) -> None:
    deadline = time.monotonic() + timeout
    pause = _FIRST_PAUSE
    while not _try(handle, path):
        left = deadline - time.monotonic()
        if left <= 0:
            raise StateLockedError(
                _sentence(handle, path), hint="Wait for it to end, or let catalogsync wait: --lock-timeout 5m."
            )
        if on_wait is not None:
            on_wait(_sentence(handle, path))
            on_wait = None
        time.sleep(min(pause, left))
        pause = min(pause * 2, _LONGEST_PAUSE)


def _try(handle: int, path: Path) -> bool:
    try:
        _lock_now(handle)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise StateError(
            f"The file system of {path} knows no locks: {error.strerror}.",
            hint="Put the state on a local disk: CATALOGSYNC_STATE names the place.",
        ) from error
    return True


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # a locked byte cannot be read on Windows: lock one beyond the text

    def _lock_now(handle: int) -> None:
        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    def _release(handle: int) -> None:
        _write(handle, "")
        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock_now(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _release(handle: int) -> None:
        _write(handle, "")
        fcntl.flock(handle, fcntl.LOCK_UN)


def _holder(command: str) -> dict[str, str | int]:
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "command": command,
        "since": utc_now(),
        "run_url": run_url(os.environ),
    }


def run_url(environment: Mapping[str, str]) -> str:
    """The page of the CI run that this process belongs to, "" outside of CI."""
    if run_id := environment.get("GITHUB_RUN_ID"):
        server = environment.get("GITHUB_SERVER_URL", "https://github.com")
        return f"{server}/{environment.get('GITHUB_REPOSITORY', '')}/actions/runs/{run_id}"
    return next((environment[name] for name in _RUN_URL_VARIABLES if environment.get(name)), "")


def _write(handle: int, text: str) -> None:
    os.lseek(handle, 0, os.SEEK_SET)
    os.ftruncate(handle, 0)
    os.write(handle, text.encode())


def _sentence(handle: int, path: Path) -> str:
    os.lseek(handle, 0, os.SEEK_SET)
    try:
        holder = json.loads(os.read(handle, _TEXT_BYTES))
        run = f", {holder['run_url']}" if holder["run_url"] else ""
        who = f"`{holder['command']}` (pid {holder['pid']} on {holder['host']}, since {holder['since']}{run})"
    except (ValueError, KeyError, TypeError):
        who = "another process"
    return f"The state {path} is locked by {who}."
