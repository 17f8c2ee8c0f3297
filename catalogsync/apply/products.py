"""How a product that is already there is bound and updated."""

from __future__ import annotations

from dataclasses import replace

from catalogsync.apply.bench import Bench, Done, Result
from catalogsync.errors import InvalidRequestError
from catalogsync.model.events import ChangeRecovered
from catalogsync.model.state import Bind, Origin, ProductBinding, Stage
from catalogsync.plan.changes import Adopt, Update


async def bind(bench: Bench, change: Adopt) -> Result:
    """Adopt: remember a product that is already there."""
    await bench.memory.commit(Bind(adopted(change, bench.now())))
    return Done()


def adopted(change: Adopt, at: str) -> ProductBinding:
    """The binding of a product that is adopted at a time."""
    return ProductBinding(
        address=change.address,
        unicode=change.unicode,
        origin=Origin.ADOPTED,
        stage=Stage.FINALIZED,
        fields=dict(change.fields),
        model_sha256=change.model_sha256,
        thumbnail_sha256=change.thumbnail_sha256,
        protect=change.protect,
        bound_at=at,
    )


async def patch(bench: Bench, change: Update | Adopt) -> Result:
    """Send only the fields that differ. A gtin that the remote refuses to clear stays, and that is remembered."""
    binding = bench.memory.product(change.address)
    edits = {edit.name: edit.after for edit in change.edits}
    keeps_gtin = binding.keeps_gtin and not edits.get("gtin")
    try:
        await bench.remote.update_product(change.unicode, edits)
    except InvalidRequestError as error:
        if edits.get("gtin") != "" or not error.says_taken("gtin"):
            raise
        del edits["gtin"]
        if edits:
            await bench.remote.update_product(change.unicode, edits)
        bench.report(
            ChangeRecovered(change.address, f"its gtin stays as it is, and clearing is not tried again: {error}")
        )
        keeps_gtin = True
    fields = {**binding.fields, **edits}
    await bench.memory.commit(Bind(replace(binding, fields=fields, keeps_gtin=keeps_gtin)))
    return Done()
