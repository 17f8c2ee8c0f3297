"""Which code-hosting site a run belongs to, read from the variables that its runner sets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalogsync.errors import HostingError

if TYPE_CHECKING:
    from catalogsync.hosting.port import Host


def host_of(environ: Mapping[str, str], site: str | None = None) -> Host:
    """The project of this run. Tokens come from the environment alone.

    Raises HostingError when it is none of the known sites, or a variable is missing.
    """
    chosen = site or _site(environ)
    if chosen == "github":
        return _github(environ)
    if chosen == "gitlab":
        return _gitlab(environ)
    raise HostingError(
        "This is no run of GitHub Actions or GitLab CI, so there is nowhere to report to.",
        hint="Name the site with --to, and set its variables as docs/ci.md lists them.",
    )


def _site(environ: Mapping[str, str]) -> str:
    if environ.get("GITHUB_ACTIONS"):
        return "github"
    return "gitlab" if environ.get("GITLAB_CI") else ""


def _github(environ: Mapping[str, str]) -> Host:
    from catalogsync.hosting.github import WAY_OUT, GitHub
    from catalogsync.hosting.http import Door

    token = _need(environ, "GITHUB_TOKEN", "Pass it on as `env: {GITHUB_TOKEN: ${{ github.token }}}`.")
    headers = {"Authorization": f"Bearer {token}", "X-GitHub-Api-Version": "2022-11-28"}
    door = Door("GitHub", environ.get("GITHUB_API_URL") or "https://api.github.com", headers, WAY_OUT)
    repository = _need(environ, "GITHUB_REPOSITORY", "It is OWNER/NAME; GitHub's runners set it.")
    return GitHub(door, repository, environ.get("GITHUB_SHA", ""), _pull_request(environ))


def _gitlab(environ: Mapping[str, str]) -> Host:
    from catalogsync.hosting.gitlab import WAY_OUT, GitLab
    from catalogsync.hosting.http import Door

    token = _need(environ, "CATALOGSYNC_GITLAB_TOKEN", WAY_OUT)
    door = Door(
        "GitLab", environ.get("CI_API_V4_URL") or "https://gitlab.com/api/v4", {"PRIVATE-TOKEN": token}, WAY_OUT
    )
    project = _need(environ, "CI_PROJECT_ID", "It is the number of the project; GitLab's runners set it.")
    number = environ.get("CI_MERGE_REQUEST_IID", "")
    return GitLab(door, project, environ.get("CI_COMMIT_SHA", ""), int(number) if number.isdecimal() else None)


def _need(environ: Mapping[str, str], name: str, hint: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise HostingError(f"{name} is not set.", hint=hint)
    return value


def _pull_request(environ: Mapping[str, str]) -> int | None:
    """The pull request that the event speaks of; a comment on one counts, an issue does not."""
    event = _event(environ.get("GITHUB_EVENT_PATH", ""))
    pull = event.get("pull_request")
    if isinstance(pull, dict) and isinstance(pull.get("number"), int):
        return int(pull["number"])
    issue = event.get("issue")
    if isinstance(issue, dict) and "pull_request" in issue and isinstance(issue.get("number"), int):
        return int(issue["number"])
    return None


def _event(path: str) -> dict[str, Any]:
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
