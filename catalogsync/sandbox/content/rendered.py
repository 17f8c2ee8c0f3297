"""Rendered content, seen from the server: each job goes to a short-lived process, which may fail without harm.

Nothing here imports the engine. `content` of the settings chooses: "rendered", "plain", or "auto", which is rendered
where the engine works.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import IO, Any

from catalogsync.sandbox.content.limits import CPU_SECONDS, DATA_BYTES
from catalogsync.sandbox.content.watch import Watch

NEEDED = ("f3d", "numpy", "trimesh")
REMEDY = (
    "To get rendered content: pip install 'catalogsync[sandbox]', and on Debian and Ubuntu apt-get install"
    " libegl1 libgl1-mesa-dri"
)
WALL_SECONDS = 600.0
PROBE_SECONDS = 60.0
NO_ROOM = ("MemoryError", "bad_alloc", "Cannot allocate memory")
WORK = "work"
JOB = ("-m", "catalogsync.sandbox.content.job")
Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mode:
    """How content is made here, "rendered" or "plain", and why."""

    content: str
    why: str


class Renderer:
    """Runs jobs in processes of their own; may be used from several threads. `cache` has one renderer at a time."""

    def __init__(self, cache: Path, workers: int = 1) -> None:
        self._cache, self._work = cache, cache / WORK
        shutil.rmtree(self._work, ignore_errors=True)  # what a killed server's jobs left behind
        # The engine and numpy start threads for all cores each; between them workers are to fill the machine once.
        threads = str(max(1, (os.cpu_count() or 1) // max(1, workers)))
        self._environment = {**os.environ, "LP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": "1"}
        self._environment["XDG_CACHE_HOME"] = str(cache.absolute())  # the engine's and Mesa's, not the user's
        self._stopping = Event()
        self._running: set[subprocess.Popen[str]] = set()

    @property
    def is_stopping(self) -> bool:
        """Whether failures are no more than the end of the server."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """End what is running: its job stays open in the database."""
        self._stopping.set()
        for process in tuple(self._running):
            end(process)

    def run(self, request: Said, heard: Callable[[Said], None], seconds: float = WALL_SECONDS) -> str | None:
        """Do a job; `heard` gets each thing it says while it runs. Returns why it failed, or None."""
        self._work.mkdir(parents=True, exist_ok=True)
        # A process that crashes cannot tidy up: all that it writes beside its results is in here.
        with tempfile.TemporaryDirectory(dir=self._work, ignore_cleanup_errors=True) as folder:
            file, complaints, scratch = (Path(folder) / name for name in ("request.json", "complaints.txt", "scratch"))
            scratch.mkdir()
            ours = {"cache": str(self._cache), "work": str(scratch), "server": os.getpid()}
            file.write_text(json.dumps({**request, **ours}))
            environment = {**self._environment, "TMPDIR": str(scratch)}
            with complaints.open("w") as errors, launched(file, errors, environment) as process:
                self._running.add(process)
                if self.is_stopping:
                    end(process)
                try:
                    with Watch(process.pid, seconds, lambda: end(process)) as watch:
                        failure = listen(process, heard)
                        code = process.wait()
                finally:
                    self._running.discard(process)
            complaint = complaints.read_text(errors="replace")
            return failure or (None if code == 0 else why_ended(code, complaint, watch.reason))


@contextmanager
def launched(request: Path, errors: IO[str], environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """The job's process, in a session of its own so that all of it can be ended; it is gone after the block."""
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, *JOB, str(request)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=environment,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            end(process)


def listen(process: "subprocess.Popen[str]", heard: Callable[[Said], None]) -> str | None:
    """Hand on what the process says until it ends; the reason when it says that it failed."""
    failure = None
    for line in process.stdout or ():
        try:
            said = json.loads(line)
        except ValueError:
            continue  # a library's own words
        failure = said.get("failed", failure)
        heard(said)
    return failure


def end(process: "subprocess.Popen[str]") -> None:
    """End all of its session: while it is not waited for, its children go by its number, though it may have ended."""
    with suppress(ProcessLookupError, PermissionError):
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)


def why_ended(code: int, complaint: str, watched: str | None = None) -> str:
    """A reason for the log from how a process ended, the last line it complained with and why it was ended by us."""
    last = complaint.strip().splitlines()[-1] if complaint.strip() else ""
    if any(word in complaint for word in NO_ROOM):
        return f"the engine needed more than {DATA_BYTES // 1024**2} MiB of memory"
    if code == -signal.SIGXCPU:
        return f"the engine needed more than {CPU_SECONDS} s of computing"
    if code == -signal.SIGKILL:
        return f"the engine was ended: {watched or 'the system did it'}"
    if code < 0:
        return f"the engine crashed ({signal.Signals(-code).name})"
    return f"the engine gave up ({last or f'exit code {code}'})"


def choose_mode(wanted: str, renderer: Renderer) -> Mode:
    """How content is made here: `wanted` is "auto", "rendered" or "plain". Asks a process once, for a second or two."""
    if wanted == "plain":
        return Mode("plain", "the settings say so")
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        return Mode("plain", f"{' and '.join(missing)} not installed. {REMEDY}")
    heard: list[Said] = []
    failure = renderer.run({"task": "probe"}, heard.append, PROBE_SECONDS)
    if failure is None and {"probed": True} in heard:
        return Mode("rendered", "the engine works")
    return Mode("plain", f"the engine does not work here: {failure or 'it did not answer'}. {REMEDY}")
