"""The diff of replacements: a model or thumbnail that changed is made beside the old product, then handed over."""

from __future__ import annotations

from collections.abc import Mapping

from catalogsync.model.addresses import (
    RETIRED,
    STRAY,
    key_of,
    kind_of,
    replacement_address,
    replacement_content_address,
)
from catalogsync.model.catalog import Product
from catalogsync.model.identity import Identity
from catalogsync.model.outputs import SILO, Progress
from catalogsync.model.remote import RemoteProduct
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import ContentBinding, ProductBinding, Stage, State, Write
from catalogsync.plan.changes import (
    Await,
    Change,
    Conflict,
    Create,
    Delete,
    Forget,
    Generate,
    Notice,
    PlannedFile,
    Replace,
    Start,
)
from catalogsync.plan.contents import images_to_hide, learned, merged, unanswered_at
from catalogsync.plan.identifiers import fields_of

MARK = "~"  # between the wanted sku_id and the digits, in a temporary one
NEVER_MADE = frozenset({Progress.INFECTED, Progress.DISABLED})  # however often they are asked for
DIGITS = 8  # of the model's digest, in a temporary sku_id


def temporary_sku(sku_id: str, model_sha256: str) -> str:
    """The sku_id of a product that is being made to replace another: recognisable, and the same in every run."""
    return f"{sku_id}{MARK}{model_sha256[:DIGITS]}"


def lost_replacement(product: Product, model_sha256: str, snapshot: Snapshot, state: State) -> RemoteProduct | None:
    """The product that was being made to replace another by this model when the state was lost; None without one.

    Its proof are the digits of our own model behind our own sku_id. It has no gtin: that is taken at the hand-over.
    """
    seen = snapshot.by_sku.get(temporary_sku(product.sku_id, model_sha256)) if model_sha256 else None
    if seen is None or seen.gtin or any(binding.unicode == seen.unicode for binding in state.products.values()):
        return None
    return seen


def replacing(
    product: Product,
    old: RemoteProduct,
    binding: ProductBinding,
    files: tuple[PlannedFile, PlannedFile | None],
    snapshot: Snapshot,
    state: State,
    *,
    reason: str,
    retry_failed: bool,
) -> Replace:
    """The replacement, from where an earlier run left it.

    What the old product held before the hand-over began is in its binding: its identifiers may be released already.
    """
    model, _ = files
    kept = {name: value for name, value in binding.fields.items() if value}
    takes = {**fields_of(old), **kept, **product.managed_fields()}
    create = _create(product, takes, files, snapshot, state)
    generate, awaiting = _content(product, model.sha256, snapshot, state, fresh=create is not None, retry=retry_failed)
    return Replace(
        address=product.address,
        unicode=old.unicode,
        fields=fields_of(old),
        takes=takes,
        create=create,
        generate=generate,
        awaiting=awaiting,
        protected=binding.protect,
        reason=reason,
    )


def _create(
    product: Product,
    takes: dict[str, str],
    files: tuple[PlannedFile, PlannedFile | None],
    snapshot: Snapshot,
    state: State,
) -> Create | None:
    model, thumbnail = files
    address = replacement_address(product.key)
    binding = state.products.get(address)
    start, unicode = _start(binding, address, files, snapshot, state)
    lost = lost_replacement(product, model.sha256, snapshot, state) if start is Start.FRESH else None
    if start is None:
        return None
    if lost is not None:
        start, unicode = Start.ORPHAN, lost.unicode
    fields = {
        "sku_id": temporary_sku(product.sku_id, model.sha256),
        **{name: takes[name] for name in ("name", "main_asset_name") if takes[name]},
    }
    why = "it replaces a product whose files changed"
    return Create(address, fields, model, thumbnail, product.protect, why, start, unicode)


def _start(
    binding: ProductBinding | None,
    address: str,
    files: tuple[PlannedFile, PlannedFile | None],
    snapshot: Snapshot,
    state: State,
) -> tuple[Start | None, str]:
    """Where the new product's create begins; None when it is finalized with the wanted files."""
    if binding is None:
        for intent in state.intents:
            seen = snapshot.by_sku.get(intent.request.get("sku_id", ""))
            if intent.address == address and intent.step == "create" and seen is not None:
                return Start.ORPHAN, seen.unicode
        return Start.FRESH, ""
    if binding.unicode not in snapshot.by_unicode:
        return Start.FRESH, ""
    fits = _fits(binding, files)
    if binding.stage is Stage.FINALIZED:
        return (None, binding.unicode) if fits else (Start.ORPHAN, binding.unicode)
    return (Start.UPLOADS if fits else Start.ORPHAN), binding.unicode


