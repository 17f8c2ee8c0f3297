"""Adoption: what is made of a product that exists already, and how far its files are trusted."""

from __future__ import annotations

from collections.abc import Mapping

from catalogsync.model.catalog import Product
from catalogsync.model.identity import Match
from catalogsync.model.remote import RemoteProduct
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import Origin, ProductBinding, Stage, State
from catalogsync.plan.changes import Adopt, FieldEdit
from catalogsync.plan.identifiers import fields_of
from catalogsync.plan.replacements import lost_replacement

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
    return f"it exists with this {match.named[0][0]}"


def why_not_trusted(match: Match, model_sha256: str, snapshot: Snapshot, state: State, *, distrust: bool | None) -> str:
    """Why the model of a product that exists already is not taken for the manifest's; "" when it is.

    A product made to replace it by this very model proves that it has another one. None asks for no proof: such
    products are not to be taken over at all.
    """
    if distrust:
        return f"{found_by(match)}, and --adopt=replace does not trust its model"
    lost = None if distrust is None else lost_replacement(match.product, model_sha256, snapshot, state)
    return f"{found_by(match)}, and a run whose state is lost was replacing it, see {lost.sku_id}" if lost else ""


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
