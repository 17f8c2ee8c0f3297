"""Checks files before any call is made: a wrong file costs credits only after it was uploaded."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import lru_cache

from catalogsync.assets.content import FORMATS, HEAD, looks_like
from catalogsync.assets.gltf import glb_fault, gltf_fault
from catalogsync.assets.rules import assets_of, not_a_file, problem, unreadable
from catalogsync.errors import Problem
from catalogsync.model.catalog import Asset, Catalog
from catalogsync.model.formats import extension_of

_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


def check_files(catalog: Catalog) -> tuple[Problem, ...]:
    """Every problem of the catalog's files, each file opened once.

    A file must exist in the spelling of the manifest, be a regular, readable file with content, begin like its
    extension says, be as long as it says, not be a Git LFS pointer and not need files beside it.
    """
    folders = _Folders()
    return tuple(problem for asset in assets_of(catalog) for problem in _problems(asset, catalog.root, folders))


class _Folders:
    """The names in folders, each read once."""

    def __init__(self) -> None:
        self.names = lru_cache(maxsize=None)(self._read)

    @staticmethod
    def _read(folder: str) -> frozenset[str]:
        try:
            with os.scandir(folder) as entries:
                return frozenset(entry.name for entry in entries)
        except OSError:
            return frozenset()

    def spelling(self, path: str, root: str) -> str:
        """`path` below `root` as the disk spells it, letter case ignored; "" when there is no such file."""
        if not path.startswith(root.rstrip("/") + "/"):
            return ""
        found = root.rstrip("/")
        for part in path[len(found) + 1 :].split("/"):
            names = self.names(found or "/")
            same = [part] if part in names else [name for name in names if name.casefold() == part.casefold()]
            if not same:
                return ""
            found = f"{found}/{same[0]}"
        return found


def _problems(asset: Asset, root: str, folders: _Folders) -> Iterator[Problem]:
    try:
        head, status = _beginning(asset.path)
    except OSError as error:
        yield _misspelled(asset, root, folders) or unreadable(asset, error)
        return
    folder, _, name = asset.path.rpartition("/")
    if name not in folders.names(folder or "/") and (wrong := _misspelled(asset, root, folders)):
        yield wrong
    if not stat.S_ISREG(status.st_mode):
        yield not_a_file(asset)
    elif not status.st_size:
        yield problem(asset, "asset-empty", "is empty", "export or copy the file again")
    elif head.startswith(_LFS_POINTER):
        yield problem(asset, "asset-lfs-pointer", "is a Git LFS pointer, not the file", "run: git lfs pull")
    else:
        yield from _content_problems(asset, head, status.st_size)


def _beginning(path: str) -> tuple[bytes, os.stat_result]:
    """The first bytes of a regular file (none of anything else) and its status. Never waits for a pipe's writer."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        return os.read(descriptor, HEAD) if stat.S_ISREG(status.st_mode) else b"", status
    finally:
        os.close(descriptor)


def _misspelled(asset: Asset, root: str, folders: _Folders) -> Problem | None:
    spelled = folders.spelling(asset.path, root)
    if spelled in {"", asset.path}:
        return None
    message = f"is spelled {spelled.removeprefix(root).lstrip('/')} on disk"
    return problem(asset, "asset-letter-case", message, "use the same capital letters in both")


def _content_problems(asset: Asset, head: bytes, size: int) -> Iterator[Problem]:
    extension = extension_of(asset.path)
    wanted = FORMATS.get(extension)
    if wanted is None:
        return
    if not wanted.holds(head, size):
        actual = looks_like(head)
        message = f"is not {wanted.label}" + (f": it looks like {actual}" if actual else "")
        yield problem(asset, "asset-content", message, "give it the extension of its format, or export it again")
        return
    try:
        fault = _closer_look(asset.path, extension, head, size)
    except OSError as error:
        yield unreadable(asset, error)
        return
    if fault:
        yield problem(asset, *fault)


def _closer_look(path: str, extension: str, head: bytes, size: int) -> tuple[str, str, str] | None:
    if extension == ".glb":
        return glb_fault(head, size)
    return gltf_fault(path) if extension == ".gltf" else None
