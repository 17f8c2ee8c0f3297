"""Problems of a manifest as GitLab's Code Quality report (https://docs.gitlab.com/ci/testing/code_quality/)."""

from __future__ import annotations

from collections.abc import Sequence

from catalogsync.cli.render.fingerprints import fingerprints
from catalogsync.errors import Problem, Severity
from catalogsync.workflow.places import path_namer

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}  # of info, minor, major, critical, blocker


def code_quality(problems: Sequence[Problem]) -> list[dict[str, object]]:
    named = path_namer()
    files = [named(problem.place.file) for problem in problems]
    return [
        {
            "description": f"{problem.message} ({problem.fix})",
            "check_name": problem.rule,
            "fingerprint": mark,
            "severity": _SEVERITIES[problem.severity],
            "location": {"path": file, "lines": {"begin": max(1, problem.place.line)}},
        }
        for problem, file, mark in zip(problems, files, fingerprints(problems, files), strict=True)
    ]
