"""Adoption: what is made of a product that exists already, and how far its files are trusted."""

from __future__ import annotations

from collections.abc import Mapping

from catalogsync.model.catalog import Product
from catalogsync.model.identity import Match
from catalogsync.model.remote import RemoteProduct
from catalogsync.model.state import Origin, ProductBinding, Stage
from catalogsync.plan.changes import Adopt, FieldEdit
from catalogsync.plan.identifiers import fields_of

UNTRUSTED = "untrusted"  # the digest of a model that is to be replaced whatever the file: it is no file's


def adopting(match: Match, seen: RemoteProduct, edits: tuple[FieldEdit, ...], digests: tuple[str, str]) -> Adopt:
    """Take a product over with its files, whose digests are assumed to be the manifest's: of model and thumbnail."""
    product = match.product
    model, thumbnail = digests
    return Adopt(
        address=product.address,
        unicode=seen.unicode,
        fields=fields_of(seen),
        edits=edits,
        model_sha256=model,
        thumbnail_sha256=thumbnail,
        protect=product.protect,
        reason=f"{found_by(match)}; its model and thumbnail are assumed to be the manifest's",
    )


def found_by(match: Match) -> str:
    return f"it exists with this {'sku_id' if match.by_sku else 'gtin'}"


def to_be_replaced(product: Product, seen: RemoteProduct) -> ProductBinding:
    """The binding of a product that is adopted only to be replaced."""
    return untrusted(product.address, seen.unicode, fields_of(seen), protect=product.protect)


def untrusted(address: str, unicode: str, fields: Mapping[str, str], *, protect: bool) -> ProductBinding:
    """A binding of an adopted product whose model is not trusted."""
    return ProductBinding(
        address=address,
        unicode=unicode,
        origin=Origin.ADOPTED,
        stage=Stage.FINALIZED,
        fields=dict(fields),
        model_sha256=UNTRUSTED,
        protect=protect,
    )
