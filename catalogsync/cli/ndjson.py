"""Lines for machines, one JSON object each: what Terraform's machine-readable UI has in its words, the rest in ours.

Source: Terraform, "Machine-Readable UI". schemas/events.schema.json is the contract.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from catalogsync import __version__
from catalogsync.cli.audience import Line
from catalogsync.cli.progress import line_of
from catalogsync.cli.render.summary import closing_line
from catalogsync.cli.render.text import counts_line
from catalogsync.errors import CatalogSyncError, ExitCode, ManifestError, Problem, Severity
from catalogsync.model.addresses import key_of, kind_of
from catalogsync.model.calls import CallMade, CallPaused
from catalogsync.model.events import (
    ChangeCompleted,
    ChangeFailed,
    ChangeLeft,
    ChangeRecovered,
    ChangeSkipped,
    ChangeStarted,
    RunEvent,
    RunStopping,
    StillRunning,
    UploadProgress,
)
from catalogsync.plan.changes import Await, Change, Plan, Price, action_of
from catalogsync.plan.counts import Counts, count
from catalogsync.plan.guards import Objection

if TYPE_CHECKING:
    from catalogsync.workflow.planning import Planned
    from catalogsync.workflow.running import RunResult

UI = "1.0"  # of the lines: the minor number grows when something is added, the major one when something goes
MODULE = "catalogsync.ui"
API_MODULE = "catalogsync.api"
# Our action -> Terraform's, for tools that know only those. The hook and the change carry ours beside it.
ACTIONS = {
    "create": "create",
    "generate": "create",
    "render": "create",
    "update": "update",
    "archive": "update",
    "park": "update",
    "adopt": "import",
    "replace": "replace",
    "delete": "delete",
    "forget": "remove",
    "await": "noop",
    "conflict": "noop",
}
_TENTHS = 10
_QUIET = frozenset({"call_made"})  # too many for those who follow a run; a log file has them


def line(kind: str, message: str, *, level: str = "info", module: str = MODULE, **more: Any) -> Line:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    said = click.unstyle(message)
    return {"@level": level, "@message": said, "@module": module, "@timestamp": now, "type": kind, **more}


def version_line(command: str) -> Line:
    return line("version", f"catalogsync {__version__}", catalogsync=__version__, ui=UI, command=command)


def ended_line(command: str, code: int) -> Line:
    """The last line of every stream."""
    outcome = ExitCode(code).name.lower() if code in set(ExitCode) else "error"
    level = "error" if code not in {ExitCode.OK, ExitCode.CHANGES_PRESENT, ExitCode.STILL_PROCESSING} else "info"
    message = f"{command or 'The command'} ended with exit code {int(code)} ({outcome})."
    return line("run_ended", message, level=level, command=command, exit_code=int(code), outcome=outcome)


def note_line(text: str) -> Line:
    return line("log", text)


def plan_lines(planned: Planned) -> Iterator[Line]:
    """What is to be done, each change with its price, then the numbers, then what guards object to."""
    plan = planned.plan
    for change, price in zip(plan.changes, plan.prices, strict=True):
        yield _planned_change(change, price)
    for notice in plan.notices:
        yield _diagnostic(Severity.WARNING, notice.text, address=notice.address)
    yield _plan_summary(plan)
    for objection in planned.objections:
        yield _objection(objection)


def result_lines(result: RunResult, command: str) -> Iterator[Line]:
    """The end of a run. What became of each change was told as it happened."""
    counts = result.counts
    yield line(
        "change_summary",
        closing_line(result),
        changes={**_changes(counts), "operation": command},
        credits={"spent": result.spent, "available": result.available},
        failed=len(result.failed),
        skipped=len(result.skipped),
        still_processing=len(result.left),
        behind=len(result.behind),
        collected=len(result.collected),
    )


def error_lines(error: CatalogSyncError) -> Iterator[Line]:
    problems = error.problems if isinstance(error, ManifestError) else ()
    yield from problem_lines(problems)
    yield _diagnostic(Severity.ERROR, str(error), detail=error.hint)


def problem_lines(problems: tuple[Problem, ...]) -> Iterator[Line]:
    for problem in problems:
        start = {"line": problem.place.line, "column": problem.place.column}
        place = {"range": {"filename": problem.place.file, "start": start}}
        yield _diagnostic(problem.severity, problem.message, detail=problem.fix, rule=problem.rule, **place)


class EventLines:
    """Lines of events. Of an upload only each tenth is told: chunks are many."""

    def __init__(self) -> None:
        self._tenths: dict[tuple[str, str], int] = {}

    def of(self, event: RunEvent) -> Iterator[Line]:  # noqa: C901 - one case for each type of event
        said = line_of(event) or ""
        match event:
            case ChangeStarted(address, action):
                yield line("apply_start", said, hook=_hook(address, action))
            case StillRunning(address, action, elapsed):
                yield line("apply_progress", said, hook=_hook(address, action, elapsed_seconds=round(elapsed, 3)))
            case ChangeCompleted(address, action, elapsed, remote_id):
                hook = _hook(address, action, elapsed_seconds=round(elapsed, 3), id_key="id", id_value=remote_id)
                yield line("apply_complete", said, hook=hook)
            case ChangeFailed(address, action, elapsed, message, hint):
                hook = _hook(address, action, elapsed_seconds=round(elapsed, 3))
                yield line("apply_errored", f"{address}: {message}", level="error", hook=hook)
                yield _diagnostic(Severity.ERROR, message, detail=hint, address=address)
            case ChangeSkipped(address, action, because):
                yield line("change_skipped", said, level="warn", hook=_hook(address, action), because=because)
            case ChangeLeft(address, action):
                yield line("change_left", said, hook=_hook(address, action))
            case ChangeRecovered(address, message):
                yield line("change_recovered", f"{address}: {message}", level="warn", resource=_resource(address))
            case RunStopping(because):
                yield line("run_stopping", said, level="warn", because=because)
            case UploadProgress():
                yield from self._upload(event)
            case CallPaused():
                yield line("call_paused", pause_text(event), level="warn", module=API_MODULE, **asdict(event))
            case CallMade():
                told = {**asdict(event), "elapsed": round(event.elapsed, 6)}
                yield line("call_made", call_text(event), level="debug", module=API_MODULE, **told)

    def _upload(self, event: UploadProgress) -> Iterator[Line]:
        tenth = _TENTHS if event.sent >= event.size else event.sent * _TENTHS // event.size
        key = (event.address, event.file)
        if self._tenths.get(key) != tenth:
            self._tenths[key] = tenth
            message = f"{event.address}: {event.file}: {event.sent:,} of {event.size:,} bytes sent"
            where = _resource(event.address)
            yield line("upload_progress", message, resource=where, file=event.file, sent=event.sent, size=event.size)


class StdoutStream:
    """Lines on stdout as they come, for programs that follow a run."""

    def __init__(self) -> None:
        self._failure: CatalogSyncError | None = None

    def write(self, line: Line) -> None:
        if self._failure is not None or line["type"] in _QUIET:
            return
        try:
            click.echo(json.dumps(line))
        except CatalogSyncError as error:
            self._failure = error

    def close(self) -> CatalogSyncError | None:
        return self._failure


def call_text(event: CallMade) -> str:
    """`GET /v1/product/details/ answered 200 after 45 ms, 994 credits left`."""
    ended = f"answered {event.status}" if event.status else "was not answered"
    text = f"{event.method} {event.path} {ended} after {event.elapsed * 1000:.0f} ms"
    text += f", {event.credits_left:,} credits left" if event.credits_left is not None else ""
    text += f", try {event.attempt}" if event.attempt > 1 else ""
    return f"{text}: {event.error}" if event.error else text


def pause_text(event: CallPaused) -> str:
    return f"Trying again to {event.operation} in {event.seconds:.1f} s, because of this: {event.because}"


def _planned_change(change: Change, price: Price) -> Line:
    action = action_of(change)
    reason = "" if isinstance(change, Await) else change.reason
    told = {"resource": _resource(change.address), "action": ACTIONS[action], "catalogsync_action": action}
    message = f"{change.address}: Plan to {action}" + (f" (because {reason})" if reason else "")
    return line("planned_change", message, change=told, because=reason, credits=asdict(price))


def _plan_summary(plan: Plan) -> Line:
    counts = count(plan.changes)
    credit = {**asdict(plan.price), "spent_reading": plan.spent, "available": plan.available}
    changes = {**_changes(counts), "operation": "plan"}
    return line("change_summary", counts_line(counts), changes=changes, credits=credit)


def _changes(counts: Counts) -> dict[str, int]:
    return {
        "add": counts.added,
        "change": counts.changed,
        "import": counts.adopted,
        "remove": counts.destroyed,
        "forget": counts.forgotten,
    }


def _objection(objection: Objection) -> Line:
    detail = f"To go on: {objection.override}."
    return _diagnostic(Severity.ERROR, objection.message, detail=detail, guard=objection.guard)


def _diagnostic(severity: Severity, summary: str, *, detail: str = "", **more: Any) -> Line:
    level = "error" if severity is Severity.ERROR else "warn"
    told = {"severity": severity.value, "summary": summary, "detail": detail, **more}
    label = "Error" if severity is Severity.ERROR else "Warning"
    return line("diagnostic", f"{label}: {summary}", level=level, diagnostic=told)


def _hook(address: str, action: str, **more: Any) -> dict[str, Any]:
    return {"resource": _resource(address), "action": ACTIONS[action], "catalogsync_action": action, **more}


def _resource(address: str) -> dict[str, str]:
    return {"addr": address, "resource_type": kind_of(address), "resource_name": key_of(address)}
