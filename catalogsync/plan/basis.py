"""What a plan is made from, as a digest: it changes when anything that is wanted does, and only then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import astuple
from hashlib import sha256

from catalogsync.model.catalog import Asset, Catalog, FileFacts


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
