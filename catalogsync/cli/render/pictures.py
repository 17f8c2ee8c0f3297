"""Thumbnails inside a page: small files as data, as far as a budget goes, and only what the plan was made from."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from catalogsync.plan.changes import PlannedFile

LARGEST = 150_000  # bytes of one picture
BUDGET = 2_000_000  # bytes of all
_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class Pictures:
    """Collects `data:` URLs, each once. `left_out` counts files that were too large or came too late."""

    def __init__(self, folder: Path) -> None:
        self.urls: list[str] = []
        self.left_out = 0
        self._folder = folder
        self._known: dict[str, int] = {}
        self._left = BUDGET

    def position(self, file: PlannedFile | None) -> int:
        """Where the file's picture is in `urls`, -1 when it is not shown."""
        if file is None:
            return -1
        if file.sha256 not in self._known:
            self._known[file.sha256] = self._add(file)
        return self._known[file.sha256]

    def _add(self, file: PlannedFile) -> int:
        if file.size > min(LARGEST, self._left):
            self.left_out += 1
            return -1
        content = _content(self._folder / file.path, file)
        kind = next((kind for magic, kind in _TYPES.items() if content.startswith(magic)), "")
        if not kind:
            return -1
        self._left -= len(content)
        self.urls.append(f"data:{kind};base64,{b64encode(content).decode('ascii')}")
        return len(self.urls) - 1


def _content(path: Path, file: PlannedFile) -> bytes:
    """The file as it was planned: another one in its place, or none, is no content."""
    try:
        content = path.read_bytes() if path.stat().st_size == file.size else b""
    except (OSError, ValueError):
        return b""
    return content if sha256(content).hexdigest() == file.sha256 else b""
