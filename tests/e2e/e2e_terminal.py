"""A command in a pseudo-terminal, with somebody at the keyboard."""

from __future__ import annotations

import errno
import os
import pty
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from e2e_command import PROGRAM, Command
from e2e_waiting import DEADLINE, until


@dataclass
class Terminal:
    process: subprocess.Popen[bytes]
    _screen: int
    seen: str = field(default="")

    def read_until(self, text: str) -> None:
        """Read until `text` is on the screen. Fails when it does not come, or the command ends before."""
        end = time.monotonic() + DEADLINE
        while text not in self.seen:
            assert time.monotonic() < end, f"{text!r} never came:\n{self.seen}"
            assert self._read_some(), f"the command ended before {text!r}:\n{self.seen}"

    def type(self, text: str) -> None:
        os.write(self._screen, text.encode())

    def until_it_reads(self) -> None:
        """Wait until the command sleeps in its read: a signal a moment earlier is noticed only after the next key."""
        stat = Path("/proc", str(self.process.pid), "stat")
        if stat.exists():
            until(lambda: stat.read_text().rpartition(")")[2].split()[0] == "S", "the command reads the keyboard")

    def end(self) -> int:
        """Read all that is still said; the exit code."""
        while self._read_some():
            pass
        return self.process.wait(timeout=DEADLINE)

    def _read_some(self) -> bool:
        """False when the command has closed the terminal."""
        readable, _, _ = select.select([self._screen], [], [], DEADLINE)
        assert readable, f"nothing was said for {DEADLINE} s:\n{self.seen}"
        try:
            chunk = os.read(self._screen, 65536)
        except OSError as error:
            if error.errno != errno.EIO:  # Linux says EIO when the other side is closed
                raise
            return False
        self.seen += chunk.decode()
        return bool(chunk)


@contextmanager
def terminal(command: Command, *arguments: str, out: IO[bytes] | None = None, **env: str | None) -> Iterator[Terminal]:
    """`out` takes what goes to stdout, the screen if there is none."""
    screen, keyboard = pty.openpty()
    environment = command.env(**{"TERM": "xterm-256color", "COLUMNS": "120", **env})
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=command.folder,
        env=environment,
        stdin=keyboard,
        stdout=out or keyboard,
        stderr=keyboard,
        start_new_session=True,
    ) as process:
        os.close(keyboard)
        try:
            yield Terminal(process, screen)
        finally:
            process.kill()
            os.close(screen)
