"""GitHub, and GitHub Enterprise Server, by the REST API that their runners name."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from catalogsync.errors import HostingError
from catalogsync.hosting.http import Answer, Door
from catalogsync.hosting.port import Note

PAGE = 100
PAGES = 100  # a pull request with 10,000 comments is nobody's
WAY_OUT = (
    "The token needs `pull-requests: write` to comment, `issues: write` for the drift issue and `actions: read` to "
    "find a reviewed plan. Pull requests from forks have a token that can only read."
)
NO_REVIEW = "Plan again: `catalogsync plan`, then apply what it shows."
UNPACKED = 64 * 1024 * 1024  # bytes of a saved plan


@dataclass(frozen=True)
class GitHub:
    """One repository. `number` is the pull request of this run, None where it has none; `sha` its commit."""

    door: Door
    repository: str
    sha: str = ""
    number: int | None = None
    limit: int = 65_536

    def comments(self, number: int | None) -> GitHubThread:
        chosen = number or self.number or self._merged()["number"]
        return GitHubThread(self, f"/repos/{self.repository}/issues/{chosen}/comments", "comments")

    def issues(self, label: str) -> GitHubThread:
        return GitHubThread(self, f"/repos/{self.repository}/issues", "issues", label)

    def reviewed_plan(self, artifact: str, file: str) -> bytes:
        pull = self._merged()
        if (pull["head"].get("repo") or {}).get("full_name") != self.repository:
            raise HostingError(
                f"Pull request {pull['number']} came from a fork: a plan that was made there is not applied.",
                hint=NO_REVIEW,
            )
        runs = {"head_sha": pull["head"]["sha"], "event": "pull_request"}
        for run in self.pages(f"/repos/{self.repository}/actions/runs", runs, "workflow_runs"):
            path = f"/repos/{self.repository}/actions/runs/{run['id']}/artifacts"
            for found in self.pages(path, {"name": artifact}, "artifacts"):
                if found["name"] == artifact and not found.get("expired"):
                    packed = self.door.download(f"/repos/{self.repository}/actions/artifacts/{found['id']}/zip")
                    return _unpacked(packed, file)
        raise HostingError(
            f"Pull request {pull['number']} has no artifact {artifact} for its last commit, or it has expired.",
            hint=NO_REVIEW,
        )

    def _merged(self) -> dict[str, Any]:
        """The pull request that the commit of this run merged."""
        pulls = self.door.call("GET", f"/repos/{self.repository}/commits/{self.sha}/pulls").document if self.sha else []
        merged: list[dict[str, Any]] = [pull for pull in pulls if pull.get("merged_at")]
        if not merged:
            raise HostingError(f"Commit {self.sha[:12] or '(none)'} merged no pull request.", hint=NO_REVIEW)
        return next((pull for pull in merged if pull.get("merge_commit_sha") == self.sha), merged[0])

    @cached_property
    def login(self) -> str | None:
        """Whose token it is; None for that of a workflow, which may not ask and writes as a bot."""
        try:
            return str(self.door.call("GET", "/user").document["login"])
        except HostingError as error:
            if error.status in (401, 403, 404):
                return None
            raise

    def owns(self, author: dict[str, Any]) -> bool:
        if self.login is None:
            return author.get("type") == "Bot"
        return author.get("login") == self.login

    def pages(self, path: str, params: dict[str, Any], under: str = "") -> Iterator[dict[str, Any]]:
        """Every item of every page; `under` is the key of the list where the answer is a mapping."""
        for page in range(1, PAGES + 1):
            answer = self.door.call("GET", path, params={**params, "per_page": PAGE, "page": page})
            yield from answer.document[under] if under else answer.document
            if not _has_next(answer):
                return


@dataclass(frozen=True)
class GitHubThread:
    """Comments of a pull request (`kind` comments), or issues under a label (`kind` issues)."""

    host: GitHub
    path: str
    kind: str
    label: str = ""

    def notes(self) -> tuple[Note, ...]:
        params = {"labels": self.label, "state": "open"} if self.label else {}
        return tuple(self._note(one) for one in self.host.pages(self.path, params) if "pull_request" not in one)

    def create(self, title: str, body: str) -> Note:
        content = {"title": title, "body": body, "labels": [self.label]} if self.label else {"body": body}
        return self._note(self.host.door.call("POST", self.path, json=content).document)

    def update(self, note: Note, title: str, body: str) -> Note:
        content = {"title": title, "body": body} if self.label else {"body": body}
        return self._note(self.host.door.call("PATCH", self._at(note), json=content).document)

    def close(self, note: Note) -> None:
        self.host.door.call("PATCH", self._at(note), json={"state": "closed", "state_reason": "completed"})

    def _at(self, note: Note) -> str:
        kind = "issues/comments" if self.kind == "comments" else "issues"
        return f"/repos/{self.host.repository}/{kind}/{note.id}"

    def _note(self, document: dict[str, Any]) -> Note:
        name = "id" if self.kind == "comments" else "number"
        own = self.host.owns(document.get("user") or {})
        return Note(str(document[name]), document.get("body") or "", own, document.get("html_url") or "")


def _has_next(answer: Answer) -> bool:
    return 'rel="next"' in answer.headers.get("link", "")


def _unpacked(packed: bytes, file: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            if archive.getinfo(file).file_size > UNPACKED:
                raise HostingError(f"{file} in the artifact is too large to be a saved plan.")
            return archive.read(file)
    except KeyError:
        raise HostingError(f"The artifact has no {file} in it.", hint=NO_REVIEW) from None
    except (zipfile.BadZipFile, ValueError, RuntimeError, NotImplementedError) as error:
        raise HostingError(f"The artifact is no readable archive: {error}.", hint=NO_REVIEW) from error
