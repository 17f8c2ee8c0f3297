"""A local stand-in for what reports use of GitHub's and GitLab's REST APIs, with their paging and refusals."""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PULL = 5
MERGE = "abc123def4567890"
WRITER = "token-that-can-write"
READER = "token-that-can-only-read"  # a fork's
PERSON = "token-of-a-person"
BOT = {"login": "github-actions[bot]", "type": "Bot"}
USERS = {WRITER: BOT, READER: BOT, PERSON: {"login": "mona", "type": "User"}}
LONGEST = {"github": 65_536, "gitlab": 1_000_000}
PAGE, LARGEST_PAGE = 30, 100


class RefusedError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Site:
    """What the site holds, and what it was asked."""

    url: str = ""
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)  # by pull request
    issues: list[dict[str, Any]] = field(default_factory=list)
    pulls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # by the commit that merged them
    runs: list[dict[str, Any]] = field(default_factory=list)
    artifacts: dict[int, dict[str, bytes]] = field(default_factory=dict)  # by run: name of the artifact -> archive
    calls: list[tuple[str, str]] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)  # a token at the storage host
    broken: int = 0  # answer everything with this status
    garbled: bool = False  # answer with JSON of another shape
    lock: threading.Lock = field(default_factory=threading.Lock)
    _next: int = 1000

    def writes(self) -> list[tuple[str, str]]:
        return [call for call in self.calls if call[0] != "GET"]

    def upload(self, run: int, name: str, files: dict[str, bytes]) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for file, content in files.items():
                archive.writestr(file, content)
        self.artifacts.setdefault(run, {})[name] = packed.getvalue()

    def new_id(self) -> int:
        self._next += 1
        return self._next


@contextmanager
def playing() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(length)
            with site.lock:
                _respond(self, site, content)

        do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815 - the names that the server looks for

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        site.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


def _respond(request: BaseHTTPRequestHandler, site: Site, content: bytes) -> None:
    parts = urlsplit(request.path)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    path = parts.path
    site.calls.append((request.command, unquote(path)))
    headers: dict[str, str] = {}
    try:
        status, answer = _handled(request, site, path, query, json.loads(content or b"null"), headers)
    except RefusedError as refused:
        status, answer = refused.status, {"message": str(refused)}
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    request.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


def _handled(
    request: BaseHTTPRequestHandler, site: Site, path: str, query: dict[str, str], body: Any, headers: dict[str, str]
) -> tuple[int, Any]:
    if site.broken:
        raise RefusedError(site.broken, "The site is having a bad day")
    if site.garbled:
        return 200, {"something": "else"}
    if path.startswith("/storage/"):
        site.leaks += [name for name in ("Authorization", "PRIVATE-TOKEN") if request.headers.get(name)]
        run, name = path.split("/")[2:]
        return 200, site.artifacts[int(run)][unquote(name)]
    gitlab = path.startswith("/api/v4/")
    token = request.headers.get("PRIVATE-TOKEN") if gitlab else (request.headers.get("Authorization") or "")[7:]
    if token not in USERS:
        raise RefusedError(401, "Bad credentials")
    if request.command != "GET" and token == READER:
        raise RefusedError(403, "Resource not accessible by integration")
    for method, pattern, handler in GITLAB if gitlab else GITHUB:
        match = re.fullmatch(pattern, path)
        if match and method == request.command:
            status, answer = handler(site, match, token, query, body)
            if isinstance(answer, list) or "under" in query:
                answer = _paged(site, path, query, answer, headers)
            if status == 302:
                headers["Location"] = answer
            return status, answer
    raise RefusedError(404, "Not Found")


def _paged(site: Site, path: str, query: dict[str, str], rows: Any, headers: dict[str, str]) -> Any:
    size = min(int(query.get("per_page", PAGE)), LARGEST_PAGE)
    page = int(query.get("page", 1))
    if len(rows) > page * size:
        headers["Link"] = f'<{site.url}{path}?page={page + 1}>; rel="next"'
        headers["X-Next-Page"] = str(page + 1)
    return rows[(page - 1) * size : page * size]


def _checked(body: str, site: str) -> str:
    if not body or len(body) > LONGEST[site]:
        raise RefusedError(422, "Validation Failed: body is too long")
    return body


def _user(token: str) -> Any:
    if token != PERSON:
        raise RefusedError(403, "Resource not accessible by integration")
    return USERS[token]


def _note(site: Site, thread: int, token: str, text: str, kind: str = "github") -> dict[str, Any]:
    made = {
        "id": site.new_id(),
        "body": _checked(text, kind),
        "user": USERS[token],
        "author": {"id": list(USERS).index(token)},
        "html_url": f"https://github.example/pull/{thread}#comment",
    }
    site.comments.setdefault(thread, []).append(made)
    return made


def _edited(rows: list[dict[str, Any]], identity: str, number: int, changes: dict[str, Any]) -> dict[str, Any]:
    row = next((row for row in rows if row[identity] == number), None)
    if row is None:
        raise RefusedError(404, "Not Found")
    row.update(changes)
    return row


def _issue(site: Site, token: str, body: dict[str, Any]) -> dict[str, Any]:
    number = site.new_id()
    text = body.get("body") or body.get("description") or ""
    made = {
        "number": number,
        "iid": number,
        "title": body["title"],
        "body": text,
        "description": text,
        "labels": body["labels"],
        "state": "open",
        "user": USERS[token],
        "author": {"id": list(USERS).index(token)},
        "html_url": f"https://github.example/issues/{number}",
        "web_url": f"https://gitlab.example/issues/{number}",
    }
    site.issues.append(made)
    return made


