"""How the steps of scene renders are performed."""

from __future__ import annotations

from dataclasses import replace

from catalogsync.apply.bench import Bench, Done, NotReady, Result
from catalogsync.apply.unknown import OUTCOME_UNKNOWN, TRIES, give_up_if_told_to_wait, phase_of, shows_up, time_left
from catalogsync.errors import CatalogSyncError, RemoteError
from catalogsync.model.durations import RENDER
from catalogsync.model.events import ChangeRecovered
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import ImageId, RenderImage
from catalogsync.model.state import Bind, Intend, Intent, Origin, Phase, RenderBinding, Settle
from catalogsync.plan.changes import Await, Render
from catalogsync.plan.renders import refreshed

SUBMIT_RENDER = "submit-render"


async def submit_render(bench: Bench, change: Render) -> Result:
    """Submit the render; a lost answer is looked for among the images of its SKUs before anything is sent again."""
    async with bench.holding_skus(_sku_ids(change)):
        for earlier in bench.memory.open_intents(change.address, SUBMIT_RENDER):
            if earlier.request.get("fingerprint") == change.fingerprint and await _shows_up(
                bench, change, earlier, time_left(bench, earlier)
            ):
                return Done()
        lost = bench.memory.settled(change.address, SUBMIT_RENDER, Phase.FAILED, "no image of it is on the remote")
        await bench.memory.commit(*lost)
        return await _submit(bench, change)


async def _submit(bench: Bench, change: Render) -> Result:
    await _know_former_images(bench, change)
    before = await _images_before(bench, change)
    request = {
        "fingerprint": change.fingerprint,
        "before": ",".join(str(i) for i in sorted(before, key=str)),
        "sku_ids": "\n".join(_sku_ids(change)),
    }
    intent = bench.intent(change.address, SUBMIT_RENDER, request)
    await bench.memory.commit(Intend(intent))
    for left in reversed(range(TRIES)):
        try:
            render_id = await bench.remote.create_images(change.request)
        except OUTCOME_UNKNOWN as error:
            await bench.memory.commit(Settle(intent.id, Phase.UNKNOWN, str(error)))
            give_up_if_told_to_wait(error)
            if await _shows_up(bench, change, intent, bench.settle_time):
                return Done()
            if not left:
                raise
        except RemoteError as error:
            phase = phase_of(error, suspected=left < TRIES - 1)
            await bench.memory.commit(Settle(intent.id, phase, str(error)))
            raise
        else:
            await bench.memory.commit(
                Bind(_binding(bench, change, render_id)), Settle(intent.id, Phase.DONE, render_id)
            )
            bench.runs_still(change.address)
            return Done()
    raise AssertionError("the last try raises")


async def _images_before(bench: Bench, change: Render) -> set[ImageId]:
    """Images that were there before us.

    Only an adopted product, or a submission that was never answered, can have made some that the state does not know.
    """
    if _unanswered_beside(bench, change):
        reads = [await bench.remote.render_images(sku_id=sku_id) for sku_id in _sku_ids(change)]
        return {image.id for images in reads for image in images}
    products = [bench.memory.products.get(address) for address in change.product_addresses]
    if all(product is not None and product.origin is Origin.CREATED for product in products):
        return set()
    return {image.id for image in await bench.remote.render_images(sku_id=change.request.products[0].sku_id)}


def _unanswered_beside(bench: Bench, change: Render) -> list[Intent]:
    """Open submissions of other renders with a product of this one, oldest first."""
    ours = set(_sku_ids(change))
    return [
        intent
        for intent in bench.memory.intents.values()
        if intent.step == SUBMIT_RENDER
        and intent.address != change.address
        and ours.intersection(intent.request.get("sku_ids", "").split("\n"))
    ]


async def _shows_up(bench: Bench, change: Render, intent: Intent, settle_time: float) -> bool:
    return await shows_up(bench, lambda: _found(bench, change, intent), settle_time)


