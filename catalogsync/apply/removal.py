"""How products go: identifiers released, products deleted, addresses forgotten."""

from __future__ import annotations

from collections.abc import Mapping

from catalogsync.apply.bench import Bench, Done, Result
from catalogsync.apply.creation import CREATE
from catalogsync.apply.unknown import OUTCOME_UNKNOWN
from catalogsync.errors import InvalidRequestError, NotFoundError, RemoteError
from catalogsync.model.addresses import (
    PRODUCT,
    REPLACEMENT,
    content_address,
    key_of,
    kind_of,
    replacement_content_address,
)
from catalogsync.model.state import Bind, Bury, Intend, Origin, Phase, ProductBinding, Settle, Stage, Unbind
from catalogsync.plan.changes import Create, Delete, Forget
from catalogsync.plan.identifiers import RELEASED

DELETE = "delete"


async def release(bench: Bench, change: Create | Delete) -> Result:
    """Free sku_id and gtin of a product that is about to be deleted, since a deleted one may keep them.

    The product of an unanswered create is bound first, so that it is not lost when we are cut off in between.
    """
    if isinstance(change, Create):
        await bench.memory.commit(
            Bind(_unfinished(bench, change)),
            *bench.memory.settled(change.address, CREATE, Phase.DONE, f"{change.unicode}, its upload forms are lost"),
        )
    await release_identifiers(bench, change.unicode, change.fields)
    return Done()


async def release_identifiers(bench: Bench, unicode: str, fields: Mapping[str, str]) -> None:
    """Free the sku_id and gtin that a product holds; a product that is gone holds none.

    A gtin is cleared; where the remote does not take an empty one, it is parked like the sku_id.
    """
    parked = f"{RELEASED}{unicode}"
    held = [name for name in ("sku_id", "gtin") if fields.get(name)]
    values = {"sku_id": parked, "gtin": ""}
    try:
        await bench.remote.update_product(unicode, {name: values[name] for name in held})
    except NotFoundError:
        return
    except InvalidRequestError:
        await bench.remote.update_product(unicode, dict.fromkeys(held, parked))


def _unfinished(bench: Bench, change: Create) -> ProductBinding:
    return ProductBinding(
        address=change.address,
        unicode=change.unicode,
        origin=Origin.CREATED,
        stage=Stage.CREATED,
        fields=dict(change.fields),
        protect=change.protect,
        bound_at=bench.now(),
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
