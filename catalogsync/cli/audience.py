"""Who is told what happens while a command runs: streams of lines for machines, and listeners to events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

import click

from catalogsync.errors import CatalogSyncError, ExitCode

if TYPE_CHECKING:
    from catalogsync.model.events import RunEvent
    from catalogsync.workflow.planning import Planned

Line = dict[str, Any]  # one object of a stream, see schemas/events.schema.json
Listener = Callable[["RunEvent"], None]
Ending = Callable[[int], None]  # told the exit code


class Stream(Protocol):
    """Takes lines and never raises: what can be said must not decide how a run ends."""

    def write(self, line: Line) -> None: ...

    def close(self) -> CatalogSyncError | None:
        """What kept lines from being written, None when all of them were."""


@dataclass(slots=True)
class Audience:
    """All who listen to one command. Closing it says the end to each of them."""

    command: str = ""
    color: bool | None = None  # False where colours are not wanted
    _streams: list[Stream] = field(default_factory=list)
    _listeners: list[Listener] = field(default_factory=list)
    _endings: list[Ending] = field(default_factory=list)
    _tellers: list[Callable[[RunEvent], Iterable[Line]]] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Only a mistake of ours leaves the block by an exception; the streams say at least that it was the end."""
        if kind is not None:
            self.end(ExitCode.ERROR, None)

    def listen(self, listener: Listener, ending: Ending | None = None) -> None:
        self._listeners.append(listener)
        if ending is not None:
            self._endings.append(ending)

    def open(self, stream: Stream) -> None:
        """Add a stream, which begins with the line that tells the version."""
        from catalogsync.cli.ndjson import EventLines, version_line

        if not self._streams:
            self._tellers.append(EventLines().of)
        self._streams.append(stream)
        stream.write(version_line(self.command))

    def tell(self, event: RunEvent) -> None:
        for listener in self._listeners:
            listener(event)
        for lines_of in self._tellers:
            self.say(lines_of(event))

    def say(self, lines: Iterable[Line]) -> None:
        """Lines that are no events: a plan, a problem, a summary. Not even made when no stream is open."""
        if not self._streams:
            return
        for line in lines:
            for stream in self._streams:
                stream.write(line)

    def show(self, planned: Planned) -> None:
        """Say a plan to the streams, row by row."""
        if self._streams:
            from catalogsync.cli.ndjson import plan_lines

            self.say(plan_lines(planned))

    def note(self, text: str) -> None:
        """Say something that people should know on stderr, and to the streams."""
        click.echo(text, err=True)
        if self._streams:
            from catalogsync.cli.ndjson import note_line

            self.say((note_line(text),))

    def end(self, code: int, error: CatalogSyncError | None) -> tuple[CatalogSyncError, ...]:
        """Say how the command ends, and close. Returns what kept streams from being complete."""
        if self._streams:
            from catalogsync.cli.ndjson import ended_line, error_lines

            self.say(error_lines(error) if error else ())
            self.say((ended_line(self.command, code),))
        failures = tuple(failure for stream in self._streams if (failure := stream.close()) is not None)
        for ending in self._endings:
            ending(code)
        self._streams, self._listeners, self._endings, self._tellers = [], [], [], []
        return failures


def audience_of(ctx: click.Context) -> Audience:
    """The audience of the command that this context belongs to."""
    obj = ctx.find_root().obj
    found = obj.get("audience") if isinstance(obj, dict) else None
    return found if isinstance(found, Audience) else Audience()


def current_audience() -> Audience:
    """The audience of the command that runs; one that nobody belongs to outside of commands."""
    ctx = click.get_current_context(silent=True)
    return audience_of(ctx) if ctx is not None else Audience()
