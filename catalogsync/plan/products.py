"""The diff of products: one wanted product, what is remembered and what is seen, to at most one change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from catalogsync.model.catalog import Asset, Catalog, FileFacts, Product
from catalogsync.model.identity import Identity, Match, open_create_skus
from catalogsync.model.remote import RemoteProduct
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import Bind, Phase, ProductBinding, Settle, Stage, State, Unbind, Write
from catalogsync.plan.changes import (
    Adopt,
    Change,
    Conflict,
    Create,
    Delete,
    FieldEdit,
    Forget,
    Notice,
    PlannedFile,
    Start,
    Update,
)
from catalogsync.plan.identifiers import with_releases


@dataclass(frozen=True, slots=True)
class ProductDiff:
    """Product changes by address, and what goes with them."""

    changes: Mapping[str, Change]
    notices: tuple[Notice, ...]
    learned: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class _Scene:
    """All that one product's diff looks at beside its own match."""

    files: Mapping[str, FileFacts]
    claims: Mapping[str, Product]  # unicode -> the wanted product it is bound to
    leaving: frozenset[str]  # unicodes of ours that this plan deletes
    open_creates: Mapping[str, str]


def diff_products(
    catalog: Catalog, identity: Identity, snapshot: Snapshot, state: State, files: Mapping[str, FileFacts]
) -> ProductDiff:
    """Compare every wanted product, then every binding that nothing wants any more."""
    scene = _Scene(
        files=files,
        claims={match.binding.unicode: match.product for match in identity.matches if match.binding},
        leaving=frozenset(b.unicode for b in identity.unclaimed if b.address not in catalog.removed),
        open_creates=open_create_skus(state),
    )
    changes: dict[str, Change] = {}
    notices: list[Notice] = []
    learned: list[Write] = list(_settled_creates(snapshot, state))
    for match in identity.matches:
        change = _wanted(match, scene)
        if change is not None:
            changes[match.product.address] = change
        _follow_address(match, change, notices, learned)
    for binding in identity.unclaimed:
        if binding.address not in changes:
            changes[binding.address] = _unwanted(binding, catalog, snapshot)
    return ProductDiff(with_releases(changes), tuple(notices), tuple(learned))


def _wanted(match: Match, scene: _Scene) -> Change | None:
    match = _without_leaving_holders(match, scene)
    binding = match.binding
    if match.bound is None and match.by_sku is not None and match.product.address in scene.open_creates:
        why = "an earlier run's create was not answered and its upload forms are lost"
        return _create(match.product, scene, why, Start.ORPHAN, match.by_sku.unicode)
    if binding is None:
        return _unbound(match, scene)
    if binding.stage is Stage.CREATED:
        return _unfinished(match, binding, scene)
    if match.bound is None:
        return _unbound(match, scene, gone=True)
    return _bound(match, binding, match.bound, scene)


def _without_leaving_holders(match: Match, scene: _Scene) -> Match:
    """Leave out other products that hold our sku_id or gtin now but give it up in this very plan."""
    by_sku = None if _gives_up(match.by_sku, "sku_id", match.product, scene) else match.by_sku
    by_gtin = None if _gives_up(match.by_gtin, "gtin", match.product, scene) else match.by_gtin
    return replace(match, by_sku=by_sku, by_gtin=by_gtin)


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


def _unbound(match: Match, scene: _Scene, *, gone: bool = False) -> Change:
    product, by_sku, by_gtin = match.product, match.by_sku, match.by_gtin
    conflict = _identity_conflict(match, scene)
    if conflict is not None:
        return conflict
    seen = by_sku or by_gtin
    if seen is None:
        reason = "it vanished from the remote" if gone else "it is new"
        return _create(product, scene, reason)
    matched = "sku_id" if by_sku else "gtin"
    return Adopt(
        address=product.address,
        unicode=seen.unicode,
        fields=_fields_of(seen),
        edits=_edits(product, seen),
        model_sha256=_sha(product.model, scene),
        thumbnail_sha256=_sha(product.thumbnail, scene),
        protect=product.protect,
        reason=f"it exists with this {matched}; its model and thumbnail are assumed to be the manifest's",
    )


def _identity_conflict(match: Match, scene: _Scene) -> Conflict | None:
    product, by_sku, by_gtin = match.product, match.by_sku, match.by_gtin
    if by_sku and by_gtin and by_sku.unicode != by_gtin.unicode:
        return Conflict(
            product.address,
            f"sku_id {product.sku_id} is remote product {_named(by_sku)}, but gtin {product.gtin} is {_named(by_gtin)}",
            ("correct the sku_id or the gtin in the manifest", "change one of the two products on the remote"),
        )
    seen = by_sku or by_gtin
    claimant = scene.claims.get(seen.unicode) if seen else None
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
    for holder, name in ((match.by_sku, "sku_id"), (match.by_gtin, "gtin")):
        if holder is not None and holder.unicode != seen.unicode:
            return Conflict(
                product.address,
                f"its {name} {getattr(product, name)} belongs to another remote product, {_named(holder)}",
                (f"give one of the two another {name}", f"leave {name} out of the manifest to stop managing it"),
            )
    changed_files = [
        label
        for label, asset, known in (
            ("model", product.model, binding.model_sha256),
            ("thumbnail", product.thumbnail, binding.thumbnail_sha256),
        )
        if known and asset is not None and _sha(asset, scene) != known
    ]
    if changed_files:
        return Conflict(
            product.address,
            f"its {' and '.join(changed_files)} changed since the upload, and the remote cannot swap files in place",
            (
                "put the former file back",
                "give the changed product a new sku_id (and key): it is created beside, then remove the old entry",
            ),
        )
    edits = _edits(product, seen)
    if not edits:
        return None
    return Update(product.address, seen.unicode, edits, _why_edited(edits, binding))


def _edits(product: Product, seen: RemoteProduct) -> tuple[FieldEdit, ...]:
    current = _fields_of(seen)
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
        return Conflict(
            product.address,
            "it is not on the remote and the manifest names no model to create it from",
            ("add `model:` with the path of its 3D file", "remove the entry"),
        )
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
    return Delete(binding.address, seen.unicode, _fields_of(seen), binding.protect, "it is no longer in the manifest")


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
    return [
        Settle(intent.id, Phase.FAILED, "nothing of it is on the remote")
        for intent in state.intents
        if intent.step == "create" and intent.request.get("sku_id", "") not in snapshot.by_sku
    ]


def _fields_of(seen: RemoteProduct) -> dict[str, str]:
    return {
        "sku_id": seen.sku_id,
        "gtin": seen.gtin,
        "name": seen.name,
        "main_asset_name": seen.main_asset_name,
    }


def _named(seen: RemoteProduct) -> str:
    label = seen.sku_id or seen.gtin or seen.name
    return f"{label} ({seen.unicode})" if label else seen.unicode
