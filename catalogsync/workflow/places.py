"""Where the manifest speaks of the changes of a plan, with files as a code host names them."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from catalogsync.errors import Place
from catalogsync.model.addresses import RENDER, key_of, kind_of
from catalogsync.model.catalog import Catalog
from catalogsync.plan.changes import Plan


def places_of(plan: Plan, catalog: Catalog, manifest: Path) -> dict[str, Place]:
    """The place of each change by its address. What no entry speaks of any more is at the manifest as a whole."""
    hosted = host_places()
    products = {product.key: product.place for product in catalog.products}
    renders = {render.name: render.place for render in catalog.renders}
    whole = Place(str(manifest))

    def place(address: str) -> Place:
        return hosted((renders if kind_of(address) == RENDER else products).get(key_of(address), whole))

    return {change.address: place(change.address) for change in plan.changes}


def host_places() -> Callable[[Place], Place]:
    """Places as a code host counts them: its columns are characters, ours in a CSV file are cells and left out."""
    named = path_namer()

    def hosted(place: Place) -> Place:
        cells = place.file.lower().endswith(".csv")
        return replace(place, file=named(place.file), column=0 if cells else place.column)

    return hosted


def path_namer() -> Callable[[str], str]:
    """How files are named: as seen from the top folder of the git repository they are in, with `/`.

    Outside a repository as seen from the working directory, and in full where they are not below it.
    """
    top_of = cache(_top_of)
    here = str(Path.cwd())

    @cache
    def named(file: str) -> str:
        full = os.path.abspath(file)  # noqa: PTH100 - a link in the repository keeps its own name
        path = os.path.relpath(full, top_of(os.path.dirname(full)) or here)  # noqa: PTH120 - as above
        return Path(full if path.startswith("..") else path).as_posix()

    return named


def _top_of(folder: str) -> str:
    """The folder above that holds `.git` (in a worktree a file), "" when there is none."""
    return next((str(above) for above in (Path(folder), *Path(folder).parents) if (above / ".git").exists()), "")


def main_file(files: Sequence[Path]) -> Path:
    """The file that stands for the manifest as a whole: the first that is given, or the first one in that folder."""
    first = files[0]
    if not first.is_dir():
        return first
    return next(iter(sorted([*first.glob("*.yaml"), *first.glob("*.yml")])), first)
