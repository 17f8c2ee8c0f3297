"""What a plan is made from, to tell later whether it still holds: the state, the API, the choices, and a digest of what
is wanted, which changes when any of that does, and only then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from hashlib import sha256

from catalogsync.model.catalog import Asset, Catalog, FileFacts


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user chose that shapes a plan: it is saved with the plan, and planning again takes it from there."""

    refresh: str = "auto"
    adopt: str = "trust"
    retry_failed: bool = False
    replace: tuple[str, ...] = ()
    max_credits: int | None = None
    destroy: bool = False
    target: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    among: tuple[str, ...] | None = None  # what --changed-since found then


@dataclass(frozen=True, slots=True)
class MadeFrom:
    """What a plan was made from: the state's lineage and serial, the API it was read from, and the catalog.

    `state_catalog` and `state_api_url` are what the state was last applied for, "" when nothing was; `moved_by` is the
    saved plan whose runs alone moved the state. `catalog_digest` is that of all that is wanted, files included.
    """

    lineage: str
    serial: int
    api_url: str
    catalog: str
    state_catalog: str = ""
    state_api_url: str = ""
    moved_by: str = ""
    catalog_digest: str = ""
    choices: Choices = Choices()


def catalog_digest(catalog: Catalog, files: Mapping[str, FileFacts]) -> str:
    """SHA-256 in hex of all that is wanted and of the content of its files.

    Comments, the order of keys, settings and where the folder lies do not count.
    """

    def content(asset: Asset | None) -> str:
        facts = files.get(asset.path) if asset else None  # nothing is read to destroy everything
        return facts.sha256 if facts else ""

    products = [
        (
            *(one.key, one.sku_id, one.gtin, one.name, one.main_asset_name),
            *(content(one.model), content(one.thumbnail), one.outputs, one.archive, one.protect),
            *([one.salsify_id] if one.salsify_id else []),  # without one the digest is as it always was
        )
        for one in catalog.products
    ]
    renders = [
        (one.name, one.scene_id, one.cameras_to_render, one.units, [astuple(placed) for placed in one.placements])
        for one in catalog.renders
    ]
    wanted = (catalog.name, products, renders, sorted(catalog.moved.items()), sorted(catalog.removed))
    return sha256(json.dumps(wanted, separators=(",", ":")).encode()).hexdigest()
