"""The installed command as a process. Every run is held to what always holds: no key and no escape code in a pipe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = (sys.executable, "-m", "catalogsync")
TIMEOUT = 60
FAST = {
    "CATALOGSYNC_POLL_INITIAL": "0.25",
    "CATALOGSYNC_POLL_INTERVAL": "0.1",
    "CATALOGSYNC_WAIT_TIMEOUT": "30s",
    "CATALOGSYNC_SETTLE_TIME": "1s",
    "CATALOGSYNC_SANDBOX_CONTENT": "plain",
}
_KEPT = ("PATH", "PYTHONPATH", "HOME", "SYSTEMROOT", "TMPDIR")  # nothing else of the tester's environment reaches it


@dataclass(frozen=True)
class Ran:
    """How a run ended: its exit code and what it said."""

    arguments: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The objects of a stream of events."""
        return [json.loads(line) for line in self.out.splitlines()]

    def only(self, kind: str) -> list[Any]:
        return [line for line in self.lines if line["type"] == kind]

    def __str__(self) -> str:
        return f"{' '.join(self.arguments)} -> {self.code}\n--- stdout\n{self.out}--- stderr\n{self.err}"


@dataclass
class Command:
    """Runs `catalogsync` in a folder."""

    folder: Path
    environment: Mapping[str, str]
    secrets: Sequence[str] = ()
    extra: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, code: int = 0, wrap: Sequence[str] = (), **env: str | None) -> Ran:
        """Run to the end, nobody at the keyboard. `wrap` is a command that runs the command."""
        process = subprocess.run(
            [*wrap, *PROGRAM, *arguments],
            cwd=self.folder,
            env=self.env(**env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=TIMEOUT,
            check=False,
        )
        ran = Ran(arguments, process.returncode, process.stdout, process.stderr)
        self.check(ran)
        assert ran.code == code, f"exit code {code} was expected\n{ran}"
        return ran

    @contextmanager
    def started(self, *arguments: str, **env: str | None) -> Iterator[subprocess.Popen[str]]:
        """A run under way; killed at the end of the block should it still be alive."""
        with subprocess.Popen(
            [*PROGRAM, *arguments],
            cwd=self.folder,
            env=self.env(**env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def ended(self, process: subprocess.Popen[str], timeout: float = TIMEOUT) -> Ran:
        """The end of a started run."""
        out, err = process.communicate(timeout=timeout)
        ran = Ran((), process.returncode, out, err)
        self.check(ran)
        return ran

    def env(self, **changes: str | None) -> dict[str, str]:
        """The command's environment; None takes a variable out."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        merged: dict[str, str | None] = {**kept, **FAST, **self.environment, **self.extra, **changes}
        return {name: value for name, value in merged.items() if value is not None}

    def check(self, ran: Ran) -> None:
        said = ran.out + ran.err
        assert not any(secret in said for secret in self.secrets), f"a key was shown\n{ran}"
        assert "\x1b" not in said, f"an escape code went into a pipe\n{ran}"
        assert "Traceback" not in said, f"a traceback was shown\n{ran}"
