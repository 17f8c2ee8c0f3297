"""How a product that is already there is bound and updated."""

from __future__ import annotations

from dataclasses import replace

from catalogsync.apply.bench import Bench, Done, Result
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
    """Send only the fields that differ."""
    binding = bench.memory.product(change.address)
    edits = {edit.name: edit.after for edit in change.edits}
    await bench.remote.update_product(change.unicode, edits)
    await bench.memory.commit(Bind(replace(binding, fields={**binding.fields, **edits})))
    return Done()
