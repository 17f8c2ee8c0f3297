"""The command, killed at a commit of its journal: `python e2e_killer.py before|after NUMBER FILE ARGUMENT...`.

Each commit adds a byte to FILE, so that an undisturbed run tells how many there are.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from catalogsync.cli.main import main
from catalogsync.state.writer import GroupWriter


def kill_at(side: str, number: int, counted: Path) -> None:
    """SIGKILL this process just before or just after its commit of this number, counted from 1."""
    write = GroupWriter._write
    done = 0

    def counting(self: GroupWriter, batch: Any) -> None:
        nonlocal done
        done += 1
        with counted.open("ab") as file:
            file.write(b".")
        if side == "before" and done == number:
            os.kill(os.getpid(), signal.SIGKILL)
        write(self, batch)
        if side == "after" and done == number:
            os.kill(os.getpid(), signal.SIGKILL)

    GroupWriter._write = counting  # type: ignore[method-assign]


if __name__ == "__main__":
    side, number, file, *arguments = sys.argv[1:]
    kill_at(side, int(number), Path(file))
    sys.exit(main(arguments))
