"""How files reach the bucket, and how a product is marked as complete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from catalogsync.apply.bench import Bench, Done, Restart, Result
from catalogsync.errors import UploadRefusedError
from catalogsync.model.events import ChangeRecovered, UploadProgress
from catalogsync.model.state import Bind, Stage
from catalogsync.plan.changes import Create, PlannedFile, Start


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
