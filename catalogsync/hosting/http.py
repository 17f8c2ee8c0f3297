"""The door to the HTTP library for code-hosting sites: JSON calls to one API, and downloads.

Small and synchronous beside the door of `api/`: a report is a handful of calls, one after another. The token goes to
the API's own host alone; no redirect is followed with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx2

from catalogsync import __version__
from catalogsync.errors import HostingError

if TYPE_CHECKING:
    import ssl

TIMEOUT = 20.0  # seconds; a report must not hold a run up
MOST = 64 * 1024 * 1024  # bytes of a downloaded plan
REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer; header names in lower case."""

    headers: Mapping[str, str]
    content: bytes
    document: Any


class Door:
    """Calls to one site. `site` is its name in messages; `way_out` the hint when it refuses."""

    def __init__(self, site: str, base: str, headers: Mapping[str, str], way_out: str) -> None:
        self._site = site
        self._base = base.rstrip("/")
        self._headers = {**headers, "User-Agent": f"catalogsync/{__version__}", "Accept": "application/json"}
        self._way_out = way_out

    def call(self, method: str, path: str, *, params: Mapping[str, Any] | None = None, json: Any = None) -> Answer:
        """Raises HostingError, with the status of the answer if there was one."""
        response = self._send(method, self._base + path, self._headers, params, json)
        self._demand(response, method, path)
        try:
            document = response.json() if response.content else None
        except ValueError:
            raise HostingError(f"{self._site} answered {method} {path} with something that is no JSON.") from None
        return Answer({name.lower(): value for name, value in response.headers.items()}, response.content, document)

    def download(self, path: str) -> bytes:
        """A file; where the API sends us elsewhere, it is fetched from there without the token."""
        response = self._send("GET", self._base + path, self._headers | {"Accept": "*/*"}, None, None)
        if response.status_code in REDIRECTS:
            elsewhere = str(response.url.join(response.headers.get("Location", "")))
            response = self._send("GET", elsewhere, {}, None, None)
        self._demand(response, "GET", path)
        if len(response.content) > MOST:
            raise HostingError(f"What {self._site} has at {path} is too large to be a saved plan.")
        return response.content

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], params: Mapping[str, Any] | None, json: Any
    ) -> httpx2.Response:
        try:
            with httpx2.Client(auth=httpx2.Auth(), follow_redirects=False, timeout=TIMEOUT, verify=_trust()) as client:
                return client.request(method, url, headers=dict(headers), params=params, json=json)
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, ValueError) as error:
            raise HostingError(f"{self._site} could not be reached: {_reason(error)}.") from error

    def _demand(self, response: httpx2.Response, method: str, path: str) -> None:
        if response.is_success:
            return
        status = response.status_code
        words = _sentence(response)
        raise HostingError(
            f"{self._site} answered {status} to {method} {path}{': ' + words if words else ''}.",
            status=status,
            hint=self._way_out if status in (401, 403, 404) else "",
        )


@cache
def _trust() -> ssl.SSLContext:
    """One TLS context for all calls: making one reads the whole certificate store."""
    return httpx2.create_ssl_context()


def _sentence(response: httpx2.Response) -> str:
    """The site's own words, when it answered in JSON and not with a page."""
    try:
        document = response.json()
    except ValueError:
        return ""
    said = document.get("message") or document.get("error") if isinstance(document, dict) else None
    return str(said).strip().rstrip(".")[:300] if said else ""


def _reason(error: Exception) -> str:
    if isinstance(error, httpx2.TimeoutException):
        return "timed out"
    return str(error).strip().rstrip(".") or type(error).__name__
