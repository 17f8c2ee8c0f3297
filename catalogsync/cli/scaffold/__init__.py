"""What `init` writes: the files of a new catalog, from the templates beside this module."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from catalogsync.errors import UsageMistakeError

TEMPLATES = Path(__file__).parent
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
IGNORED = (".catalogsync/", "plan*.json")  # the state, and saved plans
# Where a template of a pipeline goes, in the folder of the catalog.
PIPELINES: dict[str, dict[str, str]] = {
    "github": {".github/workflows/catalog.yml": "github-actions.yml"},
    "gitlab": {
        ".gitlab-ci.yml": "gitlab-ci.yml",
        "ci/catalogsync.gitlab-ci.yml": "catalogsync.gitlab-ci.yml",
    },
    "none": {},
}


class Fate(StrEnum):
    """What became of a file."""

    WRITTEN = "written"
    EXTENDED = "extended"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Settled:
    """A file of the new catalog, its path below the folder, and what became of it."""

    path: str
    fate: Fate


def name_of(folder: Path) -> str:
    """A catalog's name from its folder's, of the letters that a name may have."""
    letters = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name).strip("-._")
    return letters or "my-catalog"


def pipeline_of(folder: Path) -> str:
    """The pipeline that the folder seems to want."""
    if (folder / ".github").is_dir():
        return "github"
    return "gitlab" if (folder / ".gitlab-ci.yml").exists() else "none"


def scaffold(folder: Path, *, name: str, pipeline: str, force: bool) -> tuple[Settled, ...]:
    """Write the files of a new catalog into `folder`. What is there already is kept unless `force` is given.

    A .gitignore is only ever extended. Raises UsageMistakeError for a name that no catalog can have, and for a file
    that cannot be written.
    """
    if not NAME.fullmatch(name):
        raise UsageMistakeError(
            f"{name!r} cannot be the catalog's name.", hint="Use letters, digits, `.`, `_` and `-`, as in my-catalog."
        )
    return tuple(_settle(folder, path, text, force=force) for path, text in _files(name, pipeline))


def _files(name: str, pipeline: str) -> Iterator[tuple[str, str]]:
    from catalogsync.manifest.schema import schema_text

    yield "catalog.yaml", _template("catalog.yaml").replace("CATALOG", name)
    yield "catalog.schema.json", schema_text()
    yield ".gitignore", "".join(f"{line}\n" for line in IGNORED)
    for path, template in PIPELINES[pipeline].items():
        yield path, _template(template)


def _template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _settle(folder: Path, path: str, text: str, *, force: bool) -> Settled:
    target = folder / path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if path == ".gitignore" and target.exists():
            return Settled(path, _extend(target, text))
        with target.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return Settled(path, Fate.KEPT)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UsageMistakeError(f"{target} cannot be written: {reason}.", hint="Name another folder.") from error
    return Settled(path, Fate.WRITTEN)


def _extend(target: Path, text: str) -> Fate:
    """Add the lines that are missing."""
    there = target.read_text(encoding="utf-8")
    missing = [line for line in text.splitlines() if line not in there.splitlines()]
    if not missing:
        return Fate.KEPT
    start = "" if not there or there.endswith("\n") else "\n"
    with target.open("a", encoding="utf-8") as file:
        file.write(start + "".join(f"{line}\n" for line in missing))
    return Fate.EXTENDED