def _fits(binding: ProductBinding, files: tuple[PlannedFile, PlannedFile | None]) -> bool:
    """Whether each file is uploaded as wanted, or can still be by its open form."""
    model, thumbnail = files
    model_fits = binding.model_form is not None or binding.model_sha256 == model.sha256
    thumbnail_fits = (
        thumbnail is None or binding.thumbnail_form is not None or binding.thumbnail_sha256 == thumbnail.sha256
    )
    same_digits = binding.fields.get("sku_id", "").endswith(model.sha256[:DIGITS])
    return model_fits and thumbnail_fits and same_digits


def _content(
    product: Product, model_sha256: str, snapshot: Snapshot, state: State, *, fresh: bool, retry: bool
) -> tuple[Generate | None, Await | None]:
    address = replacement_content_address(product.key)
    if not product.outputs:
        return None, None
    known = {} if fresh else progress_of_replacement(product, snapshot, state)
    missing = tuple(
        name
        for name in product.outputs
        if known.get(name, Progress.NONE) is Progress.NONE or (retry and known[name] is Progress.FAILED)
    )
    archive = product.archive if SILO in product.outputs else ()
    awaiting = Await(address, product.outputs, archive)
    if missing:
        owner = replacement_address(product.key)
        return Generate(address, owner, missing, archive, model_sha256, "the product is new"), awaiting
    complete = all(progress is Progress.DONE for progress in known.values())
    content = content_of_replacement(product, snapshot, state)
    hidden = content is None or not images_to_hide(archive, content.images)
    return None, None if complete and hidden else awaiting


def content_of_replacement(product: Product, snapshot: Snapshot, state: State) -> ContentBinding | None:
    """What is known of the new product's content: as remembered, with what was just read."""
    binding = state.products.get(replacement_address(product.key))
    if binding is None:
        return None
    address = replacement_content_address(product.key)
    known = state.contents.get(address)
    remembered = known if known is not None and known.unicode == binding.unicode else None
    seen, asked_at = snapshot.contents.get(binding.unicode), unanswered_at(state, binding.unicode)
    return merged(address, binding.unicode, remembered, seen, binding.model_sha256, asked_at)


def learned_of_replacement(product: Product, snapshot: Snapshot, state: State) -> tuple[Write, ...]:
    """What reading taught about the content of a product that is to take over."""
    content = content_of_replacement(product, snapshot, state)
    if content is None:
        return ()
    known = state.contents.get(content.address)
    return learned(content.address, known, content) if known != content else ()


def progress_of_replacement(product: Product, snapshot: Snapshot, state: State) -> dict[str, Progress]:
    """How far each wanted output of the new product is."""
    content = content_of_replacement(product, snapshot, state)
    if content is None:
        return {}
    return {
        name: content.outputs[name].progress if name in content.outputs else Progress.NONE for name in product.outputs
    }


def failed_outputs(
    product: Product, files: tuple[PlannedFile, PlannedFile | None], snapshot: Snapshot, state: State
) -> dict[str, Progress]:
    """Outputs of the new product that ended otherwise than Done: it cannot take over.

    None of a product that was made of other files than the wanted ones: it gives way to a new one.
    """
    binding = state.products.get(replacement_address(product.key))
    if binding is None or not _fits(binding, files):
        return {}
    progress = progress_of_replacement(product, snapshot, state)
    return {name: found for name, found in progress.items() if found.final and found is not Progress.DONE}


def is_hopeless(failed: Mapping[str, Progress]) -> bool:
    """Whether an output is wanted that can never be made, so that trying again is a job for nothing."""
    return not NEVER_MADE.isdisjoint(failed.values())


def failed_notice(product: Product, failed: Mapping[str, Progress]) -> Notice:
    last = "want these outputs no longer" if is_hopeless(failed) else "plan with --retry-failed"
    return Notice(
        product.address,
        f"its replacement could not be completed ({', '.join(failed)} failed), so the old product stays live: "
        f"put the former file back, give it another one, or {last}",
    )


def swept(identity: Identity, changes: dict[str, Change], snapshot: Snapshot, wanting: set[str]) -> dict[str, Change]:
    """Deletes of what is left over: retired products, and replacements that nothing wants to finish any more.

    A replacement that is wanted but failed stays, and so does one whose product is in conflict: it may be live.
    """
    kept = wanting | {key_of(address) for address, change in changes.items() if isinstance(change, Conflict)}
    kept_addresses = {replacement_address(key) for key in kept}
    left = [binding for binding in identity.leftovers if binding.address not in kept_addresses]
    return {binding.address: _clear_away(binding, snapshot.by_unicode.get(binding.unicode)) for binding in left}


def _clear_away(binding: ProductBinding, seen: RemoteProduct | None) -> Change:
    if seen is None:
        return Forget(binding.address, "it is gone from the remote")
    if kind_of(binding.address) == RETIRED:
        return Delete(binding.address, binding.unicode, fields_of(seen), protected=False, reason="it was replaced")
    # It may be wanted again under the same sku_id, which a deleted product can keep.
    why = "it was left over" if kind_of(binding.address) == STRAY else "its replacement was given up"
    return Delete(binding.address, binding.unicode, fields_of(seen), protected=False, reason=why, release=True)
