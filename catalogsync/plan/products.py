"""The diff of products: one wanted product, what is remembered and what is seen, to at most one change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from catalogsync.model.catalog import Asset, Catalog, FileFacts, Product
from catalogsync.model.identity import Identity, Match, made_by, open_creates
from catalogsync.model.remote import RemoteProduct
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import Bind, Phase, ProductBinding, Settle, Stage, State, Unbind, Write
from catalogsync.plan.adoption import adopting, to_be_replaced, why_not_trusted
from catalogsync.plan.changes import (
    Change,
    Conflict,
    Create,
    Delete,
    FieldEdit,
    Forget,
    Notice,
    PlannedFile,
    Replace,
    Start,
    Update,
)
from catalogsync.plan.conflicts import holder_conflict, identity_conflict, no_model
from catalogsync.plan.identifiers import fields_of, untried, with_releases
from catalogsync.plan.replacements import failed_notice, failed_outputs, learned_of_replacement, replacing, swept
from catalogsync.plan.sweep import stray_notices, unnamed


@dataclass(frozen=True, slots=True)
class ProductDiff:
    """Product changes by address, and what goes with them."""

    changes: Mapping[str, Change]
    notices: tuple[Notice, ...]
    learned: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class _Scene:
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


def diff_products(
    catalog: Catalog,
    identity: Identity,
    snapshot: Snapshot,
    state: State,
    files: Mapping[str, FileFacts],
    *,
    replace_addresses: frozenset[str] = frozenset(),
    retry_failed: bool = False,
    distrust: bool | None = False,
) -> ProductDiff:
    """Compare every wanted product, then every binding that nothing wants any more."""
    notices: list[Notice] = []
    scene = _Scene(
        snapshot=unnamed(snapshot, catalog),
        state=state,
        replace=replace_addresses,
        retry_failed=retry_failed,
        distrust=distrust,
        notices=notices,
        wanting=set(),
        files=files,
        claims={match.binding.unicode: match.product for match in identity.matches if match.binding},
        leaving=frozenset(b.unicode for b in identity.unclaimed if b.address not in catalog.removed)
        | frozenset(b.unicode for b in identity.leftovers),
        open_creates=open_creates(state),
    )
    changes: dict[str, Change] = {}
    learned: list[Write] = list(_settled_creates(snapshot, state))
    for match in identity.matches:
        change = _wanted(match, scene)
        if change is not None:
            changes[match.product.address] = change
        if isinstance(change, Replace):
            learned += learned_of_replacement(match.product, snapshot, state)
        _follow_address(match, change, notices, learned)
    changes |= {binding.address: _unwanted(binding, catalog, snapshot) for binding in identity.unclaimed}
    changes |= swept(identity, changes, snapshot, scene.wanting)
    notices += stray_notices(catalog, snapshot, state, changes)
    return ProductDiff(with_releases(changes), tuple(notices), tuple(learned))


def _wanted(match: Match, scene: _Scene) -> Change | None:
    match = _without_leaving_holders(match, scene)
    binding = match.binding
    sent = scene.open_creates.get(match.product.address)
    if (
        match.bound is None
        and match.by_sku is not None
        and sent is not None
        and _made_by(sent, match.by_sku, scene.snapshot)
    ):
        why = "an earlier run's create was not answered and its upload forms are lost"
        return _create(match.product, scene, why, Start.ORPHAN, match.by_sku.unicode)
    if binding is None:
        return _unbound(match, scene)
    if binding.stage is Stage.CREATED:
        return _unfinished(match, binding, scene)
    if match.bound is None:
        return _unbound(match, scene, gone=True)
    return _bound(match, binding, match.bound, scene)


def _made_by(sent: Mapping[str, str], seen: RemoteProduct, snapshot: Snapshot) -> bool:
    return made_by(sent, seen, snapshot.contents.get(seen.unicode))


def _without_leaving_holders(match: Match, scene: _Scene) -> Match:
    """Leave out other products that hold our identifiers now but give them up in this very plan."""
    by_sku = None if _gives_up(match.by_sku, "sku_id", match.product, scene) else match.by_sku
    by_gtin = None if _gives_up(match.by_gtin, "gtin", match.product, scene) else match.by_gtin
    leaves = match.by_salsify is not None and match.by_salsify.unicode in scene.leaving
    by_salsify = None if leaves else match.by_salsify
    return Match(match.product, match.binding, match.bound, by_sku, by_gtin, by_salsify)


def _gives_up(holder: RemoteProduct | None, field: str, product: Product, scene: _Scene) -> bool:
    if holder is None:
        return False
    if holder.unicode in scene.leaving:
        return True
    claimant = scene.claims.get(holder.unicode)
    if claimant is None or claimant is product:
        return False
    wanted = getattr(claimant, field)
    return wanted is not None and wanted != getattr(product, field)


def _unbound(match: Match, scene: _Scene, *, gone: bool = False) -> Change | None:
    product = match.product
    conflict = identity_conflict(match, scene.claims)
    if conflict is not None:
        return conflict
    if not match.named:
        reason = "it vanished from the remote" if gone else "it is new"
        return _create(product, scene, reason)
    seen = match.named[0][1]
    why = why_not_trusted(match, _sha(product.model, scene), scene.snapshot, scene.state, distrust=scene.distrust)
    if why and product.model is not None:
        return _replaced(product, to_be_replaced(product, seen), seen, why, scene)
    digests = (_sha(product.model, scene), _sha(product.thumbnail, scene))
    return adopting(match, seen, _edits(product, seen), digests)


def _unfinished(match: Match, binding: ProductBinding, scene: _Scene) -> Change:
    product = match.product
    if match.bound is None:
        return _create(product, scene, "it vanished from the remote before it was finished")
    same_fields = all(binding.fields.get(name, "") == value for name, value in product.managed_fields().items())
    model_open = binding.model_form is not None or (
        binding.model_uploaded and binding.model_sha256 == _sha(product.model, scene)
    )
    thumbnail_open = (
        product.thumbnail is None
        or binding.thumbnail_form is not None
        or (binding.thumbnail_uploaded and binding.thumbnail_sha256 == _sha(product.thumbnail, scene))
    )
    if same_fields and model_open and thumbnail_open:
        return _create(product, scene, "an earlier run created it but did not finish", Start.UPLOADS, binding.unicode)
    return _create(product, scene, "its upload forms no longer fit", Start.ORPHAN, binding.unicode)


def _bound(match: Match, binding: ProductBinding, seen: RemoteProduct, scene: _Scene) -> Change | None:
    product = match.product
    conflict = holder_conflict(match, seen)
    if conflict is not None:
        return conflict
    changed = _changed_files(product, binding, scene)
    if changed or product.address in scene.replace:
        why = f"its {' and '.join(changed)} changed" if changed else "--replace asks for it"
        return _replaced(product, binding, seen, why, scene)
    edits = untried(_edits(product, seen), binding, scene.notices)
    if not edits:
        return None
    return Update(product.address, seen.unicode, edits, _why_edited(edits, binding))


def _changed_files(product: Product, binding: ProductBinding, scene: _Scene) -> list[str]:
    """`model`, `thumbnail`: those whose content is not what was uploaded. An unknown digest is assumed to be right."""
    pairs = (
        ("model", product.model, binding.model_sha256),
        ("thumbnail", product.thumbnail, binding.thumbnail_sha256),
    )
    return [label for label, asset, known in pairs if known and asset is not None and _sha(asset, scene) != known]


def _replaced(
    product: Product, binding: ProductBinding, seen: RemoteProduct, reason: str, scene: _Scene
) -> Change | None:
    """Files cannot be swapped in place: a new product takes over once it is complete."""
    if product.model is None:
        return no_model(product, "it is to be replaced")
    scene.wanting.add(product.key)
    failed = failed_outputs(product, scene.snapshot, scene.state)
    if failed and not scene.retry_failed:
        scene.notices.append(failed_notice(product, failed))
        return None
    thumbnail = _planned(product.thumbnail, scene) if product.thumbnail else None
    return replacing(
        product,
        seen,
        binding,
        (_planned(product.model, scene), thumbnail),
        scene.snapshot,
        scene.state,
        reason=reason,
        retry_failed=scene.retry_failed,
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


def _create(product: Product, scene: _Scene, reason: str, start: Start = Start.FRESH, unicode: str = "") -> Change:
    if product.model is None:
        return no_model(product, "it is not on the remote")
    thumbnail = product.thumbnail
    return Create(
        address=product.address,
        fields=product.managed_fields(),
        model=_planned(product.model, scene),
        thumbnail=_planned(thumbnail, scene) if thumbnail else None,
        protect=product.protect,
        reason=reason,
        start=start,
        unicode=unicode,
    )


def _planned(asset: Asset, scene: _Scene) -> PlannedFile:
    facts = scene.files[asset.path]
    return PlannedFile(asset.path, asset.written, asset.file_name, facts.size, facts.sha256)


def _sha(asset: Asset | None, scene: _Scene) -> str:
    return scene.files[asset.path].sha256 if asset else ""


def _unwanted(binding: ProductBinding, catalog: Catalog, snapshot: Snapshot) -> Change:
    if binding.address in catalog.removed:
        return Forget(binding.address, "it is listed under removed:")
    seen = snapshot.by_unicode.get(binding.unicode)
    if seen is None:
        return Forget(binding.address, "it is gone from the remote")
    return Delete(binding.address, seen.unicode, fields_of(seen), binding.protect, "it is no longer in the manifest")


def _follow_address(match: Match, change: Change | None, notices: list[Notice], learned: list[Write]) -> None:
    """A binding remembered under another address, or with other protection, is only rewritten in the state."""
    binding = match.binding
    if binding is None or isinstance(change, Conflict):
        return
    address = match.product.address
    if binding.address != address:
        notices.append(Notice(address, f"{binding.address} has moved to {address}"))
        learned.append(Unbind(binding.address))
    if binding.address != address or binding.protect != match.product.protect:
        learned.append(Bind(replace(binding, address=address, protect=match.product.protect)))


def _settled_creates(snapshot: Snapshot, state: State) -> list[Write]:
    """Creates whose outcome was unknown and of which the remote shows nothing: they never happened."""
    settled: list[Write] = []
    for intent in state.intents:
        seen = snapshot.by_sku.get(intent.request.get("sku_id", ""))
        if intent.step == "create" and seen is None:
            settled.append(Settle(intent.id, Phase.FAILED, "nothing of it is on the remote"))
        elif intent.step == "create" and seen is not None and not _made_by(intent.request, seen, snapshot):
            settled.append(Settle(intent.id, Phase.FAILED, f"its sku_id is another product's, {seen.unicode}"))
    return settled
