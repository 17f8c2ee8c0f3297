"""A plan as text, in Terraform's words: wrappers parse these lines, so they are kept to the letter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from catalogsync.cli.render.printable import printable
from catalogsync.cli.render.rows import credits_text, paint, row, symbol_of
from catalogsync.model.outputs import OUTPUTS
from catalogsync.plan.changes import Await, Change, Partial, Plan
from catalogsync.plan.counts import Counts, count
from catalogsync.plan.guards import Objection
from catalogsync.plan.recalling import age_note

NO_CHANGES = "No changes. Your catalog matches the manifest."
_LEGEND = {
    "+": "create",
    "~": "update in-place",
    "+/-": "create replacement and then destroy",
    "-": "destroy",
    "=": "adopt",
    ".": "forget",
    "!": "conflict",
}


def plan_text(plan: Plan, objections: Sequence[Objection] = ()) -> str:
    """The whole plan: legend, rows, running jobs, notices, summary with credits, objections."""
    return "\n".join(_lines(plan, objections))


def _lines(plan: Plan, objections: Sequence[Objection]) -> Iterator[str]:
    yield from _partial(plan)
    rows = [(change, price) for change, price in zip(plan.changes, plan.prices, strict=True) if _shown(change)]
    if rows:
        yield from _legend([change for change, _ in rows])
        yield "catalogsync will perform the following actions:"
        yield ""
        for change, price in rows:
            yield from row(change, price)
            if note := age_note(plan, change):
                yield f"  # ({printable(note)})"
            yield ""
    yield from _running(plan)
    yield from _notices(plan)
    yield from _summary(plan)
    yield from objection_lines(objections)


def _partial(plan: Plan) -> Iterator[str]:
    if plan.partial is not None:
        yield f"{click.style('This plan is partial:', fg='yellow', bold=True)} {partial_sentence(plan.partial)}"
        yield ""


def partial_sentence(partial: Partial) -> str:
    """How much a selection leaves out."""
    resources, changes = partial.resources, partial.changes
    counted = "1 resource is" if resources == 1 else f"{resources} resources are"
    due = f"{changes} {'change' if changes == 1 else 'changes'}" if changes else "no change"
    return f"{counted} outside the selection, with {due} due there."


def _shown(change: Change) -> bool:
    return not isinstance(change, Await)


def _legend(changes: Sequence[Change]) -> Iterator[str]:
    used = {symbol_of(change) for change in changes}
    yield "Actions are indicated with the following symbols:"
    for symbol, meaning in _LEGEND.items():
        if symbol in used:
            yield f"  {paint(symbol)} {meaning}"
    yield ""


def _running(plan: Plan) -> Iterator[str]:
    running = [change for change in plan.changes if isinstance(change, Await)]
    if running:
        yield f"{len(running)} {'job is' if len(running) == 1 else 'jobs are'} still running at the remote:"
        for change in running:
            outputs = ", ".join(OUTPUTS[name].label for name in change.outputs)
            yield f"  {printable(change.address)}{': ' + outputs if outputs else ''}"
        yield "Apply (or wait) picks them up; nothing is submitted twice."
        yield ""


def _notices(plan: Plan) -> Iterator[str]:
    for notice in plan.notices:
        yield f"{click.style('Note:', fg='yellow')} {printable(f'{notice.address}: {notice.text}')}"
    if plan.notices:
        yield ""


def _summary(plan: Plan) -> Iterator[str]:
    yield click.style(summary_line(plan), bold=True, fg="green" if plan.empty else None)
    line = credits_line(plan)
    if line:
        yield line


def summary_line(plan: Plan) -> str:
    """`Plan: 2 to add, 1 to change, 0 to destroy.`, or a line that begins with `No changes.`"""
    return _nothing_to_do(plan) if plan.empty else counts_line(count(plan.changes))


def credits_line(plan: Plan) -> str:
    """The price beside the balance; for a plan without changes what reading cost, "" when no balance is known."""
    if not plan.empty:
        return f"Credits: {credits_text(plan.price)}, {_available(plan)}."
    return "" if plan.available is None else f"Credits: {plan.spent} spent reading, {plan.available:,} available."


def _nothing_to_do(plan: Plan) -> str:
    if plan.destroy:
        return "No changes. There is nothing to destroy."
    if plan.trusted is not None and not plan.spent:
        return "No changes. The state matches the manifest; the remote was not read."
    return NO_CHANGES if plan.partial is None else "No changes. The selection matches the manifest."


def counts_line(counts: Counts) -> str:
    adopted = f"{counts.adopted} to import, " if counts.adopted else ""
    forgotten = f", {counts.forgotten} to forget" if counts.forgotten else ""
    return (
        f"Plan: {adopted}{counts.added} to add, {counts.changed} to change, {counts.destroyed} to destroy{forgotten}."
    )


def applied_line(counts: Counts) -> str:
    adopted = f"{counts.adopted} imported, " if counts.adopted else ""
    forgotten = f", {counts.forgotten} forgotten" if counts.forgotten else ""
    return (
        f"Apply complete! Resources: {adopted}{counts.added} added, {counts.changed} changed, "
        f"{counts.destroyed} destroyed{forgotten}."
    )


def _available(plan: Plan) -> str:
    if plan.available is None:
        return "the balance is not known"
    text = f"{plan.available:,} available"
    return text if plan.available >= plan.price.expected else f"only {text}"


def objection_lines(objections: Sequence[Objection]) -> Iterator[str]:
    if not objections:
        return
    yield ""
    yield click.style("This plan will not be applied:", fg="red", bold=True)
    for objection in objections:
        yield f"  {click.style(f'[{objection.guard}]', fg='red')} {printable(objection.message)}"
        yield f"      To go on: {printable(objection.override)}."
