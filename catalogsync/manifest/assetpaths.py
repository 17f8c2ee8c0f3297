"""Where the files that a manifest names are, and whether they stay in its folder. Reads folders, never files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache

from catalogsync.errors import Place
from catalogsync.manifest.report import Report
from catalogsync.manifest.sources import display_name, is_inside
from catalogsync.model.catalog import Asset
from catalogsync.model.formats import MODEL_EXTENSIONS, THUMBNAIL_EXTENSIONS, extension_of

_EXTENSIONS = {"model": MODEL_EXTENSIONS, "thumbnail": THUMBNAIL_EXTENSIONS}


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder of assets: whether it is inside, and the names in it that are symbolic links."""

    inside: bool
    links: frozenset[str]


class AssetPaths:
    """Resolves asset paths. Each folder is read once, so that 100,000 files cost no system call each."""

    def __init__(self, root: str, report: Report, *, allow_outside: bool) -> None:
        self._root = os.path.realpath(root)
        self._report = report
        self._allow_outside = allow_outside
        self._folder = lru_cache(maxsize=None)(self._look_into)

    def asset(self, kind: str, folder: str, written: str, place: Place) -> Asset | None:
        """The model or thumbnail written as `written` in a file of `folder`; None when it cannot be used."""
        if "://" in written:
            message = f"`{kind}` is the URL {written}: files on other hosts are not supported yet"
            self._report.add("asset-remote", place, message, "download the file and write its path")
            return None
        path = _joined(folder, written)
        extension, allowed = extension_of(path), _EXTENSIONS[kind]
        if extension not in allowed:
            message = f'`{kind}` is a "{extension}" file' if extension else f"`{kind}` has no extension"
            self._report.add(f"{kind}-extension", place, message, f"use one of: {', '.join(sorted(allowed))}")
            return None
        if not self._allow_outside and not self._stays_inside(path):
            message = f"{display_name(path)} is outside the manifest's folder"
            self._report.add("asset-outside", place, message, "move it below that folder, or pass --allow-outside")
            return None
        return Asset(written, path, place)

    def _stays_inside(self, path: str) -> bool:
        head, _, name = path.rpartition("/")
        folder = self._folder(head or "/")
        return is_inside(path, self._root) if name in folder.links else folder.inside

    def _look_into(self, folder: str) -> _Folder:
        try:
            with os.scandir(folder) as entries:
                links = frozenset(entry.name for entry in entries if entry.is_symlink())
        except OSError:
            links = frozenset()
        return _Folder(is_inside(folder, self._root), links)


def _joined(folder: str, written: str) -> str:
    """`written` below `folder`, without `.` and `..`; most paths have none and need only be put together."""
    if written[0] == "/" or "./" in written or "//" in written or written[-1] in "./":
        return os.path.normpath(written if written[0] == "/" else f"{folder}/{written}")
    return f"{folder}/{written}" if folder != "/" else f"/{written}"
