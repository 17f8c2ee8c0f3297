"""Fetching images from media hosts. No key and no Origin is sent, no redirect followed, and no credit spent."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import random as _uniform
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self
from urllib.parse import urlsplit

from catalogsync.api.calls import Chance, Sleep
from catalogsync.api.retry import Patience, persist
from catalogsync.errors import RemoteError, ServerFaultError, UnexpectedAnswerError, UsageMistakeError

if TYPE_CHECKING:
    from catalogsync.api.http import Door

MIB = 1024 * 1024
LARGEST = 50 * MIB  # bytes of an image: a thumbnail has some hundred thousand
_WAY_OUT = "Check the network and the proxies of the environment (HTTPS_PROXY, NO_PROXY) on the way to the media host."
_HEADERS = {"Accept": "image/png, image/jpeg", "Accept-Encoding": "identity"}
_FAULTS = range(500, 600)
_REDIRECTS = range(300, 400)
# First bytes -> suffix. Sources: PNG (W3C), section 5.2; JPEG, ITU-T T.81, annex B (SOI and the marker after it).
_MAGIC = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg"}
_LONGEST_MAGIC = max(map(len, _MAGIC))


@dataclass(frozen=True, slots=True)
class Fetched:
    """Where an image is now, and whether it was there already with the same content."""

    path: Path
    there_before: bool


class MediaClient:
    """Fetches images to files. An async context manager."""

    def __init__(
        self,
        *,
        connections: int = 4,
        attempts: int = 3,
        backoff: float = 0.5,
        largest: int = LARGEST,
        sleep: Sleep = asyncio.sleep,
        random: Chance = _uniform,
    ) -> None:
        self._connections = connections
        self._patience = Patience(attempts, backoff, idempotent=True)
        self._largest = largest
        self._sleep = sleep
        self._random = random
        self._door: Door | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._door is not None:
            await self._door.aclose()
            self._door = None

    async def fetch_image(self, url: str, stem: Path, *, overwrite: bool = False) -> Fetched:
        """Fetch a PNG or JPEG to `stem` and the suffix of what it is, in one move.

        A file that is there stays when its content is the same. Raises UsageMistakeError when it is another's and
        `overwrite` is not set, or when it cannot be written; RemoteError when the host answers with anything but an
        image of at most `largest` bytes.
        """
        _refuse_url(url)
        with _beside(stem) as (file, path):
            suffix = await persist(
                lambda: self._receive(url, file), patience=self._patience, sleep=self._sleep, random=self._random
            )
            return _put(path, stem.with_name(stem.name + suffix), overwrite=overwrite)

    async def _receive(self, url: str, file: BinaryIO) -> str:
        """One try: the whole image in the file; returns its suffix."""
        from catalogsync.api.http import Request

        file.seek(0)
        file.truncate()
        taker = _Taker(file, self._largest)
        answer = await self._open().receive(Request("GET", url, _HEADERS), taker.take)
        if not answer.succeeded:
            raise _refusal(answer.status)
        file.flush()
        os.fsync(file.fileno())
        return taker.suffix()

    def _open(self) -> Door:
        if self._door is None:
            from catalogsync.api.http import Door, Timeouts

            self._door = Door(connections=self._connections, timeouts=Timeouts(), way_out=_WAY_OUT)
        return self._door


class _Taker:
    """Writes pieces to a file while they are an image that is not too large. Raises UnexpectedAnswerError."""

    def __init__(self, file: BinaryIO, largest: int) -> None:
        self._file = file
        self._left = largest
        self._largest = largest
        self._head = b""

    def take(self, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left < 0:
            raise UnexpectedAnswerError(f"The image is larger than {self._largest / MIB:.0f} MiB.")
        if len(self._head) < _LONGEST_MAGIC:
            self._head += piece[:_LONGEST_MAGIC]
            if len(self._head) >= _LONGEST_MAGIC:
                self.suffix()
        try:
            self._file.write(piece)
        except OSError as error:  # beyond here it would pass for a failure of the network
            raise UsageMistakeError(f"The image cannot be written: {error.strerror}.") from error

    def suffix(self) -> str:
        for magic, suffix in _MAGIC.items():
            if self._head.startswith(magic):
                return suffix
        raise UnexpectedAnswerError("What the media host sent is neither a PNG nor a JPEG image.")


@contextmanager
def _beside(stem: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A temporary file in the folder of `stem`, gone at the end. Raises UsageMistakeError when it cannot be written."""
    try:
        stem.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=stem.parent, prefix=f".{stem.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                yield file, Path(name)
        finally:
            with suppress(OSError):
                Path(name).unlink()
    except OSError as error:
        raise UsageMistakeError(
            f"{stem} cannot be written: {error.strerror}.", hint="Check the folder's permissions and the space left."
        ) from error


def _refuse_url(url: str) -> None:
    """Only plain web addresses: nothing local, and nobody's credentials in it."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        fits = False
    if not fits:
        raise UnexpectedAnswerError("The image's address is not one of the web (http or https).")


def _refusal(status: int) -> RemoteError:
    if status in _REDIRECTS:
        return UnexpectedAnswerError(f"The media host redirects (HTTP {status}), which is not followed.")
    if status in _FAULTS:
        return ServerFaultError(f"The media host failed (HTTP {status}).", status=status)
    return UnexpectedAnswerError(
        f"The media host refused the image (HTTP {status}).", hint="Its address may have expired: run again."
    )


def _put(fetched: Path, target: Path, *, overwrite: bool) -> Fetched:
    """Move the image to its place, unless the same is there."""
    if target.exists() or target.is_symlink():
        if target.is_file() and target.read_bytes() == fetched.read_bytes():
            return Fetched(target, there_before=True)
        if not overwrite:
            raise UsageMistakeError(f"{target} is there already with other content.", hint="Move it, or pass --force.")
    mask = os.umask(0)
    os.umask(mask)
    fetched.chmod(0o666 & ~mask)
    fetched.replace(target)
    return Fetched(target, there_before=False)
