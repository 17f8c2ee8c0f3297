"""The cache of file digests, kept in the state's file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from catalogsync.model.files import CachedDigest


class DigestCache:
    """Looks rows up one by one, so that a large cache costs no memory; what is put waits for `flush`."""

    def __init__(
        self, find: Callable[[str], CachedDigest | None], write: Callable[[Mapping[str, CachedDigest]], None]
    ) -> None:
        self._find = find
        self._write = write
        self._pending: dict[str, CachedDigest] = {}

    def get(self, path: str) -> CachedDigest | None:
        return self._pending.get(path) or self._find(path)

    def put(self, path: str, digest: CachedDigest) -> None:
        self._pending[path] = digest

    def flush(self) -> None:
        """Raises StateError; what was collected is then lost, which costs a hash and nothing else."""
        pending, self._pending = self._pending, {}
        if pending:
            self._write(pending)
