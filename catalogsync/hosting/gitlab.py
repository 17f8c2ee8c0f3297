"""GitLab, by the REST API that its runners name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from catalogsync.errors import HostingError
from catalogsync.hosting.http import Door
from catalogsync.hosting.port import Note

PAGE = 100
PAGES = 100
WAY_OUT = (
    "CATALOGSYNC_GITLAB_TOKEN has to be a project access token with the scope `api` and at least the role Reporter; "
    "the job's own token can't write notes."
)
NO_REVIEW = "Plan again: `catalogsync plan`, then apply what it shows."


@dataclass(frozen=True)
class GitLab:
    """One project. `number` is the merge request of this pipeline (its iid), None where it has none."""

    door: Door
    project: str
    sha: str = ""
    number: int | None = None
    limit: int = 1_000_000

    def comments(self, number: int | None) -> GitLabThread:
        chosen = number or self.number or self._merged()["iid"]
        return GitLabThread(self, f"{self.root}/merge_requests/{chosen}/notes")

    def issues(self, label: str) -> GitLabThread:
        return GitLabThread(self, f"{self.root}/issues", label)

    def reviewed_plan(self, artifact: str, file: str) -> bytes:
        request = self._merged()
        if request.get("source_project_id") != request.get("target_project_id"):
            raise HostingError(
                f"Merge request {request['iid']} came from a fork: a plan that was made there is not applied.",
                hint=NO_REVIEW,
            )
        for pipeline in self.pages(f"{self.root}/merge_requests/{request['iid']}/pipelines", {}):
            for job in self.pages(f"{self.root}/pipelines/{pipeline['id']}/jobs", {}):
                if job["name"] == artifact and job.get("artifacts_file"):
                    return self.door.download(f"{self.root}/jobs/{job['id']}/artifacts/{quote(file)}")
        raise HostingError(
            f"Merge request {request['iid']} has no job {artifact} with artifacts, or they have expired.",
            hint=NO_REVIEW,
        )

    @property
    def root(self) -> str:
        return f"/projects/{quote(self.project, safe='')}"

    def _merged(self) -> dict[str, Any]:
        """The merge request that the commit of this pipeline merged."""
        path = f"{self.root}/repository/commits/{self.sha}/merge_requests"
        requests = self.door.call("GET", path).document if self.sha else []
        merged: list[dict[str, Any]] = [request for request in requests if request.get("state") == "merged"]
        if not merged:
            raise HostingError(f"Commit {self.sha[:12] or '(none)'} merged no merge request.", hint=NO_REVIEW)
        return next((one for one in merged if self.sha in _commits(one)), merged[0])

    @cached_property
    def user(self) -> int:
        return int(self.door.call("GET", "/user").document["id"])

    def pages(self, path: str, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Every item of every page."""
        for page in range(1, PAGES + 1):
            answer = self.door.call("GET", path, params={**params, "per_page": PAGE, "page": page})
            yield from answer.document
            if not answer.headers.get("x-next-page"):
                return


@dataclass(frozen=True)
class GitLabThread:
    """Notes of a merge request, or issues under a label."""

    host: GitLab
    path: str
    label: str = ""

    def notes(self) -> tuple[Note, ...]:
        params = {"labels": self.label, "state": "opened"} if self.label else {"sort": "asc"}
        return tuple(self._note(one) for one in self.host.pages(self.path, params) if not one.get("system"))

    def create(self, title: str, body: str) -> Note:
        content = {"title": title, "description": body, "labels": self.label} if self.label else {"body": body}
        return self._note(self.host.door.call("POST", self.path, json=content).document)

    def update(self, note: Note, title: str, body: str) -> Note:
        content = {"title": title, "description": body} if self.label else {"body": body}
        return self._note(self.host.door.call("PUT", f"{self.path}/{note.id}", json=content).document)

    def close(self, note: Note) -> None:
        self.host.door.call("PUT", f"{self.path}/{note.id}", json={"state_event": "close"})

    def _note(self, document: dict[str, Any]) -> Note:
        identity, body = ("iid", "description") if self.label else ("id", "body")
        own = (document.get("author") or {}).get("id") == self.host.user
        return Note(str(document[identity]), document.get(body) or "", own, document.get("web_url") or "")


def _commits(request: dict[str, Any]) -> tuple[Any, ...]:
    return request.get("merge_commit_sha"), request.get("squash_commit_sha"), request.get("sha")
