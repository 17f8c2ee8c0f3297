"""The formats of plans and of problems: a new one is a module beside this one and a row here.

Each is imported only when it is asked for. docs/plan-formats.md describes them and a test keeps both equal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from catalogsync.cli.render.review import Review
from catalogsync.errors import Problem


def _text(review: Review) -> str:
    from catalogsync.cli.render.text import plan_text

    return plan_text(review.plan, review.objections)


def _json(review: Review) -> str:
    from catalogsync.plan.codec import document_text, plan_document

    document = review.document or plan_document(review.plan, review.objections, review.places)
    return document_text(document)


def _markdown(review: Review) -> str:
    from catalogsync.cli.render.markdown import plan_markdown

    return plan_markdown(review)


def _html(review: Review) -> str:
    from catalogsync.cli.render.html import plan_html

    return plan_html(review)


def _dot(review: Review) -> str:
    from catalogsync.cli.render.dot import plan_dot

    return plan_dot(review.plan)


def _github(review: Review) -> str:
    from catalogsync.cli.render.github import plan_commands

    return plan_commands(review)


def _problems_json(problems: Sequence[Problem]) -> str:
    from catalogsync.cli.render.problems import problems_document

    return json.dumps(problems_document(problems), indent=2)


def _problems_github(problems: Sequence[Problem]) -> str:
    from catalogsync.cli.render.github import problem_commands

    return problem_commands(problems)


def _problems_sarif(problems: Sequence[Problem]) -> str:
    from catalogsync.cli.render.sarif import sarif_log

    return json.dumps(sarif_log(problems), indent=2)


def _problems_gitlab(problems: Sequence[Problem]) -> str:
    from catalogsync.cli.render.gitlab import code_quality

    return json.dumps(code_quality(problems), indent=2)


TEXT = "text"
PLAN_FORMATS: dict[str, Callable[[Review], str]] = {
    TEXT: _text,
    "markdown": _markdown,
    "json": _json,
    "html": _html,
    "dot": _dot,
    "github": _github,
}
# Text is not among them: it goes to stderr, as every complaint about a manifest does.
PROBLEM_FORMATS: dict[str, Callable[[Sequence[Problem]], str]] = {
    "json": _problems_json,
    "github": _problems_github,
    "sarif": _problems_sarif,
    "gitlab": _problems_gitlab,
}
