"""Running a plan from the command line: signals, progress, the end."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from catalogsync.apply.ports import Reporter
from catalogsync.cli.progress import reporting
from catalogsync.errors import UsageMistakeError
from catalogsync.model.events import RunEvent
from catalogsync.workflow.running import Run, RunResult

# Seconds for which a thread may keep the interpreter from others. The one that writes the state asks for it some thirty
# times for each commit; with Python's own 5 ms, commits take longer than the calls that wait for them.
TURN = 0.0005
SIGTERM_GRACE = 3.0  # seconds for running calls: a CI that cancels a job kills it some five seconds after SIGTERM
PROMPT = """
Do you want to perform these actions?
  catalogsync will perform the actions described above.
  Only 'yes' will be accepted to approve.
"""


def approved(*, auto_approve: bool) -> bool:
    """Ask as Terraform does. Raises UsageMistakeError where nobody can be asked."""
    if auto_approve:
        return True
    if not sys.stdin.isatty():
        raise UsageMistakeError(
            "Nobody can approve: the standard input is not a terminal.",
            hint="Add --auto-approve to apply without asking.",
        )
    click.echo(PROMPT)
    answer: str = click.prompt("  Enter a value", default="", show_default=False, prompt_suffix=": ")
    if answer == "yes":
        return True
    click.echo("\nApply cancelled.")
    return False


def _nobody(_event: RunEvent) -> None:
    """Nobody else listens."""


def perform(
    make_run: Callable[[Reporter], Run], command: str, *, color: bool, total: int, tell: Reporter = _nobody
) -> RunResult:
    """Apply in an event loop. One interrupt stops starting, the second cancels what runs; the state is saved.

    SIGTERM is an interrupt whose second one comes by itself. What is shown as progress is also told to `tell`.
    """
    with reporting(color=color, total=total) as show, _short_turns():

        def report(event: RunEvent) -> None:
            show(event)
            tell(event)

        return asyncio.run(_interruptible(make_run(report), command))


@contextmanager
def _short_turns() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


async def _interruptible(run: Run, command: str) -> RunResult:
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(run.apply(command))
    seen = 0

    def interrupted(number: signal.Signals) -> None:
        nonlocal seen
        seen += 1
        if seen > 1:
            task.cancel()
            return
        run.interrupt(f"{number.name} received.")
        if number is signal.SIGTERM:
            loop.call_later(SIGTERM_GRACE, task.cancel)

    before = signal.getsignal(signal.SIGTERM)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupted, number)
    try:
        return await task
    except asyncio.CancelledError:  # before it ran or while it was closing: there is no result to tell
        raise click.Abort from None
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        signal.signal(signal.SIGTERM, before)
