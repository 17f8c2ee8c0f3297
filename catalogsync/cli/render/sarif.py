"""Problems of a manifest as SARIF 2.1.0 (OASIS, https://docs.oasis-open.org/sarif/sarif/v2.1.0/), for code scanning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from catalogsync import __version__
from catalogsync.assets.rules import RULES as FILE_RULES
from catalogsync.cli.render.fingerprints import fingerprints
from catalogsync.errors import Place, Problem
from catalogsync.manifest.rules import RULES
from catalogsync.workflow.places import host_places

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST = 25_000  # results: GitHub takes no more of one run


def sarif_log(problems: Sequence[Problem]) -> dict[str, Any]:
    """One run, with the rules that spoke. Files are named from the repository's top folder, %SRCROOT%."""
    told = problems[:MOST]
    hosted = host_places()
    places = [hosted(problem.place) for problem in told]
    rules = sorted({problem.rule for problem in told})
    position = {rule: index for index, rule in enumerate(rules)}
    results = [
        _result(problem, place, mark, position[problem.rule])
        for problem, place, mark in zip(told, places, fingerprints(told, places), strict=True)
    ]
    driver = {"name": "catalogsync", "semanticVersion": __version__, "rules": [_rule(rule) for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "catalogsync/validate/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: str) -> dict[str, Any]:
    cause = RULES[rule].cause if rule in RULES else FILE_RULES[rule]
    level = RULES[rule].severity.value if rule in RULES else "error"
    return {
        "id": rule,
        "name": "".join(word.capitalize() for word in rule.split("-")),
        "shortDescription": {"text": cause},
        "fullDescription": {"text": cause},
        "help": {
            "text": f"{cause} The message names the way out.",
            "markdown": f"**{rule}**: {cause} The message names the way out; `docs/rules.md` explains every rule.",
        },
        "defaultConfiguration": {"level": level},
    }


def _result(problem: Problem, place: Place, mark: str, index: int) -> dict[str, Any]:
    return {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": problem.severity.value,
        "message": {"text": _inert(f"{problem.message} ({problem.fix})")},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(place.file), "region": _region(place)}}],
        "partialFingerprints": {"catalogsync/v1": mark},
    }


def _inert(text: str) -> str:
    """In a message `[a](b)` is a link (SARIF 2.1.0, 3.11.6): with a gap it is text."""
    return text.replace("](", "] (")


def _artifact(file: str) -> dict[str, str]:
    if file.startswith("/"):
        return {"uri": "file://" + quote(file)}
    return {"uri": quote(file), "uriBaseId": "%SRCROOT%"}


def _region(place: Place) -> dict[str, int]:
    """The place in the file; its first line where the problem is of the file as a whole."""
    region = {"startLine": max(1, place.line)}
    return {**region, "startColumn": place.column} if place.column else region
