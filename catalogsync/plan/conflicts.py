"""Conflicts: what a plan cannot decide for the user, with both sides named and the ways out."""

from __future__ import annotations

from collections.abc import Mapping

from catalogsync.model.catalog import Product
from catalogsync.model.identity import Match
from catalogsync.model.remote import RemoteProduct
from catalogsync.plan.changes import Conflict


def identity_conflict(match: Match, claims: Mapping[str, Product]) -> Conflict | None:
    """An unbound product whose identifiers do not point at one free remote product."""
    if not match.named:
        return None
    return _two_products(match) or _claimed(match, claims) or _other_identifier(match)


def _two_products(match: Match) -> Conflict | None:
    (name, one), *others = match.named
    product = match.product
    for other_name, other in others:
        if other.unicode != one.unicode:
            value, other_value = getattr(product, name), getattr(product, other_name)
            return Conflict(
                product.address,
                f"{name} {value} is remote product {_named(one)}, but {other_name} {other_value} is {_named(other)}",
                (
                    f"correct the {name} or the {other_name} in the manifest",
                    "change one of the two products on the remote",
                ),
            )
    return None


def _claimed(match: Match, claims: Mapping[str, Product]) -> Conflict | None:
    name, seen = match.named[0]
    claimant = claims.get(seen.unicode)
    if claimant is None or claimant is match.product:
        return None
    return Conflict(
        match.product.address,
        f"its {name} belongs to {claimant.address}, remote product {_named(seen)}",
        (f"give {claimant.address} another value in the manifest", "remove one of the two from the manifest"),
    )


def _other_identifier(match: Match) -> Conflict | None:
    """Found by its sku_id, but with another gtin or salsify_id than the manifest's."""
    product, seen = match.product, match.by_sku
    for name in ("gtin", "salsify_id") if seen else ():
        wanted, held = getattr(product, name), getattr(seen, name)
        if wanted and held and wanted != held:
            then = ", apply, then change it" if name == "gtin" else ""
            return Conflict(
                product.address,
                f"sku_id {product.sku_id} exists on the remote under {name} {held}, the manifest says {wanted}",
                (
                    f"if it is the same product, write {name}: {held!r} or leave {name} out{then}",
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
