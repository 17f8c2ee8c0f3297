"""Conflicts: what a plan cannot decide for the user, with both sides named and the ways out."""

from __future__ import annotations

from collections.abc import Mapping

from catalogsync.model.catalog import Product
from catalogsync.model.identity import Match
from catalogsync.model.remote import RemoteProduct
from catalogsync.plan.changes import Conflict


def identity_conflict(match: Match, claims: Mapping[str, Product]) -> Conflict | None:
    """An unbound product whose identifiers do not point at one free remote product."""
    product, by_sku, by_gtin = match.product, match.by_sku, match.by_gtin
    if by_sku and by_gtin and by_sku.unicode != by_gtin.unicode:
        return Conflict(
            product.address,
            f"sku_id {product.sku_id} is remote product {_named(by_sku)}, but gtin {product.gtin} is {_named(by_gtin)}",
            ("correct the sku_id or the gtin in the manifest", "change one of the two products on the remote"),
        )
    seen = by_sku or by_gtin
    claimant = claims.get(seen.unicode) if seen else None
    if seen and claimant is not None and claimant is not product:
        return Conflict(
            product.address,
            f"its {'sku_id' if by_sku else 'gtin'} belongs to {claimant.address}, remote product {_named(seen)}",
            (f"give {claimant.address} another value in the manifest", "remove one of the two from the manifest"),
        )
    if by_sku and product.gtin and by_sku.gtin and by_sku.gtin != product.gtin:
        return Conflict(
            product.address,
            f"sku_id {product.sku_id} exists on the remote under gtin {by_sku.gtin}, the manifest says {product.gtin}",
            (
                f"if it is the same product, write gtin: {by_sku.gtin!r} or leave gtin out, apply, then change it",
                "if it is another product, give it another sku_id",
            ),
        )
    return None


def holder_conflict(match: Match, seen: RemoteProduct) -> Conflict | None:
    """A bound product whose wanted identifier belongs to another remote product."""
    product = match.product
    for holder, name in ((match.by_sku, "sku_id"), (match.by_gtin, "gtin")):
        if holder is not None and holder.unicode != seen.unicode:
            return Conflict(
                product.address,
                f"its {name} {getattr(product, name)} belongs to another remote product, {_named(holder)}",
                (f"give one of the two another {name}", f"leave {name} out of the manifest to stop managing it"),
            )
    return None


def no_model(product: Product, why: str) -> Conflict:
    return Conflict(
        product.address,
        f"{why} and the manifest names no model to create it from",
        ("add `model:` with the path of its 3D file", "remove the entry"),
    )


def _named(seen: RemoteProduct) -> str:
    label = seen.sku_id or seen.gtin or seen.name
    return f"{label} ({seen.unicode})" if label else seen.unicode
