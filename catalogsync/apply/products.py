"""How the steps of product changes are performed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from catalogsync.apply.bench import Bench, Done, Restart, Result
from catalogsync.apply.unknown import OUTCOME_UNKNOWN, pauses
from catalogsync.errors import CatalogSyncError, InvalidRequestError, NotFoundError, RemoteError, UploadRefusedError
from catalogsync.model.addresses import (
    PRODUCT,
    REPLACEMENT,
    content_address,
    key_of,
    kind_of,
    replacement_content_address,
)
from catalogsync.model.events import ChangeRecovered, UploadProgress
from catalogsync.model.remote import CreatedProduct, RemoteProduct
from catalogsync.model.state import (
    Bind,
    Bury,
    Intend,
    Intent,
    Origin,
    Phase,
    ProductBinding,
    Settle,
    Stage,
    Unbind,
)
from catalogsync.plan.changes import Adopt, Create, Delete, Forget, PlannedFile, Start, Update

CREATE = "create"
DELETE = "delete"


async def create(bench: Bench, change: Create) -> Result:
    """Create the product; when the answer is lost, look for it before anything is sent again.

    A repeat after the look cannot make a duplicate, since the remote keeps sku_id unique: it is refused instead, and
    then the product that the lost call made is found and cleared away.
    """
    intent = bench.intent(change.address, CREATE, dict(change.fields))
    await bench.memory.commit(Intend(intent))
    suspected = False
    for pause in (*pauses(bench.settle_time), None):
        try:
            created = await _send_create(bench, change)
        except OUTCOME_UNKNOWN as error:
            suspected = True
            await bench.memory.commit(Settle(intent.id, Phase.UNKNOWN, str(error)))
            orphan = await _find(bench, change.fields["sku_id"])
            if orphan is not None:
                return _orphan(bench, change, orphan, "its create was not answered")
            if pause is None:
                raise
            await bench.sleep(pause)
        except InvalidRequestError as error:
            if suspected and error.says_taken("sku_id"):
                return await _taken(bench, change, intent, error)
            await bench.memory.commit(Settle(intent.id, Phase.FAILED, str(error)))
            raise _explained(error, change) from error
        except RemoteError as error:
            await bench.memory.commit(Settle(intent.id, Phase.FAILED, str(error)))
            raise
        else:
            await _created(bench, change, created)
            return Done()
    raise AssertionError("the last pause is None")


async def _send_create(bench: Bench, change: Create) -> CreatedProduct:
    thumbnail = change.thumbnail.name if change.thumbnail else None
    return await bench.remote.create_product(change.fields, model_name=change.model.name, thumbnail_name=thumbnail)


async def _created(bench: Bench, change: Create, created: CreatedProduct) -> None:
    binding = ProductBinding(
        address=change.address,
        unicode=created.product.unicode,
        origin=Origin.CREATED,
        stage=Stage.CREATED,
        fields=dict(change.fields),
        model_form=created.model_form,
        thumbnail_form=created.thumbnail_form,
        protect=change.protect,
    )
    settled = bench.memory.settled(change.address, CREATE, Phase.DONE, created.product.unicode)
    await bench.memory.commit(Bind(binding), *settled)


async def _taken(bench: Bench, change: Create, intent: Intent, error: InvalidRequestError) -> Result:
    """Our repeat was refused as a duplicate: the lost call did its work. Find it, or leave it to the next run."""
    for pause in pauses(bench.settle_time):
        orphan = await _find(bench, change.fields["sku_id"])
        if orphan is not None:
            return _orphan(bench, change, orphan, "its create was not answered")
        await bench.sleep(pause)
    await bench.memory.commit(Settle(intent.id, Phase.UNKNOWN, str(error)))
    raise CatalogSyncError(
        f"A create of sku_id {change.fields['sku_id']} was not answered, and the product it made cannot be seen yet.",
        hint="Run apply again: it looks for the product first and never creates a second one.",
    ) from error


async def _find(bench: Bench, sku_id: str) -> RemoteProduct | None:
    """By the list, then by the status, which also knows products whose upload was never finished."""
    listed = await bench.remote.find_products(sku_id=sku_id)
    for product in listed:
        if product.sku_id == sku_id:
            return product
    content = await bench.remote.content_status(sku_id=sku_id)
    return content.product if content else None


def _orphan(bench: Bench, change: Create, orphan: RemoteProduct, why: str) -> Restart:
    bench.report(ChangeRecovered(change.address, f"{why}; the unfinished product {orphan.unicode} is made again"))
    return Restart(replace(change, start=Start.ORPHAN, unicode=orphan.unicode), why)


def _explained(error: InvalidRequestError, change: Create) -> CatalogSyncError:
    for field in ("sku_id", "gtin"):
        if error.says_taken(field):
            return CatalogSyncError(
                f"{error} {field} {change.fields.get(field, '')} is held by a product that is in no list: one that "
                "was deleted and keeps its identifiers, or one whose upload was never finished.",
                hint=f"Give the product another {field}, or have the other one released at Imagine.io.",
            )
    return error


async def release(bench: Bench, change: Create | Delete) -> Result:
    """Free sku_id and gtin of a product that is about to be deleted, since a deleted one may keep them.

    The product of an unanswered create is bound first, so that it is not lost when we are cut off in between.
    """
    if isinstance(change, Create):
        await bench.memory.commit(
            Bind(_unfinished(change)),
            *bench.memory.settled(change.address, CREATE, Phase.DONE, f"{change.unicode}, its upload forms are lost"),
        )
    await release_identifiers(bench, change.unicode, change.fields)
    return Done()


async def release_identifiers(bench: Bench, unicode: str, fields: Mapping[str, str]) -> None:
    """Free the sku_id and gtin that a product holds; a product that is gone holds none.

    A gtin is cleared; where the remote does not take an empty one, it is parked like the sku_id.
    """
    parked = f"released-{unicode}"
    held = [name for name in ("sku_id", "gtin") if fields.get(name)]
    values = {"sku_id": parked, "gtin": ""}
    try:
        await bench.remote.update_product(unicode, {name: values[name] for name in held})
    except NotFoundError:
        return
    except InvalidRequestError:
        await bench.remote.update_product(unicode, dict.fromkeys(held, parked))


def _unfinished(change: Create) -> ProductBinding:
    return ProductBinding(
        address=change.address,
        unicode=change.unicode,
        origin=Origin.CREATED,
        stage=Stage.CREATED,
        fields=dict(change.fields),
        protect=change.protect,
    )


async def delete_orphan(bench: Bench, change: Create) -> Result:
    """Delete the unfinished product; its address is then free for the create that follows."""
    await _delete_remotely(bench, change.unicode)
    await bench.memory.commit(Bury(change.unicode), *_unbinding(change.address))
    return Done()


async def delete(bench: Bench, change: Delete) -> Result:
    """Delete a product of ours, and forget its content with it."""
    intent = bench.intent(change.address, DELETE, {"unicode": change.unicode})
    await bench.memory.commit(Intend(intent))
    try:
        await _delete_remotely(bench, change.unicode)
    except OUTCOME_UNKNOWN as error:
        await bench.memory.commit(Settle(intent.id, Phase.UNKNOWN, str(error)))
        raise
    except RemoteError as error:
        await bench.memory.commit(Settle(intent.id, Phase.FAILED, str(error)))
        raise
    await bench.memory.commit(
        *bench.memory.settled(change.address, DELETE, Phase.DONE, change.unicode),
        Bury(change.unicode),
        *_unbinding(change.address),
    )
    return Done()


def _unbinding(address: str) -> tuple[Unbind, ...]:
    """A product's content goes with it; a render and a retired product stand alone."""
    if kind_of(address) == PRODUCT:
        return Unbind(address), Unbind(content_address(key_of(address)))
    if kind_of(address) == REPLACEMENT:
        return Unbind(address), Unbind(replacement_content_address(key_of(address)))
    return (Unbind(address),)


