"""Finds and reads the files of a manifest: the given ones, and what they include."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from glob import glob, has_magic
from pathlib import Path

from catalogsync.errors import Place
from catalogsync.manifest.csvfile import read_csv
from catalogsync.manifest.reader import read_yaml
from catalogsync.manifest.report import Report
from catalogsync.manifest.scalars import Shape
from catalogsync.manifest.schema import check, document_shape
from catalogsync.manifest.tree import Block, Items, place_of

YAML_EXTENSIONS = (".yaml", ".yml")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Source:
    """One file that was read. `given` ones were named by the user, the others were included.

    `sound` says that all around the items keeps the schema; `wrong` holds, by item list, the indexes of items that do
    not.
    """

    file: str
    folder: str
    given: bool
    tree: Block
    sound: bool = False
    wrong: dict[str, set[int]] = field(default_factory=dict)

    def place(self, packed: int) -> Place:
        return place_of(self.file, packed)


def display_name(path: str) -> str:
    """A path as messages show it: relative when it is below the current directory."""
    here = str(Path.cwd())
    return os.path.relpath(path, here) if path.startswith(here.rstrip(os.sep) + os.sep) else path


def is_inside(path: str, root: str) -> bool:
    """Whether `path`, symbolic links resolved, is below the resolved folder `root`."""
    real = os.path.realpath(path)
    return real == root or real.startswith(root.rstrip(os.sep) + os.sep)


class Sources:
    """Reads files depth first, each once. `root` is the folder of the first given file."""

    def __init__(self, report: Report, *, allow_outside: bool) -> None:
        self.root = ""
        self.found: list[Source] = []
        self._report = report
        self._allow_outside = allow_outside
        self._given: set[str] = set()
        self._seen: set[str] = set()
        self._shape: Shape = document_shape()

    def read(self, paths: Sequence[Path]) -> None:
        """Read the given files and everything they include."""
        files = [file for path in paths for file in self._files_of(path)]
        if files:
            self.root = str(Path(files[0]).parent)
        self._given = {os.path.realpath(file) for file in files}
        for file in files:
            self._read(file, ())

    def _files_of(self, path: Path) -> list[str]:
        """The files that a given path means: itself, or the YAML files of a folder, sorted."""
        absolute = os.path.normpath(path.absolute())
        if not path.is_dir():
            return [absolute]
        files = sorted(str(file) for file in Path(absolute).iterdir() if file.name.endswith(YAML_EXTENSIONS))
        if not files:
            fix = "name a manifest file, or write catalog.yaml there"
            self._lost("file-missing", Place(display_name(absolute)), "the folder holds no *.yaml or *.yml file", fix)
        return files

    def _lost(self, rule: str, place: Place, message: str, fix: str) -> None:
        """Note that a file of the manifest is not there or cannot be read: what it names is not known."""
        self._report.incomplete = True
        self._report.add(rule, place, message, fix)

    def _read(self, path: str, chain: tuple[str, ...]) -> None:
        real = os.path.realpath(path)
        if real in self._seen:
            return
        self._seen.add(real)
        source = self._parse(path, given=real in self._given)
        if source is None:
            self._report.incomplete = True
            return
        source.tree = self._shape.apply(source.tree, 0)
        source.sound, source.wrong = check(source.tree, source.file, self._report)
        self.found.append(source)
        self._include(source, (*chain, real))

    def _parse(self, path: str, *, given: bool) -> Source | None:
        file = display_name(path)
        data = self._bytes(path, file)
        if data is None:
            return None
        reader = _Reading(file, self._report)
        if path.endswith(YAML_EXTENSIONS):
            tree = read_yaml(data, reader.note)
        elif path.lower().endswith(".csv"):
            tree = read_csv(data.decode(), reader.note)
        else:
            self._report.add(
                "file-type", Place(file), "the file is not .yaml, .yml or .csv", "rename it or leave it out"
            )
            return None
        return Source(file, str(Path(path).parent), given, tree) if tree is not None else None

    def _bytes(self, path: str, file: str) -> bytes | None:
        """The content without a byte order mark, when it is UTF-8."""
        try:
            data = Path(path).read_bytes().removeprefix(_BYTE_ORDER_MARK)
        except FileNotFoundError:
            fix = "name another with -f, or write it"
            self._report.add("file-missing", Place(file), "there is no such file", fix)
            return None
        except OSError as error:
            reason = error.strerror or str(error)
            self._report.add(
                "file-unreadable", Place(file), f"the file cannot be read: {reason}", "check its permissions"
            )
            return None
        try:
            data.decode()
        except UnicodeDecodeError as error:
            self._note_encoding(file, data, error.start)
            return None
        return data

    def _note_encoding(self, file: str, data: bytes, offset: int) -> None:
        before = data[:offset].decode()
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        what = "the file is UTF-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "the text is not UTF-8 here"
        self._report.add("encoding", place, what, "save the file as UTF-8")

    def _include(self, source: Source, chain: tuple[str, ...]) -> None:
        patterns = source.tree.get("include")
        if not isinstance(patterns, Items):
            return
        for pattern, packed in zip(patterns, patterns.marks, strict=True):
            if isinstance(pattern, str) and pattern:
                for path in self._matches(source, pattern, source.place(packed)):
                    self._include_one(path, source.place(packed), chain)

    def _matches(self, source: Source, pattern: str, place: Place) -> list[str]:
        """The files an include means, absolute and sorted. A glob does not match the file it is written in."""
        many = has_magic(pattern)
        names = [pattern]
        if many:
            names = sorted(glob(pattern, root_dir=source.folder, recursive=True))  # noqa: PTH207 - Path.glob takes hidden files too
        paths = [os.path.normpath(Path(source.folder, name)) for name in names]
        paths = [path for path in paths if Path(path).is_file() and not (many and display_name(path) == source.file)]
        if not paths:
            what = "no file matches" if many else "there is no file"
            self._lost("include-missing", place, f'{what} "{pattern}"', "correct the path; it is relative to this file")
        return paths

    def _include_one(self, path: str, place: Place, chain: tuple[str, ...]) -> None:
        real = os.path.realpath(path)
        if real in chain:
            names = " includes ".join(display_name(file) for file in (*chain[chain.index(real) :], real))
            self._report.add("include-cycle", place, f"files include each other: {names}", "remove one of the includes")
        elif not self._allow_outside and not is_inside(path, os.path.realpath(self.root)):
            message = f"{display_name(path)} is outside the manifest's folder"
            self._lost("include-outside", place, message, "move it below that folder, or pass --allow-outside")
        else:
            self._read(path, chain)


@dataclass(slots=True)
class _Reading:
    """Puts the problems of one file into the report."""

    file: str
    report: Report

    def note(self, rule: str, packed: int, message: str, fix: str) -> None:
        place = place_of(self.file, packed) if rule != "empty-file" else Place(self.file)
        self.report.add(rule, place, message, fix)
