"""One wanted product, what is remembered of it and what is seen, to at most one change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalogsync.model.catalog import Asset, FileFacts, Product
from catalogsync.model.identity import Match, made_by
from catalogsync.model.remote import RemoteProduct
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import ProductBinding, Stage, State
from catalogsync.plan.adoption import adopting, to_be_replaced, why_not_trusted
from catalogsync.plan.changes import Change, Create, FieldEdit, Notice, PlannedFile, Start, Update
from catalogsync.plan.conflicts import holder_conflict, identity_conflict, no_model
from catalogsync.plan.identifiers import fields_of, untried
from catalogsync.plan.replacements import failed_notice, failed_outputs, is_hopeless, replacing


@dataclass(frozen=True, slots=True)
class Context:
    """All that one product's diff looks at beside its own match."""

    snapshot: Snapshot
    state: State
    files: Mapping[str, FileFacts]
    replace: frozenset[str]
    retry_failed: bool
    distrust: bool | None  # whether adopted products are to be replaced
    notices: list[Notice]
    wanting: set[str]  # keys of products whose replacement is wanted, be it under way or failed
    claims: Mapping[str, Product]  # unicode -> the wanted product it is bound to
    leaving: frozenset[str]  # unicodes of ours that this plan deletes, or that take over from the product they replace
    open_creates: Mapping[str, Mapping[str, str]]


def change_of(match: Match, context: Context) -> Change | None:
    """What brings the remote to what is wanted of this product; None where nothing is to be done."""
    match = _without_leaving_holders(match, context)
    binding = match.binding
    sent = context.open_creates.get(match.product.address)
    if match.bound is None and match.by_sku and sent is not None and _made_by(sent, match.by_sku, context.snapshot):
        why = "an earlier run's create was not answered and its upload forms are lost"
        return _create(match.product, context, why, Start.ORPHAN, match.by_sku.unicode)
    if binding is None:
        return _unbound(match, context)
    if binding.stage is Stage.CREATED:
        return _unfinished(match, binding, context)
    if match.bound is None:
        return _unbound(match, context, gone=True)
    return _bound(match, binding, match.bound, context)


def _made_by(sent: Mapping[str, str], seen: RemoteProduct, snapshot: Snapshot) -> bool:
    return made_by(sent, seen, snapshot.contents.get(seen.unicode))


def _without_leaving_holders(match: Match, context: Context) -> Match:
    """Leave out other products that hold our identifiers now but give them up in this very plan."""
    by_sku = None if _gives_up(match.by_sku, "sku_id", match.product, context) else match.by_sku
    by_gtin = None if _gives_up(match.by_gtin, "gtin", match.product, context) else match.by_gtin
    leaves = match.by_salsify is not None and match.by_salsify.unicode in context.leaving
    by_salsify = None if leaves else match.by_salsify
    return Match(match.product, match.binding, match.bound, by_sku, by_gtin, by_salsify)


def _gives_up(holder: RemoteProduct | None, field: str, product: Product, context: Context) -> bool:
    if holder is None:
        return False
    if holder.unicode in context.leaving:
        return True
    claimant = context.claims.get(holder.unicode)
    if claimant is None or claimant is product:
        return False
    wanted = getattr(claimant, field)
    return wanted is not None and wanted != getattr(product, field)


def _unbound(match: Match, context: Context, *, gone: bool = False) -> Change | None:
    product = match.product
    conflict = identity_conflict(match, context.claims)
    if conflict is not None:
        return conflict
    if not match.named:
        reason = "it vanished from the remote" if gone else "it is new"
        return _create(product, context, reason)
    seen = match.named[0][1]
    why = why_not_trusted(
        match, _sha(product.model, context), context.snapshot, context.state, distrust=context.distrust
    )
    if why and product.model is not None:
        return _replaced(product, to_be_replaced(product, seen), seen, why, context)
    digests = (_sha(product.model, context), _sha(product.thumbnail, context))
    return adopting(match, seen, _edits(product, seen), digests)


