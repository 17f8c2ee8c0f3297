"""What changed since a git commit: the manifest as it was then against the catalog as it is, and the files."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from catalogsync import manifest
from catalogsync.errors import ManifestError, Place, UsageMistakeError
from catalogsync.model.addresses import content_address, key_of
from catalogsync.model.catalog import Asset, Catalog, Product, Render
from catalogsync.workflow.reading import Reading

_MANIFEST_SUFFIXES = (".yaml", ".yml", ".csv")
_NOWHERE = Place("")
Item = TypeVar("Item", Product, Render)


@dataclass(frozen=True, slots=True)
class Since:
    """A git commit, and the manifest files to read as they were in it."""

    revision: str
    reading: Reading


def changed_addresses(since: Since, catalog: Catalog) -> frozenset[str]:
    """Addresses of products (each with its content) and renders whose entries or files differ from that commit's.

    What is in one of the two only differs too. Git compares the files as it would commit them, so that a Git LFS
    pointer stands for its file.

    Raises UsageMistakeError without git, outside a repository, for an unknown revision, and when the manifest of
    that commit is not valid.
    """
    root = Path(catalog.root)
    top = Path(_git(root, "rev-parse", "--show-toplevel").strip())
    commit = _commit(root, since.revision)
    files = _changed_files(top, commit)
    former = _catalog_at(top, commit, since)
    products = _differing(former.products, catalog.products, lambda one: _bare_product(one, files))
    keys = {key_of(address) for address in products}
    renders = _differing(former.renders, catalog.renders, lambda one: _bare_render(one, keys))
    return frozenset(products | renders | {content_address(key) for key in keys})


def _commit(folder: Path, revision: str) -> str:
    try:
        return _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    except UsageMistakeError:
        raise UsageMistakeError(
            f"--changed-since={revision}: git knows no such commit.",
            hint="A shallow clone has no history: fetch the commit first, in CI with fetch-depth: 0.",
        ) from None


def _changed_files(top: Path, commit: str) -> frozenset[str]:
    """Files that differ from the commit's, and those that git does not follow; absolute."""
    named = _git(top, "diff", "--name-only", "--no-renames", "-z", commit, "--")
    named += _git(top, "ls-files", "--others", "-z")
    return frozenset(str(top / name) for name in named.split("\0") if name)


def _catalog_at(top: Path, commit: str, since: Since) -> Catalog:
    """The catalog of that commit; an empty one when none of the manifest's files was there yet."""
    with tempfile.TemporaryDirectory(prefix="catalogsync-") as scratch:
        folder = Path(scratch).resolve()
        for name in _manifest_names(top, commit):
            kept = folder / name
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(_run(top, "cat-file", "blob", f"{commit}:{name}"))
        paths = [folder / path.resolve().relative_to(top.resolve()) for path in since.reading.paths]
        there = [path for path in paths if path.exists()]
        if not there:
            return Catalog("", str(folder), (), ())
        try:
            return manifest.load(there, allow_outside=since.reading.allow_outside).catalog
        except ManifestError as error:
            raise UsageMistakeError(
                f"--changed-since={since.revision}: the manifest of that commit is not valid. {error}",
                hint="Name a later commit.",
            ) from error


def _manifest_names(top: Path, commit: str) -> Iterator[str]:
    for name in _git(top, "ls-tree", "-r", "--name-only", "-z", commit).split("\0"):
        if name.endswith(_MANIFEST_SUFFIXES):
            yield name


def _differing(former: Sequence[Item], now: Sequence[Item], bare: Callable[[Item], object]) -> set[str]:
    before = {one.address: bare(one) for one in former}
    after = {one.address: bare(one) for one in now}
    return {address for address in before.keys() | after.keys() if before.get(address) != after.get(address)}


def _bare_product(product: Product, changed: frozenset[str]) -> tuple[Product, bool]:
    """The entry without its place, and whether a file of it changed."""
    assets = [asset for asset in (product.model, product.thumbnail) if asset is not None]
    bare = replace(product, place=_NOWHERE, model=_bare(product.model), thumbnail=_bare(product.thumbnail))
    return bare, any(asset.path in changed for asset in assets)


def _bare(asset: Asset | None) -> Asset | None:
    return None if asset is None else Asset(asset.written, "", _NOWHERE)


def _bare_render(render: Render, changed: set[str]) -> tuple[Render, bool]:
    return replace(render, place=_NOWHERE), any(one.product_key in changed for one in render.placements)


def _git(folder: Path, *arguments: str) -> str:
    return _run(folder, *arguments).decode("utf-8", "surrogateescape")


def _run(folder: Path, *arguments: str) -> bytes:
    """What git prints. Raises UsageMistakeError with git's own words."""
    try:
        ran = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)  # noqa: S603, S607 - the user's own git, found as the shell would
    except FileNotFoundError:
        raise UsageMistakeError("--changed-since needs git, which is not installed.") from None
    if ran.returncode:
        words = ran.stderr.decode("utf-8", "replace").strip()
        raise UsageMistakeError(
            f"--changed-since: {words or 'git failed'}", hint="Is the manifest in a git repository?"
        )
    return ran.stdout
