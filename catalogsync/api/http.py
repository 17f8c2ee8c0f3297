"""The one door to the HTTP library: requests out, answers in, every foreign exception turned into ours.

No redirect is followed, no cookie kept, no netrc read. Proxies of the environment are honoured.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import httpx2

from catalogsync import __version__
from catalogsync.api.answers import Answer
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
_KEEP_ALIVE = 20.0  # seconds: below the idle limits of usual load balancers, so that a reused connection is alive


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to connect, to hand over one chunk, and to wait for the next bytes of an answer."""

    connect: float = 10.0
    write: float = 60.0
    read: float = 90.0


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

    async def send(self, request: Request) -> Answer:
        """The answer, whatever its status.

        Raises UnreachableError when the request certainly did not arrive and AnswerLostError when it may have.
        """
        with self._ours(request.url):
            built = self._client.build_request(
                request.method,
                request.url,
                headers=dict(request.headers),
                params=request.params,
                files={name: (None, value) for name, value in request.form.items()} if request.form else None,
                json=request.json,
                content=request.stream,
            )
            if request.form:
                await built.aread()  # a form that is not read before goes out in five packets for each field
            response = await self._client.send(built)
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
    if isinstance(error, httpx2.TimeoutException):
        return "timed out"
    return words or type(error).__name__