def _unfinished(match: Match, binding: ProductBinding, context: Context) -> Change | None:
    product = match.product
    if match.bound is None and match.named:
        return _unbound(match, context, gone=True)  # somebody else has taken its place
    if match.bound is None:
        return _create(product, context, "it vanished from the remote before it was finished")
    same_fields = all(binding.fields.get(name, "") == value for name, value in product.managed_fields().items())
    model_open = binding.model_form is not None or (
        binding.model_uploaded and binding.model_sha256 == _sha(product.model, context)
    )
    thumbnail_open = (
        product.thumbnail is None
        or binding.thumbnail_form is not None
        or (binding.thumbnail_uploaded and binding.thumbnail_sha256 == _sha(product.thumbnail, context))
    )
    if same_fields and model_open and thumbnail_open:
        return _create(product, context, "an earlier run created it but did not finish", Start.UPLOADS, binding.unicode)
    return _create(product, context, "its upload forms no longer fit", Start.ORPHAN, binding.unicode)


def _bound(match: Match, binding: ProductBinding, seen: RemoteProduct, context: Context) -> Change | None:
    product = match.product
    conflict = holder_conflict(match, seen)
    if conflict is not None:
        return conflict
    changed = _changed_files(product, binding, context)
    if changed or product.address in context.replace:
        why = f"its {' and '.join(changed)} changed" if changed else "--replace asks for it"
        return _replaced(product, binding, seen, why, context)
    edits = untried(_edits(product, seen), binding, context.notices)
    if not edits:
        return None
    former = "" if binding.address == product.address else binding.address
    return Update(product.address, seen.unicode, edits, _why_edited(edits, binding), former)


def _changed_files(product: Product, binding: ProductBinding, context: Context) -> list[str]:
    """`model`, `thumbnail`: those whose content is not what was uploaded. An unknown digest is assumed to be right."""
    pairs = (
        ("model", product.model, binding.model_sha256),
        ("thumbnail", product.thumbnail, binding.thumbnail_sha256),
    )
    return [label for label, asset, known in pairs if known and asset is not None and _sha(asset, context) != known]


def _replaced(
    product: Product, binding: ProductBinding, seen: RemoteProduct, reason: str, context: Context
) -> Change | None:
    """Files cannot be swapped in place: a new product takes over once it is complete."""
    if product.model is None:
        return no_model(product, "it is to be replaced")
    context.wanting.add(product.key)
    thumbnail = _planned(product.thumbnail, context) if product.thumbnail else None
    files = (_planned(product.model, context), thumbnail)
    failed = failed_outputs(product, files, context.snapshot, context.state)
    if failed and (is_hopeless(failed) or not context.retry_failed):
        context.notices.append(failed_notice(product, failed))
        return None
    return replacing(
        product,
        seen,
        binding,
        files,
        context.snapshot,
        context.state,
        reason=reason,
        retry_failed=context.retry_failed,
    )


def _edits(product: Product, seen: RemoteProduct) -> tuple[FieldEdit, ...]:
    current = fields_of(seen)
    wanted = product.managed_fields().items()
    return tuple(FieldEdit(name, current[name], value) for name, value in wanted if current[name] != value)


def _why_edited(edits: tuple[FieldEdit, ...], binding: ProductBinding) -> str:
    """*edited* when the manifest moved since we last wrote, *drifted* when the remote did, or both."""
    edited = any(edit.after != binding.fields.get(edit.name, edit.after) for edit in edits)
    drifted = any(edit.before != binding.fields.get(edit.name, edit.before) for edit in edits)
    words = [word for word, true in (("edited in the manifest", edited), ("drifted on the remote", drifted)) if true]
    return " and ".join(words) or "newly managed"


def _create(product: Product, context: Context, reason: str, start: Start = Start.FRESH, unicode: str = "") -> Change:
    if product.model is None:
        return no_model(product, "it is not on the remote")
    thumbnail = product.thumbnail
    return Create(
        address=product.address,
        fields=product.managed_fields(),
        model=_planned(product.model, context),
        thumbnail=_planned(thumbnail, context) if thumbnail else None,
        protect=product.protect,
        reason=reason,
        start=start,
        unicode=unicode,
    )


def _planned(asset: Asset, context: Context) -> PlannedFile:
    facts = context.files[asset.path]
    return PlannedFile(asset.path, asset.written, asset.file_name, facts.size, facts.sha256)


def _sha(asset: Asset | None, context: Context) -> str:
    return context.files[asset.path].sha256 if asset else ""