async def _delete_remotely(bench: Bench, unicode: str) -> None:
    try:
        await bench.remote.delete_product(unicode)
    except NotFoundError:
        return


async def forget(bench: Bench, change: Forget) -> Result:
    """Stop managing an address: the state alone changes."""
    await bench.memory.commit(
        *bench.memory.settled(change.address, DELETE, Phase.DONE, "gone from the remote"),
        *_unbinding(change.address),
    )
    return Done()


async def upload_model(bench: Bench, change: Create) -> Result:
    binding = bench.memory.product(change.address)
    if binding.model_uploaded and binding.model_sha256 == change.model.sha256:
        return Done()
    return await _upload(bench, change, change.model, "model")


async def upload_thumbnail(bench: Bench, change: Create) -> Result:
    binding = bench.memory.product(change.address)
    if change.thumbnail is None or (binding.thumbnail_uploaded and binding.thumbnail_sha256 == change.thumbnail.sha256):
        return Done()
    return await _upload(bench, change, change.thumbnail, "thumbnail")


async def _upload(bench: Bench, change: Create, file: PlannedFile, which: str) -> Result:
    """Send a file by its form. A form that is refused for good makes the create begin anew."""
    binding = bench.memory.product(change.address)
    form = binding.model_form if which == "model" else binding.thumbnail_form
    again = replace(change, start=Start.ORPHAN, unicode=binding.unicode)
    if form is None:
        return Restart(again, f"the upload form of its {which} is lost")
    try:
        await bench.remote.upload(form, file.path, sha256=file.sha256, progress=_progress(bench, change, file))
    except UploadRefusedError as error:
        if not error.form_unusable:
            raise
        bench.report(ChangeRecovered(change.address, f"{error} The product is made again with fresh upload forms."))
        return Restart(again, f"the bucket refused the form of its {which}: {error}")
    latest = bench.memory.product(change.address)
    if which == "model":
        updated = replace(latest, model_uploaded=True, model_form=None, model_sha256=file.sha256)
    else:
        updated = replace(latest, thumbnail_uploaded=True, thumbnail_form=None, thumbnail_sha256=file.sha256)
    await bench.memory.commit(Bind(updated))
    return Done()


