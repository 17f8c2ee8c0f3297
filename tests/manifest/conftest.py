"""A folder to write manifests into, as the current directory, and short ways to load from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from catalogsync.errors import ManifestError
from catalogsync.manifest import Loaded, load

Files = Mapping[str, str | bytes]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    below = tmp_path / "shop"
    below.mkdir()
    monkeypatch.chdir(below)
    return below


@pytest.fixture
def write(folder: Path) -> Callable[[Files], None]:
    def write_files(files: Files) -> None:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return write_files


@pytest.fixture
def loaded(write) -> Callable[..., Loaded]:
    def load_text(text: str, **files: str) -> Loaded:
        write({"catalog.yaml": text, **files})
        return load([Path("catalog.yaml")])

    return load_text


@pytest.fixture
def problems(write) -> Callable[..., list[str]]:
    """What a load says, each problem as a line: the errors it raises, or the warnings it returns."""

    def say(files: Files, *paths: str, **options: bool) -> list[str]:
        write(files)
        try:
            found = load([Path(path) for path in paths or ("catalog.yaml",)], **options).warnings
        except ManifestError as error:
            found = error.problems
        return [str(problem) for problem in found]

    return say
