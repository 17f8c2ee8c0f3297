"""What is logged when somebody asks: calls on stderr with -v, everything in a file with --log-file."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import click

from catalogsync.cli.audience import Line, Listener
from catalogsync.cli.ndjson import call_text, pause_text
from catalogsync.cli.progress import line_of
from catalogsync.cli.render.printable import printable
from catalogsync.errors import CatalogSyncError, UsageMistakeError
from catalogsync.model.calls import CallMade, CallPaused
from catalogsync.model.events import RunEvent, UploadProgress

API_LOGGER = "catalogsync.api"
RUN_LOGGER = "catalogsync.run"
_ROOT = "catalogsync"


class LogFile:
    """Lines at the end of a file, each written whole, so that runs side by side may share it.

    Raises UsageMistakeError when it cannot be opened. A disk that fills up later costs lines, never the run.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lost: OSError | None = None
        try:
            # Without blocking: a pipe that nobody reads must hold up neither the start nor the run.
            self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o600)
        except OSError as error:
            raise UsageMistakeError(
                f"The log file {path} cannot be written: {error.strerror}.",
                hint="Give --log-file (CATALOGSYNC_LOG_FILE) a file in a folder that exists and is yours.",
            ) from error

    def write(self, line: Line) -> None:
        try:
            os.write(self._descriptor, f"{json.dumps(line)}\n".encode())
        except OSError as error:
            self._lost = error

    def close(self) -> CatalogSyncError | None:
        os.close(self._descriptor)
        if self._lost is not None:
            click.echo(f"Note: {self._path} lacks lines of this run: {self._lost.strerror}.", err=True)
        return None


def verbose(level: int) -> Listener:
    """A listener that logs calls to stderr: a line each from level 1 on, with all that is known from level 2 on.

    It goes through the loggers `catalogsync.api` and `catalogsync.run`, which have no other handler.
    """
    root = logging.getLogger(_ROOT)
    root.setLevel(logging.DEBUG if level > 1 else logging.INFO)
    root.propagate = False
    root.handlers = [_Stderr()]
    return _log


def _log(event: RunEvent) -> None:
    match event:
        case CallMade():
            more = logging.getLogger(API_LOGGER).isEnabledFor(logging.DEBUG)
            logging.getLogger(API_LOGGER).info("%s", _in_full(event) if more else call_text(event))
        case CallPaused():
            logging.getLogger(API_LOGGER).warning("%s", pause_text(event))
        case UploadProgress():
            logging.getLogger(RUN_LOGGER).debug("%s: %d of %d bytes sent", event.address, event.sent, event.size)
        case _:
            logging.getLogger(RUN_LOGGER).debug("%s", click.unstyle(line_of(event) or ""))


def _in_full(event: CallMade) -> str:
    errand = f" for {event.address} ({event.step})" if event.address else ""
    sent = f", {event.sent:,} bytes sent" if event.sent else ""
    return f"{event.host}: {call_text(event)}{sent} [to {event.operation}{errand}]"


class _Stderr(logging.Handler):
    """Finds stderr anew for each line, since live bars put themselves before it."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(click.style(printable(f"{record.name}: {record.getMessage()}"), dim=True), err=True)
