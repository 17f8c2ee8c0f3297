"""How the steps of content changes are performed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from catalogsync.apply.bench import Bench, Done, NotReady, Result
from catalogsync.apply.unknown import OUTCOME_UNKNOWN, TRIES, give_up_if_told_to_wait, phase_of, shows_up, time_left
from catalogsync.errors import CatalogSyncError, InvalidRequestError, RemoteError
from catalogsync.model.addresses import key_of, product_address
from catalogsync.model.outputs import OUTPUTS, SILO, Progress
from catalogsync.model.remote import NOT_REQUESTED, ContentSeen, SharedContent
from catalogsync.model.state import (
    Bind,
    ContentBinding,
    Intend,
    Intent,
    KnownImage,
    NoteDuration,
    Origin,
    OutputRecord,
    Phase,
    Settle,
)
from catalogsync.plan.changes import Archive, Await, Generate
from catalogsync.plan.contents import images_to_hide, merge_images, progress_seen, tells_of_job

SUBMIT_JOB = "submit-job"


async def submit_job(bench: Bench, change: Generate) -> Result:
    """One job for all missing outputs; when the answer is lost, the status tells whether it was accepted.

    A job is never sent again before the status has shown nothing of it for the settle time, be it of an earlier run.
    """
    unicode = bench.memory.product(change.product_address).unicode
    found: set[str] = set()
    for earlier in bench.memory.open_intents(change.address, SUBMIT_JOB, unicode):
        found |= await _found(bench, change, earlier)
    rest = tuple(name for name in change.outputs if name not in found)
    if rest:
        await _submit(bench, change, unicode, rest)
    return Done()


async def _found(bench: Bench, change: Generate, earlier: Intent) -> set[str]:
    """The outputs of an earlier, unanswered job that was accepted after all; then they are remembered as running."""
    unicode, outputs = earlier.request.get("unicode", ""), tuple(earlier.request.get("outputs", "").split(","))
    left = time_left(bench, earlier)
    if unicode != bench.memory.product(change.product_address).unicode or left == 0:
        return set()  # the plan has just read the status, and there was nothing
    if not await shows_up(bench, lambda: _accepted(bench, change.address, unicode, outputs), left):
        return set()
    requested = _requested(bench, change, unicode, outputs)
    await bench.memory.commit(Bind(requested), Settle(earlier.id, Phase.DONE, "the status shows it"))
    return set(outputs)


async def _submit(bench: Bench, change: Generate, unicode: str, outputs: tuple[str, ...]) -> None:
    intent = bench.intent(change.address, SUBMIT_JOB, {"unicode": unicode, "outputs": ",".join(outputs)})
    await bench.memory.commit(Intend(intent))
    for left in reversed(range(TRIES)):
        try:
            await bench.remote.submit_content_job(unicode, outputs)
        except OUTCOME_UNKNOWN as error:
            await bench.memory.commit(Settle(intent.id, Phase.UNKNOWN, str(error)))
            give_up_if_told_to_wait(error)
            if await shows_up(bench, lambda: _accepted(bench, change.address, unicode, outputs), bench.settle_time):
                break
            if not left:
                raise
        except RemoteError as error:
            phase = phase_of(error, suspected=left < TRIES - 1)
            await bench.memory.commit(Settle(intent.id, phase, str(error)))
            _explain(bench, change, error)
            raise
        else:
            break
    settled = bench.memory.settled(change.address, SUBMIT_JOB, Phase.DONE, ",".join(outputs), unicode)
    await bench.memory.commit(Bind(_requested(bench, change, unicode, outputs)), *settled)
    bench.runs_still(change.address)


def _explain(bench: Bench, change: Generate, error: RemoteError) -> None:
    """What is listed may lack its files: who made it, a run whose state is lost perhaps, never finished the upload."""
    address = change.product_address
    if isinstance(error, InvalidRequestError) and bench.memory.product(address).origin is Origin.ADOPTED:
        error.hint = error.hint or f"If its upload was never finished, --replace {address} makes the product anew."


async def _accepted(bench: Bench, address: str, unicode: str, outputs: Iterable[str]) -> bool:
    seen = await bench.remote.content_status(unicode=unicode)
    known = bench.memory.contents.get(address)
    return seen is not None and any(tells_of_job(name, seen, known) for name in outputs)


def _requested(bench: Bench, change: Generate, unicode: str, outputs: tuple[str, ...]) -> ContentBinding:
    known = bench.memory.contents.get(change.address)
    current = known if known is not None and known.unicode == unicode else None
    record = OutputRecord(change.model_sha256, Progress.RUNNING, bench.now())
    return ContentBinding(
        address=change.address,
        unicode=unicode,
        outputs={**(current.outputs if current else {}), **dict.fromkeys(outputs, record)},
        images=current.images if current else (),
    )


async def wait_content(bench: Bench, change: Generate | Await) -> Result:
    """Look once: done when every output of the change has ended.

    Raises CatalogSyncError when one of them ended otherwise than Done; the others are remembered all the same.
    """
    binding = _content(bench, change.address)
    seen = await bench.remote.content_status(unicode=binding.unicode)
    if seen is None:
        raise CatalogSyncError(f"The product of {change.address} vanished from the remote while its content was made.")
    bench.tell_unknown_words(change.address, *(seen.outputs.get(name, NOT_REQUESTED).word for name in change.outputs))
    latest = _with_status(_content(bench, change.address), seen)
    if latest != binding:
        await bench.memory.commit(Bind(latest), *_durations(bench, binding, latest))
    progress = {name: seen.outputs.get(name, NOT_REQUESTED).progress for name in change.outputs}
    if not all(state.final for state in progress.values()):
        bench.runs_still(change.address)
        return NotReady()
    bad = [f"{OUTPUTS[name].label} {state.value}" for name, state in progress.items() if state is not Progress.DONE]
    if bad:
        raise CatalogSyncError(
            f"The remote could not make all content: {', '.join(bad)}.",
            hint="Look at the model in a viewer; when it is right, apply again with --retry-failed.",
        )
    return Done()


def _durations(bench: Bench, before: ContentBinding, latest: ContentBinding) -> list[NoteDuration]:
    """What the outputs teach that were running at the look before and are done at this one."""
    return [
        sample
        for name, record in latest.outputs.items()
        if record.progress is Progress.DONE and before.outputs[name].progress is Progress.RUNNING
        for sample in bench.duration(latest.address, name, record.requested_at)
    ]


def _with_status(binding: ContentBinding, seen: ContentSeen) -> ContentBinding:
    outputs = {
        name: replace(record, progress=progress_seen(name, seen.outputs[name], binding.images))
        if name in seen.outputs and seen.outputs[name].progress is not Progress.NONE
        else record
        for name, record in binding.outputs.items()
    }
    images = merge_images(binding.images, seen.outputs.get(SILO, NOT_REQUESTED).images)
    return replace(binding, outputs=outputs, images=images)


async def hide(bench: Bench, change: Generate | Await | Archive) -> Result:
    """Archive the images that the patterns name; no call when none match."""
    binding = _content(bench, change.address)
    images = change.hide if isinstance(change, Archive) else images_to_hide(change.archive, binding.images)
    return await _set_archived(bench, binding, images, archived=True)


async def show(bench: Bench, change: Archive) -> Result:
    """Unarchive images that no pattern names any more."""
    return await _set_archived(bench, _content(bench, change.address), change.show, archived=False)


async def _set_archived(
    bench: Bench, binding: ContentBinding, images: tuple[KnownImage, ...], *, archived: bool
) -> Result:
    ids = [image.id for image in images]
    if not ids:
        return Done()
    await bench.remote.archive_images(binding.unicode, ids, archive=archived)
    latest = _content(bench, binding.address)
    marked = tuple(replace(image, archived=archived) if image.id in ids else image for image in latest.images)
    await bench.memory.commit(Bind(replace(latest, images=marked)))
    return Done()


async def collect(bench: Bench, change: Generate | Await) -> Result:
    """See that the finished content can be had: a status may say Done before there is a URL."""
    binding = _content(bench, change.address)
    shared = await bench.remote.shared_content(unicode=binding.unicode)
    return Done() if shared is not None and _complete(binding, shared, change.outputs) else NotReady()


def _complete(binding: ContentBinding, shared: SharedContent, outputs: Iterable[str]) -> bool:
    hidden = any(image.archived for image in binding.images)
    return all(bool(shared.images) or hidden if name == SILO else bool(shared.urls.get(name)) for name in outputs)


def _content(bench: Bench, address: str) -> ContentBinding:
    binding = bench.memory.contents.get(address)
    if binding is None:
        raise CatalogSyncError(f"{product_address(key_of(address))} has no content job on record.")
    return binding
