"""stdout and stderr that no reader and no letter can break: what is said must not decide how a run ends."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from catalogsync.errors import CatalogSyncError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def protect_streams() -> None:
    """Put sturdy streams where Python's own are. One that was closed from the start (`>&-`) is None and stays so.

    A stdin that was closed (`<&-`) is one with nothing in it: nobody can answer, and no file gets its number.
    """
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - it is stdin until the process ends
    if sys.stdout is not None:
        sys.stdout = _sturdy(sys.stdout, needed=True)
    if sys.stderr is not None:
        sys.stderr = _sturdy(sys.stderr, needed=False)


def nobody_reads() -> bool:
    """Whether the reader of stdout went away (`| head`): a command that only lists may stop."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return isinstance(raw, SturdyFile) and raw.silenced


class SturdyFile(io.FileIO):
    """A file that goes silent when its reader went away, so that an apply is not cut off half-way.

    Any other failure to write is a CatalogSyncError where the output is `needed`, and no more than silence where not.
    """

    def __init__(self, descriptor: int, *, needed: bool) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self._needed = needed
        self.silenced = False

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self._silence()
            if self._needed and not isinstance(error, BrokenPipeError):
                raise CatalogSyncError(f"The output could not be written: {error.strerror}.") from error
            return memoryview(data).nbytes

    def _silence(self) -> None:
        """What is still to come, and what Python flushes at its end, goes nowhere."""
        self.silenced = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def _sturdy(stream: TextIO, *, needed: bool) -> TextIO:
    """The same stream on a sturdy file; letters that its encoding lacks are escaped."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return stream
    buffered = io.BufferedWriter(cast("io.RawIOBase", SturdyFile(descriptor, needed=needed)))
    return io.TextIOWrapper(
        buffered,
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering if isinstance(stream, io.TextIOWrapper) else False,
    )
