"""Removing what a sandbox keeps in its data folder, and nothing else that may lie there."""

import fcntl
import shutil
from pathlib import Path

from catalogsync.sandbox.errors import SandboxError, SandboxInUseError

DATABASE = "sandbox.db"
OWN = (
    DATABASE,
    f"{DATABASE}-wal",
    f"{DATABASE}-shm",
    "bucket",
    "parts",
    "engine",
    "server.json",
    "server.json.new",
)


def empty(data: Path, *also: str) -> list[str]:
    """Remove a sandbox's data, and the names `also`; the names removed. The next start makes a fresh account.

    Raises SandboxInUseError while a server owns the folder, and SandboxError when it holds no sandbox's data or
    cannot be emptied.
    """
    if not (data / DATABASE).is_file():
        raise SandboxError(f"{data} holds no data of a sandbox.")
    try:
        with (data / "server.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return [name for name in (*OWN, *also) if remove(data / name)]
    except BlockingIOError:
        raise SandboxInUseError(f"A sandbox serves {data}: end it first.") from None
    except OSError as error:
        raise SandboxError(f"{data} cannot be emptied: {error.strerror}.") from error


def remove(path: Path) -> bool:
    """Remove a file or a folder, never what a link points at; whether there was one."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
        return True
    existed = path.is_symlink() or path.exists()
    path.unlink(missing_ok=True)
    return existed
