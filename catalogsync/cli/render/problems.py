"""Problems of a manifest for machines: the keys of `terraform validate -json`."""

from __future__ import annotations

from collections.abc import Sequence

from catalogsync.errors import Problem, Severity


def problems_document(problems: Sequence[Problem], *, valid: bool) -> dict[str, object]:
    return {
        "format_version": "1.0",
        "valid": valid,
        "error_count": sum(problem.severity is Severity.ERROR for problem in problems),
        "warning_count": sum(problem.severity is Severity.WARNING for problem in problems),
        "diagnostics": [_diagnostic(problem) for problem in problems],
    }


def _diagnostic(problem: Problem) -> dict[str, object]:
    place = problem.place
    return {
        "severity": problem.severity.value,
        "rule": problem.rule,
        "summary": problem.message,
        "detail": problem.fix,
        "range": {"filename": place.file, "start": {"line": place.line, "column": place.column}},
    }
