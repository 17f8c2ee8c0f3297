"""What is remembered of a file on disk, so that an unchanged one is not read again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CachedDigest:
    """A file's digest and the look of the file when it was taken. Sizes in bytes, times in ns since 1970."""

    size: int
    mtime_ns: int
    inode: int
    sha256: str
    hashed_at_ns: int
