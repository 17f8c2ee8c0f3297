"""Collects every problem of a load, each under a rule of the table, and hands them out in reading order."""

from __future__ import annotations

from dataclasses import replace

from catalogsync.errors import ManifestError, Place, Problem, Severity
from catalogsync.manifest.rules import RULES


class Report:
    """What is wrong so far. `incomplete` says that a file could not be read, so names may be missing."""

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}
        self.incomplete = False

    def add(self, rule: str, place: Place, message: str, fix: str) -> None:
        """Note a problem; the same one at the same place is noted once."""
        self._problems[Problem(place, rule, message, fix, RULES[rule].severity)] = None

    def outcome(self, *, strict: bool) -> tuple[Problem, ...]:
        """The warnings, in reading order. Raises ManifestError with everything when there is an error."""
        problems = sorted(self._problems, key=lambda problem: _reading_order(problem.place))
        if strict:
            problems = [replace(problem, severity=Severity.ERROR) for problem in problems]
        if any(problem.severity is Severity.ERROR for problem in problems):
            raise ManifestError(problems)
        return tuple(problems)


def _reading_order(place: Place) -> tuple[str, int, int]:
    return place.file, place.line, place.column