async def _found(bench: Bench, change: Render, intent: Intent) -> bool:
    """Whether a submission that was not answered did its work: then its images are bound, without a render_id."""
    sku_id = change.request.products[0].sku_id
    known = await _known_images(bench, change, sku_id)
    images = await bench.remote.render_images(sku_id=sku_id)
    later = _later(bench, change, intent)
    ours = tuple(
        image
        for image in images
        if image.id not in known
        and str(image.id) not in _before(intent)
        and all(str(image.id) in _before(other) for other in later)
    )
    if not ours:
        return False
    binding = refreshed(replace(_binding(bench, change, ""), image_ids=tuple(i.id for i in ours)), ours)
    await bench.memory.commit(
        Bind(binding),
        *bench.memory.settled(change.address, SUBMIT_RENDER, Phase.DONE, "found by its images"),
    )
    bench.report(ChangeRecovered(change.address, "its submission was not answered; its images were found"))
    return True


def _later(bench: Bench, change: Render, intent: Intent) -> list[Intent]:
    """Open submissions that were begun after this one: its images were there before them, theirs were not."""
    order = list(bench.memory.intents)
    begun = order.index(intent.id)
    return [other for other in _unanswered_beside(bench, change) if order.index(other.id) > begun]


def _before(intent: Intent) -> list[str]:
    return intent.request.get("before", "").split(",")


async def _known_images(bench: Bench, change: Render, sku_id: str) -> set[ImageId]:
    """Ids of images that belong to other renders of this SKU; those not known yet are read once."""
    known: set[ImageId] = set()
    for address, binding in list(bench.memory.renders.items()):
        if sku_id not in binding.sku_ids:
            continue
        current = binding
        if not binding.image_ids and binding.render_id:
            current = refreshed(binding, await bench.remote.render_images(render_id=binding.render_id))
            await bench.memory.commit(Bind(current))
        if address != change.address or binding.fingerprint != change.fingerprint:
            known.update(current.image_ids)
        known.update(current.former_image_ids)
    return known


def _binding(bench: Bench, change: Render, render_id: str) -> RenderBinding:
    return RenderBinding(
        address=change.address,
        render_id=render_id,
        fingerprint=change.fingerprint,
        sku_ids=_sku_ids(change),
        progress=Progress.RUNNING,
        requested_at=bench.now(),
        former_image_ids=_former_images(bench, change),
    )


async def _know_former_images(bench: Bench, change: Render) -> None:
    """Before an address is submitted anew: its images stay on the remote and must not be taken for new ones later."""
    former = bench.memory.renders.get(change.address)
    if former is not None and former.render_id and not former.image_ids:
        images = await bench.remote.render_images(render_id=former.render_id)
        await bench.memory.commit(Bind(refreshed(former, images)))


def _former_images(bench: Bench, change: Render) -> tuple[ImageId, ...]:
    former = bench.memory.renders.get(change.address)
    return (*former.former_image_ids, *former.image_ids) if former is not None else ()


def _sku_ids(change: Render) -> tuple[str, ...]:
    return tuple(dict.fromkeys(product.sku_id for product in change.request.products))


async def wait_render(bench: Bench, change: Render | Await) -> Result:
    """Look once: done when every camera has ended.

    Raises CatalogSyncError when one of them failed.
    """
    binding = bench.memory.renders.get(change.address)
    if binding is None:
        raise CatalogSyncError(f"{change.address} has no render job on record.")
    images = await images_of(bench, binding)
    bench.tell_unknown_words(change.address, *(image.word for image in images))
    latest = refreshed(binding, images)
    finished = latest.progress is Progress.DONE and binding.progress is Progress.RUNNING
    learned = bench.duration(change.address, RENDER, binding.requested_at) if finished else ()
    if latest != binding:
        await bench.memory.commit(Bind(latest), *learned)
    if not latest.progress.final:
        bench.runs_still(change.address)
        return NotReady()
    if latest.progress is not Progress.DONE:
        raise CatalogSyncError(
            f"The remote could not render {change.address}: {latest.progress.value}.",
            hint="Apply again with --retry-failed to submit it again.",
        )
    return Done()


async def images_of(bench: Bench, binding: RenderBinding) -> tuple[RenderImage, ...]:
    """The images of a render: by its render_id, or out of its SKU's images when the id was never told."""
    if binding.render_id:
        return await bench.remote.render_images(render_id=binding.render_id)
    images = await bench.remote.render_images(sku_id=binding.sku_ids[0])
    return tuple(image for image in images if image.id in binding.image_ids)
