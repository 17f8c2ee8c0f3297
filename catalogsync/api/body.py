"""The multipart body of a file upload: streamed from disk with flat memory, digested on the way, replayable."""

from __future__ import annotations

import asyncio
import hashlib
import stat
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, closing, suppress
from io import FileIO
from pathlib import Path
from typing import Any, TypeVar

from catalogsync.api.multipart import content_type_of, end_of, file_head, new_boundary, text_parts
from catalogsync.api.trailing import TrailingMd5
from catalogsync.errors import UploadRefusedError
from catalogsync.model.remote import UploadForm

T = TypeVar("T")

CHUNK = 1 << 20  # bytes: with smaller ones the loop, not the network, is the limit
CHANGED = "FileChanged"
SHORTER = "it became shorter"
OTHER = "its content is another one"


class FileBody:
    """A form and a file as one multipart body of known length. Its fields go first, in their order, `file` last.

    `pieces()` is one pass over it; call it again to send it again, and `md5()` after a complete pass. Raises
    UploadRefusedError with code "FileChanged" when the file cannot be read or is not the one of `sha256`.
    """

    def __init__(self, form: UploadForm, path: str, *, sha256: str, progress: Callable[[int], None] | None) -> None:
        self._md5 = TrailingMd5()
        self._path = path
        self._sha256 = sha256.lower()
        self._progress = progress
        self._size = self._size_on_disk()
        self._ready = b""
        boundary = new_boundary()
        self._head = f"{text_parts(boundary, form.fields)}{file_head(boundary, 'file', Path(path).name)}".encode()
        self._tail = f"\r\n{end_of(boundary)}".encode()
        self.headers = {
            "Content-Type": content_type_of(boundary),
            "Content-Length": str(len(self._head) + self._size + len(self._tail)),
        }

    async def prepare(self) -> None:
        """Read a small file while other uploads have the line. What is wrong with it is raised when it is sent."""
        if self._size <= CHUNK:
            with suppress(UploadRefusedError):
                self._ready = await self._reading(_started(self._whole))

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        if self._size <= CHUNK:
            ready, self._ready = self._ready, b""
            yield ready or await self._reading(_started(self._whole))
            self._tell(self._size)
            return
        yield self._head
        sent = 0
        async with aclosing(self._chunks()) as chunks:
            async for chunk in chunks:
                yield chunk
                sent += len(chunk)
                self._tell(sent)
        # Held back until the digest is known: a file that the plan did not see never becomes an object.
        yield self._tail

    async def md5(self) -> str:
        """The MD5 of what the last pass sent; "" when the file has changed before it could be computed."""
        trailing = await self._md5.hexdigest()
        return trailing or await asyncio.to_thread(_md5_on_disk, self._path, self._sha256)

    async def aclose(self) -> None:
        """Stop digesting in the background."""
        self._md5.give_up()
        await self._md5.hexdigest()

    def _tell(self, sent: int) -> None:
        if sent and self._progress is not None:
            self._progress(sent)

    def _whole(self) -> bytes:
        """All of a small body, made in one visit of a thread: each one costs as much as reading some 100 KiB."""
        with self._open() as file:
            content = file.read(self._size)
        if len(content) < self._size:
            raise self._changed(SHORTER)
        if hashlib.sha256(content).hexdigest() != self._sha256:
            raise self._changed(OTHER)
        self._md5 = TrailingMd5()
        self._md5.digest(content)
        return b"".join((self._head, content, self._tail))

    async def _chunks(self) -> AsyncGenerator[bytes, None]:
        """While one chunk is being sent, the next one is read and digested in a thread."""
        sha256 = hashlib.sha256()
        self._md5 = TrailingMd5()
        with closing(await self._reading(asyncio.to_thread(self._open))) as file:
            left = self._size
            ahead = _started(_read, file, left, sha256)
            try:
                while left:
                    chunk = await self._reading(ahead)
                    if not chunk:
                        raise self._changed(SHORTER)
                    left -= len(chunk)
                    ahead = _started(_read, file, left, sha256)
                    self._md5.feed(chunk)
                    yield chunk
            finally:
                await asyncio.gather(ahead, return_exceptions=True)
        if sha256.hexdigest() != self._sha256:
            raise self._changed(OTHER)

    def _size_on_disk(self) -> int:
        try:
            found = Path(self._path).stat()
        except OSError as error:
            raise self._changed(_reason(error)) from error
        if not stat.S_ISREG(found.st_mode):
            raise self._changed("it is not a file")
        return found.st_size

    def _open(self) -> FileIO:
        return FileIO(self._path)

    async def _reading(self, work: Awaitable[T]) -> T:
        try:
            return await work
        except OSError as error:
            raise self._changed(_reason(error)) from error

    def _changed(self, how: str) -> UploadRefusedError:
        return UploadRefusedError(
            f"{self._path} changed since it was planned: {how}. It was not uploaded.",
            status=0,
            code=CHANGED,
            hint="Make a new plan with the file as it is now.",
        )


def _started(work: Callable[..., T], *arguments: Any) -> asyncio.Future[T]:
    return asyncio.get_running_loop().run_in_executor(None, work, *arguments)


def _read(file: FileIO, left: int, digest: Any) -> bytes:
    chunk = file.read(min(CHUNK, left)) if left else b""
    digest.update(chunk)
    return chunk


def _md5_on_disk(path: str, sha256: str) -> str:
    digest, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    try:
        with FileIO(path) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                md5.update(chunk)
    except OSError:
        return ""
    return md5.hexdigest() if digest.hexdigest() == sha256 else ""


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
