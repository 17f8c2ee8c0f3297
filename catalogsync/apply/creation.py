"""How a product is created: a lost answer is looked into before anything is sent again."""

from __future__ import annotations

from dataclasses import replace

from catalogsync.apply.bench import Bench, Done, Restart, Result
from catalogsync.apply.unknown import OUTCOME_UNKNOWN, give_up_if_told_to_wait, pauses, phase_of
from catalogsync.errors import CatalogSyncError, InvalidRequestError, RemoteError
from catalogsync.model.addresses import REPLACEMENT, kind_of
from catalogsync.model.events import ChangeRecovered
from catalogsync.model.identity import made_by
from catalogsync.model.remote import ContentSeen, CreatedProduct, RemoteProduct
from catalogsync.model.state import Bind, Intend, Intent, Origin, Phase, ProductBinding, Settle, Stage
from catalogsync.plan.changes import Create, Start

CREATE = "create"


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
            give_up_if_told_to_wait(error)
            orphan = await _find(bench, change, intent)
            if orphan is not None:
                return _orphan(bench, change, orphan, "its create was not answered")
            if pause is None:
                raise
            await bench.sleep(pause)
        except InvalidRequestError as error:
            if suspected and error.says_taken("sku_id"):
                return await _taken(bench, change, intent, error)
            await bench.memory.commit(Settle(intent.id, Phase.FAILED, str(error)))
            left = await _left_over(bench, change, error)
            if left is not None:
                return _orphan(bench, change, left, "a run whose state is lost began it under this sku_id")
            raise _explained(error, change) from error
        except RemoteError as error:
            await bench.memory.commit(Settle(intent.id, phase_of(error, suspected=suspected), str(error)))
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
        bound_at=bench.now(),
    )
    settled = bench.memory.settled(change.address, CREATE, Phase.DONE, created.product.unicode)
    await bench.memory.commit(Bind(binding), *settled)


async def _taken(bench: Bench, change: Create, intent: Intent, error: InvalidRequestError) -> Result:
    """Our repeat was refused as a duplicate: the lost call did its work. Find it, or leave it to the next run."""
    for pause in pauses(bench.settle_time):
        orphan = await _find(bench, change, intent)
        if orphan is not None:
            return _orphan(bench, change, orphan, "its create was not answered")
        await bench.sleep(pause)
    await bench.memory.commit(Settle(intent.id, Phase.UNKNOWN, str(error)))
    raise CatalogSyncError(
        f"A create of sku_id {change.fields['sku_id']} was not answered, and the product it made cannot be seen yet.",
        hint="Run apply again: it looks for the product first and never creates a second one.",
    ) from error


async def _find(bench: Bench, change: Create, intent: Intent) -> RemoteProduct | None:
    """By the list, then by the status, which also knows products whose upload was never finished.

    Raises CatalogSyncError when somebody else's product has the sku_id: only what we made is cleared away.
    """
    sku_id = change.fields["sku_id"]
    found, content = await _seen(bench, sku_id)
    if found is None or made_by(change.fields, found, content):
        return found
    await bench.memory.commit(Settle(intent.id, Phase.FAILED, f"its sku_id is another product's, {found.unicode}"))
    raise CatalogSyncError(
        f"While the create of sku_id {sku_id} was not answered, another product got it: {found.unicode}.",
        hint="Run plan: it shows whether that product can be adopted.",
    )


async def _left_over(bench: Bench, change: Create, error: InvalidRequestError) -> RemoteProduct | None:
    """The product that an earlier run made for this replacement: nobody else names one so, and it has no gtin."""
    if kind_of(change.address) != REPLACEMENT or not error.says_taken("sku_id"):
        return None
    found, _ = await _seen(bench, change.fields["sku_id"])
    ours = {binding.unicode for binding in bench.memory.products.values()}
    return found if found is not None and not found.gtin and found.unicode not in ours else None


async def _seen(bench: Bench, sku_id: str) -> tuple[RemoteProduct | None, ContentSeen | None]:
    listed = next((p for p in await bench.remote.find_products(sku_id=sku_id) if p.sku_id == sku_id), None)
    content = await bench.remote.content_status(sku_id=sku_id)
    return listed or (content.product if content else None), content


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
