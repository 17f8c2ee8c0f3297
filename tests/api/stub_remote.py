"""A server of a few lines that answers from a script and remembers what it was asked."""

import asyncio
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from catalogsync.api import ApiSettings, ImagineClient
from catalogsync.api.zapier import ZapierClient

SECRET, PUBLIC, TOKEN = "sk_very-secret-0001", "pk_not-so-secret-0002", "zap-token-0003"


@dataclass
class Asked:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def query(self):
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def json(self):
        return json.loads(self.body)

    def parts(self):
        """The multipart body as (name, file name or None, content), in its order."""
        boundary = self.headers["content-type"].partition("boundary=")[2].encode()
        found = []
        for part in self.body.split(b"--" + boundary)[1:-1]:
            head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
            line = next(row for row in head.decode().split("\r\n") if "form-data" in row)
            names = dict(item.split("=", 1) for item in line.split("; ")[1:])
            file_name = names.get("filename")
            found.append((names["name"].strip('"'), file_name and file_name.strip('"'), content.removesuffix(b"\r\n")))
        return found


def told(status=200, body=b"", headers=None):
    """Raw bytes of an answer; a body that is not bytes is sent as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Length": str(len(raw)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + raw


CUT_OFF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"
HANG_UP = b""


@dataclass
class Stub:
    """`script` is a list of raw answers, used in order, or a function from what was asked to one.

    An answer that is cut off or empty closes the connection.
    """

    script: list[bytes] | Callable[[Asked], bytes]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    serving: set[asyncio.Task] = field(default_factory=set)

    async def __aenter__(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self.server.close()
        await asyncio.gather(*self.serving)

    async def _serve(self, reader, writer):
        self.serving.add(asyncio.current_task())
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                writer.write(answer := self._answer(await self._read(head.decode(), reader)))
                if answer in (CUT_OFF, HANG_UP):
                    break
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _read(self, head, reader):
        first, *lines = head.strip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        return Asked(method, target, headers, body)

    def _answer(self, asked):
        self.asked.append(asked)
        return self.script(asked) if callable(self.script) else self.script.pop(0)


@dataclass
class Pauses:
    """Stands in for sleeping: remembers how long, and does not."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds):
        self.seconds.append(seconds)


@dataclass
class Talk:
    """What a conversation with a stub came to."""

    value: object
    error: Exception | None
    asked: list[Asked]
    pauses: list[float]
    spent: int | None
    available: int | None


def settings_for(url, **changes):
    keys = {"origin": "shop.example", "secret_key": SECRET, "public_key": PUBLIC, "zapier_token": TOKEN}
    return ApiSettings(**{"url": url, "zapier_url": url, **keys, **changes})


def closed_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


async def converse(act, script, *, zapier, **changes):
    pauses = Pauses()
    kind = ZapierClient if zapier else ImagineClient
    async with (
        Stub(script) as stub,
        kind(settings_for(stub.url, **changes), sleep=pauses, random=lambda: 0.0) as client,
    ):
        value, error = None, None
        try:
            value = await act(client)
        except Exception as caught:  # noqa: BLE001 - tests look at every error there may be
            error = caught
        meter = getattr(client, "credits", None)
        return Talk(value, error, stub.asked, pauses.seconds, meter and meter.spent, meter and meter.available)
