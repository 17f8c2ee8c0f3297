"""The outermost layer: tidies the path, plays faults, writes the request log."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from catalogsync.sandbox.bucket import error_response
from catalogsync.sandbox.context import Sandbox
from catalogsync.sandbox.faults import PLAYED_BY_HANDLERS, S3_CODES, Rule
from catalogsync.sandbox.policy import BucketError
from catalogsync.sandbox.store import insert

CONTROL = "/sandbox/"
LINGER_NOT = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Trail:
    """What the request log says about one request; handlers fill in key kind and credits."""

    status: int | None = None
    key: str | None = None
    credits: int | None = None
    fault: str | None = None


class Gate:
    """Wraps the routes. `charge(trail, authorization)` takes the credit of a call that a fault answers."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox, charge: Callable[[Trail, str], None]) -> None:
        self._app, self._sandbox, self._charge = app, sandbox, charge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The documented Zapier paths begin with two slashes.
        scope["path"] = "/" + scope["path"].lstrip("/")
        if scope["path"].startswith(CONTROL):
            return await self._app(scope, receive, send)
        trail = scope["trail"] = Trail()
        rule = self._sandbox.faults.take(scope["method"], scope["path"], scope["query_string"].decode("latin-1"))
        try:
            # A client that left in the middle is nobody's error.
            with contextlib.suppress(ClientDisconnect):
                await self._pass(rule, scope, receive, noting(trail, send))
        finally:
            self._log(scope, trail)
        return None

    async def _pass(self, rule: Rule | None, scope: Scope, receive: Receive, send: Send) -> None:
        if rule is None:
            return await self._app(scope, receive, send)
        scope["trail"].fault = rule.name or rule.do
        if rule.do in PLAYED_BY_HANDLERS:
            scope["fault"] = rule
            return await self._app(scope, receive, send)
        if rule.do == "delay":
            await asyncio.sleep(rule.seconds)
            return await self._app(scope, receive, send)
        if rule.do in ("reset", "cut"):
            if rule.do == "cut":
                await receive()
            return await drop(scope, receive, reset=True)
        if rule.do == "lose":
            await self._app(scope, receive, noting(scope["trail"], swallow))
            return await drop(scope, receive, reset=False)
        await drain(receive)
        if scope["path"].startswith("/v1/"):
            self._charge(scope["trail"], header(scope, b"authorization"))
        return await refusal(rule)(scope, receive, send)

    def _log(self, scope: Scope, trail: Trail) -> None:
        query = scope["query_string"].decode("latin-1")
        request = {"at": self._sandbox.clock.now(), "method": scope["method"], "path": scope["path"], "query": query}
        with self._sandbox.store.transaction() as db:
            insert(db, "log", **request, **asdict(trail))


def noting(trail: Trail, send: Send) -> Send:
    """`send`, remembering the status that passes through."""

    async def noted(message: Message) -> None:
        if message["type"] == "http.response.start":
            trail.status = message["status"]
        await send(message)

    return noted


async def swallow(message: Message) -> None:
    """The answer that nobody gets."""


def refusal(rule: Rule) -> Response:
    """The answer of a `status` or `s3` rule."""
    if rule.do == "s3":
        code = rule.code or S3_CODES.get(rule.status, "InternalError")
        answer = error_response(BucketError(rule.status, code, rule.body or "Please reduce your request rate."))
        answer.headers.update(rule.headers)
        return answer
    kind = "application/json" if rule.body.lstrip().startswith("{") else "text/html"
    return Response(rule.body, rule.status, rule.headers, media_type=kind)


async def drain(receive: Receive) -> None:
    """Read a request's body to its end, so that the client is listening when the answer comes."""
    message: Message = {"more_body": True}
    while message.get("more_body", False):
        message = await receive()


async def drop(scope: Scope, receive: Receive, *, reset: bool) -> None:
    """Cut the connection: with a TCP reset, or simply closed."""
    transport: asyncio.Transport = scope["state"]["transport"]
    connection: socket.socket | None = transport.get_extra_info("socket")
    if reset and connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
    transport.abort()
    message: Any = {"type": ""}
    while message["type"] != "http.disconnect":
        message = await receive()


def header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
