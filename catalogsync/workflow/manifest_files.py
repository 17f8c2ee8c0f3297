"""The files of a manifest that is written for what is on the remote: one, or one for each part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from catalogsync.errors import CatalogSyncError
from catalogsync.manifest import load
from catalogsync.manifest.writing import Entry, head_text, products_text

BY_PREFIX = "by-prefix"
FOLDER = "products"
_PREFIX = re.compile(r"[A-Za-z0-9]+")


def manifest_files(entries: Sequence[Entry], *, catalog: str, main: str, split: int | str | None) -> dict[str, str]:
    """The manifest's files by their path beside `main`: one, or a list of includes and a file for each part.

    The text is read back by our reader before it is handed out. Raises ManifestError when it cannot be loaded.
    """
    if split is None:
        files = {main: f"{head_text(catalog)}\n{products_text(entries)}"}
    else:
        parts = _parts(entries, split)
        files = {main: head_text(catalog, list(parts))} | {
            name: products_text(map(_from_folder, part)) for name, part in parts.items()
        }
    _read_back(files, main, entries)
    return files


def _from_folder(entry: Entry) -> Entry:
    """The entry in a file of the folder of parts: a path is as seen from its own file."""
    return {**entry, "thumbnail": f"../{entry['thumbnail']}"} if "thumbnail" in entry else entry


def _parts(entries: Sequence[Entry], split: int | str) -> dict[str, list[Entry]]:
    if isinstance(split, int):
        numbered = range(0, len(entries), split)
        return {f"{FOLDER}/{n:04}.yaml": list(entries[at : at + split]) for n, at in enumerate(numbered, 1)}
    parts: dict[str, list[Entry]] = {}
    for entry in entries:
        found = _PREFIX.match(str(entry["sku_id"]))
        parts.setdefault(f"{FOLDER}/{found[0].lower() if found else 'other'}.yaml", []).append(entry)
    return dict(sorted(parts.items()))


def _read_back(files: dict[str, str], main: str, entries: Sequence[Entry]) -> None:
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        products = load([Path(folder, main)]).catalog.products
    got = sorted((p.sku_id, p.gtin, p.name, p.main_asset_name) for p in products)
    wanted = sorted(tuple(e.get(k) for k in ("sku_id", "gtin", "name", "main_asset_name")) for e in entries)
    if list(map(str, got)) != list(map(str, wanted)):
        raise CatalogSyncError("What would be written is not what was read, so nothing was written.")
