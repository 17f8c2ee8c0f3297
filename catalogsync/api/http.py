"""The one door to the HTTP library: requests out, answers in, every foreign exception turned into ours.

No redirect is followed, no cookie kept, no netrc read. Proxies of the environment are honoured.
"""

from __future__ import annotations

import json
from asyncio import timeout
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import httpx2

from catalogsync import __version__
from catalogsync.api.answers import Answer
from catalogsync.api.multipart import content_type_of, end_of, new_boundary, text_parts
from catalogsync.errors import AnswerLostError, UnreachableError, UsageMistakeError

if TYPE_CHECKING:
    import ssl

_NEVER_ARRIVED = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
)
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})  # methods whose body is told also when it is empty (RFC 9110, 8.6)
_KEEP_ALIVE = 20.0  # seconds: below the idle limits of usual load balancers, so that a reused connection is alive

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to connect, to hand over one chunk, to wait for the next bytes of an answer, and for a call in all.

    `total` None: without end, for what takes as long as it is large.
    """

    connect: float = 10.0
    write: float = 60.0
    read: float = 90.0
    total: float | None = 300.0


@dataclass(frozen=True, slots=True)
class Request:
    """One request: at most one of `form` (text fields as multipart), `json` and `stream` is its body."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    params: Mapping[str, str] | None = None
    form: Mapping[str, str] | None = None
    json: Any = None
    stream: AsyncIterable[bytes] | None = None


class Door:
    """A pool of connections to one host. `way_out` is the hint when that host cannot be reached."""

    def __init__(self, *, connections: int, timeouts: Timeouts, way_out: str) -> None:
        self._way_out = way_out
        self._total = timeouts.total
        # Keeping fewer connections than are opened makes the pool close and reopen live ones.
        limits = httpx2.Limits(
            max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=_KEEP_ALIVE
        )
        try:
            self._client = httpx2.AsyncClient(
                auth=httpx2.Auth(),  # the empty one: credentials come from our headers, never from URLs
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
                follow_redirects=False,
                headers={"User-Agent": f"catalogsync/{__version__}", "Accept": "application/json"},
                limits=limits,
                timeout=httpx2.Timeout(connect=timeouts.connect, write=timeouts.write, read=timeouts.read, pool=None),
                verify=_trust(),
            )
        except (ValueError, ImportError, OSError, httpx2.InvalidURL) as error:
            raise UsageMistakeError(
                f"The network settings of the environment cannot be used ({type(error).__name__}).",
                hint="Check HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR.",
            ) from error
        self._headers = self._client.headers.raw
        self._extensions = {"timeout": self._client.timeout.as_dict()}

    async def send(self, request: Request) -> Answer:
        """The answer, whatever its status.

        Raises UnreachableError when the request certainly did not arrive and AnswerLostError when it may have.
        """
        with self._ours(request.url):
            async with timeout(self._total):  # an answer may come a byte at a time for ever
                response = await self._client.send(self._built(request))
        return _answer(response, response.content)

    async def receive(self, request: Request, take: Callable[[bytes], None]) -> Answer:
        """The answer without its body: that of a success is handed to `take` as it comes, any other is not read.

        What `take` raises ends it. Raises UnreachableError, AnswerLostError.
        """
        with self._ours(request.url):
            async with self._client.stream(request.method, request.url, headers=dict(request.headers)) as response:
                answer = _answer(response, b"")
                if answer.succeeded:
                    async for piece in response.aiter_raw():
                        take(piece)
        return answer

    def _built(self, request: Request) -> httpx2.Request:
        """The library's own builder merges, copies and parses anew for each call what is the same for all of them."""
        url = _parsed(request.url)
        if request.params:
            url = url.copy_with(params=request.params)
        content, of_content = _content_of(request)
        headers = [*self._headers, *_encoded(request.headers), *of_content]
        return httpx2.Request(
            request.method, url, headers=[(b"Host", url.netloc), *headers], stream=content, extensions=self._extensions
        )

    @contextmanager
    def _ours(self, url: str) -> Iterator[None]:
        """The library's exceptions as ours."""
        try:
            yield
        except _NEVER_ARRIVED as error:
            raise UnreachableError(f"No connection to {_host(url)}: {_reason(error)}.", hint=self._way_out) from error
        except (httpx2.HTTPError, httpx2.StreamError, OSError) as error:
            raise AnswerLostError(
                f"The answer of {_host(url)} was lost: {_reason(error)}. The request may have had its effect.",
                hint="Run again: what happened is found out by reading before anything is repeated.",
            ) from error

    async def aclose(self) -> None:
        await self._client.aclose()


class _Streamed(httpx2.AsyncByteStream):
    """A body in pieces, which whoever made it closes."""

    def __init__(self, pieces: AsyncIterable[bytes]) -> None:
        self._pieces = pieces

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._pieces)


def _content_of(request: Request) -> tuple[httpx2.AsyncByteStream, Headers]:
    """The body, and the headers that tell of it; those of a stream are the request's own."""
    if request.stream is not None:
        return _Streamed(request.stream), ()
    content, kind = b"", ""
    if request.form:
        boundary = new_boundary()
        content = f"{text_parts(boundary, request.form.items())}{end_of(boundary)}".encode()
        kind = content_type_of(boundary)
    elif request.json is not None:
        content = json.dumps(request.json, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        kind = "application/json"
    headers = {"Content-Type": kind} if kind else {}
    if kind or request.method in _WITH_BODY:
        headers["Content-Length"] = str(len(content))
    return httpx2.ByteStream(content), _encoded(headers)


def _encoded(headers: Mapping[str, str]) -> Headers:
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]


@lru_cache(maxsize=64)
def _parsed(url: str) -> httpx2.URL:
    """Most calls go to few URLs, and parsing one costs as much as sending it."""
    return httpx2.URL(url)


def _answer(response: httpx2.Response, body: bytes) -> Answer:
    return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)


@cache
def _trust() -> ssl.SSLContext:
    """One TLS context for all pools: making one reads the whole certificate store (25 ms)."""
    return httpx2.create_ssl_context()


def _host(url: str) -> str:
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        return "the given address"
    return f"{parsed.host}:{parsed.port}" if parsed.port else parsed.host


def _reason(error: Exception) -> str:
    words = str(error).strip().rstrip(".")
    if isinstance(error, httpx2.TimeoutException | TimeoutError):
        return "timed out"
    return words or type(error).__name__
