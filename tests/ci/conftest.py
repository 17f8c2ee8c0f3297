"""What the tests of pipelines share: a code-hosting site, and the variables of its runners."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from ci_site import MERGE, PULL, WRITER, Site, playing


@pytest.fixture
def site() -> Iterator[Site]:
    with playing() as made:
        yield made


@pytest.fixture
def on_github(site: Site, tmp_path: Path) -> dict[str, str]:
    """The variables of a GitHub runner in a pull request."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": PULL}}), encoding="utf-8")
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": site.url,
        "GITHUB_REPOSITORY": "shop/catalog",
        "GITHUB_SHA": MERGE,
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_TOKEN": WRITER,
    }


@pytest.fixture
def on_gitlab(site: Site) -> dict[str, str]:
    """The variables of a GitLab runner in a merge request."""
    return {
        "GITLAB_CI": "true",
        "CI_API_V4_URL": f"{site.url}/api/v4",
        "CI_PROJECT_ID": "77",
        "CI_COMMIT_SHA": MERGE,
        "CI_MERGE_REQUEST_IID": str(PULL),
        "CATALOGSYNC_GITLAB_TOKEN": WRITER,
    }


@pytest.fixture(params=["github", "gitlab"])
def runner(request: pytest.FixtureRequest) -> dict[str, str]:
    """Either of them: what holds for one site holds for the other."""
    made: dict[str, str] = request.getfixturevalue(f"on_{request.param}")
    return made