def _progress(bench: Bench, change: Create, file: PlannedFile) -> Callable[[int], None]:
    return lambda sent: bench.report(UploadProgress(change.address, file.written, sent, file.size))


async def finalize(bench: Bench, change: Create) -> Result:
    """Mark the upload as successful: only then is the product there for content and renders."""
    binding = bench.memory.product(change.address)
    answer = await bench.remote.finalize_product(binding.unicode)
    await bench.memory.commit(
        Bind(
            replace(binding, stage=Stage.FINALIZED, product_id=answer.product_id, model_form=None, thumbnail_form=None)
        )
    )
    return Done()


async def bind(bench: Bench, change: Adopt) -> Result:
    """Adopt: remember a product that is already there."""
    binding = ProductBinding(
        address=change.address,
        unicode=change.unicode,
        origin=Origin.ADOPTED,
        stage=Stage.FINALIZED,
        fields=dict(change.fields),
        model_sha256=change.model_sha256,
        thumbnail_sha256=change.thumbnail_sha256,
        protect=change.protect,
    )
    await bench.memory.commit(Bind(binding))
    return Done()


async def patch(bench: Bench, change: Update | Adopt) -> Result:
    """Send only the fields that differ."""
    binding = bench.memory.product(change.address)
    edits = {edit.name: edit.after for edit in change.edits}
    await bench.remote.update_product(change.unicode, edits)
    await bench.memory.commit(Bind(replace(binding, fields={**binding.fields, **edits})))
    return Done()
