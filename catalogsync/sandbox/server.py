"""Starting, finding and ending a server: one living server for each data folder.

Who serves a folder holds an exclusive lock on `server.lock` and has written `server.json` (`url`, `pid`); the lock
ends with its process, so what a killed one left behind is never mistaken for a living server. Who joins it holds a
shared lock on `guests.lock`: a server in a thread ends with the last of its guests, so that none of two commands that
run at once is left without a remote.
"""

import asyncio
import contextlib
import fcntl
import http.client
import json
import logging
import os
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from catalogsync.sandbox.app import make_app
from catalogsync.sandbox.bucket import clear_parts
from catalogsync.sandbox.clock import Clock
from catalogsync.sandbox.context import Sandbox, objects_folder
from catalogsync.sandbox.errors import SandboxError, SandboxInUseError
from catalogsync.sandbox.settings import PREFERRED_PORT, Endpoints, SandboxSettings
from catalogsync.sandbox.signing import Signer
from catalogsync.sandbox.store import Store, connect, read_meta
from catalogsync.sandbox.worker import Worker

_log = logging.getLogger("catalogsync.sandbox")
GUESTS = "guests.lock"
HOST = "127.0.0.1"
BACKLOG = 2048
KEEP_ALIVE_SECONDS = 75
GRACE_SECONDS = 2
JOIN_SECONDS = 15.0
POLL_SECONDS = 0.02
TICK_SECONDS = 1.0


@contextmanager
def embedded(settings: SandboxSettings) -> Iterator[Endpoints]:
    """Serve from a thread until the last guest has gone, or join the living server of the data folder."""
    with claimed(settings.data) as living:
        if living is not None:
            yield living
            return
        with open_lock(settings.data, GUESTS) as guests, prepared(settings) as (server, listener, endpoints):
            thread = threading.Thread(target=server.run, args=([listener],), name="sandbox", daemon=True)
            thread.start()
            while not server.accepting.wait(POLL_SECONDS):
                if not thread.is_alive():
                    raise SandboxError("The sandbox's server ended while it was starting.")
            try:
                with contextlib.ExitStack() as leaving:
                    leaving.callback(wait_for_the_last, guests)
                    yield endpoints
            finally:
                server.end()
                thread.join()


def foreground(settings: SandboxSettings, ready: Callable[[Endpoints], None]) -> None:
    """Serve in this thread until SIGTERM or SIGINT."""
    with claimed(settings.data) as living:
        if living is not None:
            raise SandboxInUseError(f"{settings.data} is already served at {living.url}.")
        with prepared(settings) as (server, listener, endpoints), signals_end(server):
            server.on_accepting = lambda: ready(endpoints)
            server.run([listener])


@contextmanager
def claimed(data: Path) -> Iterator[Endpoints | None]:
    """None when this block now owns the folder, else its living server; one that is starting or ending is awaited."""
    deadline = time.monotonic() + JOIN_SECONDS
    with open_lock(data) as file:
        while not locks(file):
            with open_lock(data, GUESTS) as guests:
                living = living_endpoints(data) if locks(guests, fcntl.LOCK_SH) else None
                if living is not None:
                    yield living
                    return
            if time.monotonic() > deadline:
                raise SandboxError(f"{data} is locked by a process that does not answer.")
            time.sleep(POLL_SECONDS)
        yield None


