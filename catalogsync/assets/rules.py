"""Every rule that files are held to: its id and what causes it. `docs/rules.md` explains each one."""

from __future__ import annotations

from collections.abc import Iterable

from catalogsync.errors import Problem
from catalogsync.model.catalog import Asset, Catalog

RULES: dict[str, str] = {
    "asset-missing": "A model or thumbnail file does not exist.",
    "asset-letter-case": "A file is spelled with other capital letters on disk.",
    "asset-not-a-file": "A path leads to a folder or something else that is not a regular file.",
    "asset-unreadable": "A file cannot be opened or read.",
    "asset-empty": "A file has no content.",
    "asset-lfs-pointer": "A file is a Git LFS pointer: its content was not fetched.",
    "asset-content": "A file's content is not what its extension says.",
    "asset-incomplete": "A file is shorter or longer than it says itself.",
    "asset-external-files": "A .gltf needs other files, which would not be uploaded.",
}


def problem(asset: Asset, rule: str, message: str, fix: str) -> Problem:
    """A breach of a rule by a file, at the place that names it."""
    assert rule in RULES, rule
    return Problem(asset.place, rule, f"{asset.written} {message}", fix)


def unreadable(asset: Asset, error: OSError) -> Problem:
    """What an operating system error says about a file."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return problem(
            asset, "asset-missing", "does not exist", "correct the path; it is relative to the file it is written in"
        )
    return problem(asset, "asset-unreadable", f"cannot be read: {error.strerror or error}", "check its permissions")


def not_a_file(asset: Asset) -> Problem:
    return problem(asset, "asset-not-a-file", "is not a regular file", "name the file itself")


def assets_of(catalog: Catalog) -> Iterable[Asset]:
    """Each file once, with the first place that names it."""
    found: dict[str, Asset] = {}
    for product in catalog.products:
        for asset in (product.model, product.thumbnail):
            if asset is not None:
                found.setdefault(asset.path, asset)
    return found.values()
