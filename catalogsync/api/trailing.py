"""An MD5 that trails behind an upload and never holds it up.

S3 answers with an MD5 to compare with, but MD5 (0.7 GB/s a core) is slower than SHA-256 (1.4 GB/s) and than fast
networks. On usual networks it is done when the upload is; on faster ones it is given up, and computed from the file
afterwards only when an answer asks for it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque

MOST_WAITING = 8  # chunks: bounds the memory of an upload


class TrailingMd5:
    """Feed it chunks as they are sent; ask for the digest once at the end."""

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._waiting: deque[bytes] = deque()
        self._working: asyncio.Task[None] | None = None
        self._given_up = False

    def feed(self, chunk: bytes) -> None:
        if self._given_up:
            return
        if len(self._waiting) >= MOST_WAITING:
            self.give_up()
            return
        self._waiting.append(chunk)
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())

    def digest(self, chunk: bytes) -> None:
        """At once, in the caller's own thread."""
        self._md5.update(chunk)

    def give_up(self) -> None:
        self._given_up = True
        self._waiting.clear()

    async def hexdigest(self) -> str:
        """The digest of everything that was fed, "" when it was given up."""
        if self._working is not None:
            await self._working
        return "" if self._given_up else self._md5.hexdigest()

    async def _work(self) -> None:
        while self._waiting:
            await asyncio.to_thread(self._md5.update, self._waiting.popleft())
