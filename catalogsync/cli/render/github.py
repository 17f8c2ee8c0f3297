"""Workflow commands of GitHub Actions: annotations at the lines of the manifest, and a plain summary.

A command is `::level file=…,line=…::message`; what would end it or a property is written as %25, %0A and so on
(https://docs.github.com/actions/reference/workflow-commands-for-github-actions, and `escapeData` of actions/toolkit).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import click

from catalogsync.cli.render.details import Detail, details_of, reason_of
from catalogsync.cli.render.printable import printable, shortened
from catalogsync.cli.render.review import Review
from catalogsync.cli.render.rows import credits_text, headline_of
from catalogsync.cli.render.text import credits_line, objection_lines, summary_line
from catalogsync.errors import Place, Problem, Severity
from catalogsync.plan.changes import Await, Change, Conflict, Delete, Plan, Price, Replace
from catalogsync.plan.guards import Objection
from catalogsync.workflow.places import host_places

SHOWN = 10  # annotations of each level: GitHub shows no more of one step
PROBLEMS_SHOWN = 100  # also in the log, where all are read
_LONGEST = 1000
NOWHERE = Place("")


def plan_commands(review: Review) -> str:
    """Objections as errors, what cannot be undone as warnings, the rest as notices; then the summary."""
    lines = [
        *islice(_errors(review), SHOWN),
        *islice(_warnings(review), SHOWN),
        *islice(_notices(review), SHOWN),
        summary_line(review.plan),
        credits_line(review.plan),
        *(click.unstyle(line) for line in objection_lines(review.objections)),
    ]
    return "\n".join(lines)


def problem_commands(problems: Sequence[Problem]) -> str:
    """Every problem of a manifest at its place."""
    if not problems:
        return "Success! The manifest is valid."
    hosted = host_places()
    lines = [
        command(
            "error" if problem.severity is Severity.ERROR else "warning",
            f"{problem.message} ({problem.fix})",
            hosted(problem.place),
            problem.rule,
        )
        for problem in problems[:PROBLEMS_SHOWN]
    ]
    if len(problems) > PROBLEMS_SHOWN:
        lines.append(f"... and {len(problems) - PROBLEMS_SHOWN:,} more.")
    return "\n".join(lines)


def command(level: str, message: str, place: Place, title: str) -> str:
    """One annotation. Without a file it belongs to the run as a whole."""
    given = {"file": place.file, "line": place.line, "col": place.column, "title": title}
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in given.items() if value)
    return f"::{level} {properties}::{_data(message)}"


def _data(text: str) -> str:
    text = shortened(text, _LONGEST)
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _errors(review: Review) -> Iterator[str]:
    for one in review.objections:
        message = printable(f"{one.message}. To go on: {one.override}.")
        yield command("error", message, _place_of(one, review), f"The guard {one.guard} objects")


def _place_of(objection: Objection, review: Review) -> Place:
    """Guards that object to one resource begin with its address."""
    return review.places.get(objection.message.partition(" ")[0].rstrip(":"), NOWHERE)


def _warnings(review: Review) -> Iterator[str]:
    yield from _annotations(review, "warning", (Delete, Replace))
    for notice in review.plan.notices:
        place = review.places.get(notice.address, NOWHERE)
        yield command("warning", printable(notice.text), place, printable(notice.address))


def _notices(review: Review) -> Iterator[str]:
    others = {type(change) for change in review.plan.changes} - {Delete, Replace, Await, Conflict}
    yield from _annotations(review, "notice", tuple(others))


def _annotations(review: Review, level: str, kinds: tuple[type, ...]) -> Iterator[str]:
    for change, price in zip(review.plan.changes, review.plan.prices, strict=True):
        if isinstance(change, kinds):
            place = review.places.get(change.address, NOWHERE)
            yield command(
                level, _message(review.plan, change, price), place, printable(f"{change.address} {headline_of(change)}")
            )


def _message(plan: Plan, change: Change, price: Price) -> str:
    edits = [_edit(one) for one in details_of(change) if one.before is not None and one.after not in {None, one.before}]
    reason = f"Because {printable(reason_of(plan, change))}."
    cost = f"Credits: {credits_text(price)}." if price.maximum else ""
    return "\n".join(line for line in (reason, *edits, cost) if line)


def _edit(one: Detail) -> str:
    return printable(f'{one.name} = "{one.before}" -> "{one.after}"')