@contextmanager
def usable(data: Path) -> Iterator[None]:
    """Inside, what the file system or SQLite refuses is a SandboxError that names the folder."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise SandboxError(f"The sandbox cannot use {data}: {why}.") from error


def wait_for_the_last(guests: IO[str]) -> None:
    """Return when no guest is left, and let nobody in from then on. An interrupt ends the wait."""
    if not locks(guests):
        _log.warning("Other commands use this sandbox: it ends with the last of them, or now with Ctrl-C.")
        fcntl.flock(guests, fcntl.LOCK_EX)


def open_lock(data: Path, name: str = "server.lock") -> IO[str]:
    with usable(data):
        data.mkdir(parents=True, exist_ok=True)
        return (data / name).open("w")


def open_store(settings: SandboxSettings) -> Store:
    with usable(settings.data):
        return Store(settings)


def locks(file: IO[str], kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def living_endpoints(data: Path) -> Endpoints | None:
    """The endpoints of the server named in server.json, when it answers there with this folder's id."""
    try:
        url = str(json.loads((data / "server.json").read_text())["url"])
        with contextlib.closing(connect(data / "sandbox.db")) as db:
            meta = read_meta(db)
        return endpoints_of(url, meta) if ask_health(url)["data_id"] == meta["data_id"] else None
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        return None


def ask_health(url: str) -> dict[str, Any]:
    with contextlib.closing(http.client.HTTPConnection(url.removeprefix("http://"), timeout=2)) as connection:
        connection.request("GET", "/sandbox/health")
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        return answer


@contextmanager
def prepared(settings: SandboxSettings) -> Iterator[tuple["SandboxServer", socket.socket, Endpoints]]:
    """A server ready to run on a bound socket; on the way out everything it opened is closed again."""
    with bind(settings.port) as listener, contextlib.closing(open_store(settings)) as store:
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        with store.transaction() as db:
            meta = read_meta(db)
        clear_parts(settings.data)
        worker = Worker(store, settings, objects_folder(settings))
        signer = Signer(meta["access_key"], meta["signing_secret"], meta["media_key"])
        sandbox = Sandbox(settings, url, meta["data_id"], store, Clock(store), signer, worker)
        worker.start()
        try:
            with announced(settings.data, url):
                yield SandboxServer(sandbox), listener, endpoints_of(url, meta)
        finally:
            worker.stop()


@contextmanager
def announced(data: Path, url: str) -> Iterator[None]:
    """`server.json` for as long as the block lasts."""
    note = data / "server.json"
    fresh = data / "server.json.new"
    with usable(data):
        fresh.write_text(json.dumps({"url": url, "pid": os.getpid()}))
        fresh.replace(note)
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def endpoints_of(url: str, meta: dict[str, str]) -> Endpoints:
    return Endpoints(url, url, meta["origin"], meta["secret_key"], meta["public_key"], meta["zapier_token"])


def bind(port: int | None) -> socket.socket:
    """A listening socket on loopback: the wanted port, or the preferred one, or any."""
    wanted = [PREFERRED_PORT, 0] if port is None else [port]
    for candidate in wanted:
        # asyncio switches Nagle's delay off (40 ms a call otherwise) only where the protocol is spelled out.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, candidate))
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
        else:
            return listener
    raise SandboxInUseError(f"Port {port} of {HOST} is taken.")


class Connection(H11Protocol):
    """uvicorn's connection, telling the application its transport: faults cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class SandboxServer(uvicorn.Server):
    """uvicorn without signal handlers of its own; `accepting` is set when connections are accepted."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(
            uvicorn.Config(
                make_app(sandbox),
                http=Connection,
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self.accepting = threading.Event()
        self.on_accepting: Callable[[], None] = lambda: None
        self._ending = asyncio.Event()
        self._running_in: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._running_in = asyncio.get_running_loop()
        self.accepting.set()
        self.on_accepting()

    def end(self) -> None:
        """Stop serving; may be called from any thread and from a signal handler, a second time to hurry."""
        self.force_exit = self.should_exit
        self.should_exit = True
        if self._running_in is not None:
            self._running_in.call_soon_threadsafe(self._ending.set)

    async def main_loop(self) -> None:
        """Uvicorn's loop, ending at once instead of at its next tick."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), TICK_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Uvicorn's shutdown, without its pauses when there is nobody to wait for."""
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)
        for server in self.servers:
            server.close()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def signals_end(server: SandboxServer) -> Iterator[None]:
    """SIGTERM and SIGINT end the server instead of the process; a second one does not wait for open connections."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        server.end()

    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, end) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