def _open(site: Site) -> list[dict[str, Any]]:
    return [issue for issue in site.issues if issue["state"] == "open"]


def _every(site: Site, thread: int) -> list[dict[str, Any]]:
    return [note for notes in site.comments.values() for note in notes] if thread < 0 else site.comments.get(thread, [])


def _closing(body: dict[str, Any]) -> dict[str, Any]:
    if body.get("state_event") == "close":
        return {"state": "closed"}
    return {"body": body["description"], **body} if "description" in body else body


def _runs(site: Site, query: dict[str, str]) -> dict[str, Any]:
    found = [run for run in site.runs if run["head_sha"] == query.get("head_sha")]
    return {"total_count": len(found), "workflow_runs": found}


def _artifacts(site: Site, run: int, query: dict[str, str]) -> dict[str, Any]:
    names = [name for name in site.artifacts.get(run, {}) if query.get("name") in (None, name)]
    return {
        "artifacts": [{"id": run * 100 + index, "name": name, "expired": False} for index, name in enumerate(names)]
    }


def _storage(site: Site, artifact: int) -> str:
    run, index = divmod(artifact, 100)
    return f"{site.url}/storage/{run}/{list(site.artifacts[run])[index]}"


def _unzipped(site: Site, run: int, file: str) -> bytes:
    archive = next(iter(site.artifacts[run].values()))
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return opened.read(file)


Handler = Callable[[Site, "re.Match[str]", str, dict[str, str], Any], tuple[int, Any]]
REPO = r"/repos/shop/catalog"
PROJECT = r"/api/v4/projects/77"
GITHUB: list[tuple[str, str, Handler]] = [
    ("GET", r"/user", lambda s, m, t, q, b: (200, _user(t))),
    ("GET", REPO + r"/issues/(\d+)/comments", lambda s, m, t, q, b: (200, _every(s, int(m[1])))),
    ("POST", REPO + r"/issues/(\d+)/comments", lambda s, m, t, q, b: (201, _note(s, int(m[1]), t, b["body"]))),
    (
        "PATCH",
        REPO + r"/issues/comments/(\d+)",
        lambda s, m, t, q, b: (200, _edited(_every(s, -1), "id", int(m[1]), {"body": _checked(b["body"], "github")})),
    ),
    ("GET", REPO + r"/issues", lambda s, m, t, q, b: (200, _open(s))),
    ("POST", REPO + r"/issues", lambda s, m, t, q, b: (201, _issue(s, t, b))),
    ("PATCH", REPO + r"/issues/(\d+)", lambda s, m, t, q, b: (200, _edited(s.issues, "number", int(m[1]), b))),
    ("GET", REPO + r"/commits/(\w+)/pulls", lambda s, m, t, q, b: (200, s.pulls.get(m[1], []))),
    ("GET", REPO + r"/actions/runs", lambda s, m, t, q, b: (200, _runs(s, q))),
    ("GET", REPO + r"/actions/runs/(\d+)/artifacts", lambda s, m, t, q, b: (200, _artifacts(s, int(m[1]), q))),
    ("GET", REPO + r"/actions/artifacts/(\d+)/zip", lambda s, m, t, q, b: (302, _storage(s, int(m[1])))),
]
GITLAB: list[tuple[str, str, Handler]] = [
    ("GET", r"/api/v4/user", lambda s, m, t, q, b: (200, {"id": list(USERS).index(t)})),
    ("GET", PROJECT + r"/merge_requests/(\d+)/notes", lambda s, m, t, q, b: (200, _every(s, int(m[1])))),
    (
        "POST",
        PROJECT + r"/merge_requests/(\d+)/notes",
        lambda s, m, t, q, b: (201, _note(s, int(m[1]), t, b["body"], "gitlab")),
    ),
    (
        "PUT",
        PROJECT + r"/merge_requests/\d+/notes/(\d+)",
        lambda s, m, t, q, b: (200, _edited(_every(s, -1), "id", int(m[1]), b)),
    ),
    ("GET", PROJECT + r"/issues", lambda s, m, t, q, b: (200, _open(s))),
    ("POST", PROJECT + r"/issues", lambda s, m, t, q, b: (201, _issue(s, t, b))),
    ("PUT", PROJECT + r"/issues/(\d+)", lambda s, m, t, q, b: (200, _edited(s.issues, "iid", int(m[1]), _closing(b)))),
    ("GET", PROJECT + r"/repository/commits/(\w+)/merge_requests", lambda s, m, t, q, b: (200, s.pulls.get(m[1], []))),
    ("GET", PROJECT + r"/merge_requests/\d+/pipelines", lambda s, m, t, q, b: (200, s.runs)),
    (
        "GET",
        PROJECT + r"/pipelines/(\d+)/jobs",
        lambda s, m, t, q, b: (
            200,
            [
                {"id": int(m[1]), "name": name, "artifacts_file": {}} | {"artifacts_file": {"filename": "a.zip"}}
                for name in s.artifacts.get(int(m[1]), {})
            ],
        ),
    ),
    ("GET", PROJECT + r"/jobs/(\d+)/artifacts/(.+)", lambda s, m, t, q, b: (200, _unzipped(s, int(m[1]), m[2]))),
]
