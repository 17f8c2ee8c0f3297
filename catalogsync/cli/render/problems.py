"""Problems of a manifest for machines: the keys of `terraform validate -json`. See schemas/diagnostics.schema.json."""

from __future__ import annotations

from collections.abc import Sequence

from catalogsync.errors import Problem, Severity


def problems_document(problems: Sequence[Problem]) -> dict[str, object]:
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    return {
        "format_version": "1.0",
        "valid": not errors,
        "error_count": errors,
        "warning_count": len(problems) - errors,
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
