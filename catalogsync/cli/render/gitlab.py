"""Problems of a manifest as GitLab's Code Quality report (https://docs.gitlab.com/ci/testing/code_quality/)."""

from __future__ import annotations

from collections.abc import Sequence

from catalogsync.cli.render.fingerprints import fingerprints
from catalogsync.errors import Problem, Severity
from catalogsync.workflow.places import host_places

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}  # of info, minor, major, critical, blocker


def code_quality(problems: Sequence[Problem]) -> list[dict[str, object]]:
    hosted = host_places()
    places = [hosted(problem.place) for problem in problems]
    return [
        {
            "description": f"{problem.message} ({problem.fix})",
            "check_name": problem.rule,
            "fingerprint": mark,
            "severity": _SEVERITIES[problem.severity],
            "location": {"path": place.file, "lines": {"begin": max(1, place.line)}},
        }
        for problem, place, mark in zip(problems, places, fingerprints(problems, places), strict=True)
    ]
