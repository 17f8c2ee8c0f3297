"""The lock of a state: one file beside it, held through the kernel, with a record of its owner in it.

On one machine the kernel has the first word: it knows when a holder is gone, however it ended. Of another machine that
shares the file it knows nothing: there the record counts, whose lease a heartbeat renews. The file stays when the lock
is free; only breaking the lock removes it, and a holder whose file is gone has lost the lock.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from catalogsync.errors import StateError, StateLockedError
from catalogsync.state.faults import of_system, ours
from catalogsync.state.heartbeat import beating
from catalogsync.state.owner import Owner, new_owner, owner_of, owner_text
from catalogsync.state.port import Say
from catalogsync.state.rows import Clock, utc_now

_FIRST_PAUSE = 0.05  # seconds; doubled up to the longest
_LONGEST_PAUSE = 1.0
_TAKEN = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}
_TEXT_BYTES = 4096


def lock_path(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


class Held:
    """A lock that is held. `token` tells this holding from every other."""

    def __init__(self, handle: int, path: Path, owner: Owner, clock: Clock) -> None:
        self._handle = handle
        self._path = path
        self._owner = owner
        self._clock = clock
        self._lost = False

    @property
    def token(self) -> str:
        return self._owner.token

    @property
    def lost(self) -> bool:
        """As of the last beat: the file was removed, or names another owner."""
        return self._lost

    def beat(self) -> None:
        """Renew the lease, unless the lock is lost. A disk that does not answer is asked again by the next beat."""
        with suppress(OSError):
            self._lost = self._lost or not self._is_ours()
            if not self._lost:
                self._owner = self._owner.renewed(self._clock())
                _write(self._handle, owner_text(self._owner))

    def release(self) -> None:
        with suppress(OSError):  # closing releases it too
            if self._is_ours():
                _write(self._handle, "")
            _release(self._handle)
        os.close(self._handle)

    def _is_ours(self) -> bool:
        named = _read(self._handle)  # nobody, where there was no room to write a name
        return _is_the_file(self._handle, self._path) and (named is None or named.token == self.token)


@contextmanager
def hold_file(
    path: Path, *, command: str, timeout: float = 0.0, say: Say | None = None, clock: Clock = utc_now
) -> Iterator[Held]:
    """Holds the lock of the state at `path`. `say` is told once for whom it waits, and from whom it takes over.

    Raises StateLockedError after `timeout` seconds, StateError when the file system knows no locks.
    """
    held = _take(path, timeout, say or _keep_quiet, lambda tell: _attempt(path, command, tell, clock))
    try:
        with beating(held.beat):
            yield held
    finally:
        held.release()


def owner_at(path: Path) -> Owner | None:
    """Who the record beside the state at `path` names. It may be dead."""
    try:
        handle = os.open(lock_path(path), os.O_RDONLY)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise of_system(error, lock_path(path)) from error
    try:
        return _read(handle)
    finally:
        os.close(handle)


def remove_lock(path: Path) -> None:
    """Break the lock: who holds it has lost it, and the next may take it. Raises StateError."""
    with ours(lock_path(path)):
        lock_path(path).unlink(missing_ok=True)


def _keep_quiet(_: str) -> None:
    """Nobody listens."""


def _take(path: Path, timeout: float, say: Say, attempt: Callable[[Say], Held | str]) -> Held:
    deadline = time.monotonic() + timeout
    pause = _FIRST_PAUSE
    told = False
    while not isinstance(answer := attempt(say), Held):
        left = deadline - time.monotonic()
        if left <= 0:
            raise StateLockedError(
                f"The state {path} is locked by {answer}.",
                hint="Wait for it to end, or let catalogsync wait: --lock-timeout 5m. "
                "When it is known to be dead or stuck: catalogsync state unlock.",
            )
        if not told:
            say(f"The state {path} is locked by {answer}.")
            told = True
        time.sleep(min(pause, left))
        pause = min(pause * 2, _LONGEST_PAUSE)
    return answer


def _attempt(path: Path, command: str, say: Say, clock: Clock) -> Held | str:
    """The lock, or who has it."""
    with ExitStack() as undo:
        handle, locked = _lock_current(path)
        undo.callback(os.close, handle)
        former = _read(handle)
        if former is None and not locked:
            return "another process"
        if former is not None and not (locked and _is_over(former, clock())):
            return former.described(clock())
        if former is not None:
            say(_taking_over(path, former, clock()))
        owner = new_owner(command, clock())
        with suppress(OSError):  # the lock is held even where there is no room left to say by whom
            _write(handle, owner_text(owner))
        undo.pop_all()
        return Held(handle, path, owner, clock)


def _lock_current(path: Path) -> tuple[int, bool]:
    """The file that has the name now, opened, and whether the kernel gave us its lock."""
    while True:
        handle = _open(path)
        try:
            locked = _try(handle, path)
        except BaseException:
            os.close(handle)
            raise
        if not locked or _is_the_file(handle, path):
            return handle, locked
        os.close(handle)  # the lock was broken just now: there is a new file


def _is_over(former: Owner, now: str) -> bool:
    """Whether an owner is gone whose lock the kernel gave us. Of its own machine's processes the kernel knows best."""
    return not former.is_foreign() or not former.has_lease(now)


def _taking_over(path: Path, former: Owner, now: str) -> str:
    how = "whose lease is over" if former.is_foreign() else "which ended without releasing it"
    return f"Taking over the lock of {path} from {former.described(now)}, {how}."


def _open(path: Path) -> int:
    try:
        return os.open(lock_path(path), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise of_system(error, lock_path(path)) from error


def _is_the_file(handle: int, path: Path) -> bool:
    """Whether the open file is the one that has the name now."""
    try:
        return os.path.samestat(os.fstat(handle), lock_path(path).stat())
    except FileNotFoundError:
        return False


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
        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock_now(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _release(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)


def _write(handle: int, text: str) -> None:
    """In one piece, so that who reads meanwhile sees the former text or this one."""
    data = text.encode()
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, data)
    os.ftruncate(handle, len(data))


def _read(handle: int) -> Owner | None:
    os.lseek(handle, 0, os.SEEK_SET)
    return owner_of(os.read(handle, _TEXT_BYTES))
