"""How the steps of content changes are performed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from catalogsync.apply.bench import Bench, Done, NotReady, Restart, Result
from catalogsync.apply.jobs import disbelieve, settle, unanswered
from catalogsync.apply.unknown import overdue
from catalogsync.errors import CatalogSyncError
from catalogsync.model.addresses import key_of, product_address
from catalogsync.model.outputs import OUTPUTS, SILO, Progress
from catalogsync.model.remote import NOT_REQUESTED, ContentSeen, SharedContent
from catalogsync.model.state import Bind, ContentBinding, Intent, KnownImage, NoteDuration
from catalogsync.plan.changes import Archive, Await, Generate
from catalogsync.plan.contents import images_to_hide, merge_images, progress_seen


async def wait_content(bench: Bench, change: Generate | Await) -> Result:
    """Look once: done when every output of the change has ended. It also tells whether an unanswered job was accepted.

    Raises CatalogSyncError when one of them ended otherwise than Done; the others are remembered all the same.
    """
    open_jobs = unanswered(bench, change)
    unicode = open_jobs[0].request["unicode"] if open_jobs else _content(bench, change.address).unicode
    seen = await bench.remote.content_status(unicode=unicode)
    if seen is None:
        raise CatalogSyncError(f"The product of {change.address} vanished from the remote while its content was made.")
    nowhere = await settle(bench, change.address, open_jobs, seen)
    return await _doubted(bench, change, nowhere) if nowhere else await _looked_at(bench, change, seen)


async def _doubted(bench: Bench, change: Generate | Await, jobs: Sequence[Intent]) -> Result:
    """The status shows nothing of unanswered jobs: they are given time, then sent again."""
    if not all(overdue(bench, job) for job in jobs):
        return NotReady()
    await disbelieve(bench, jobs)
    return Restart(change, "its job was not answered, and its status shows nothing of it")


async def _looked_at(bench: Bench, change: Generate | Await, seen: ContentSeen) -> Result:
    binding = _content(bench, change.address)
    bench.tell_unknown_words(change.address, *(seen.outputs.get(name, NOT_REQUESTED).word for name in change.outputs))
    latest = _with_status(binding, seen)
    if latest != binding:
        await bench.memory.commit(Bind(latest), *_durations(bench, binding, latest))
    if not set(change.outputs) <= set(latest.outputs):
        raise _never_sent(change.address)
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
        raise _never_sent(address)
    return binding


def _never_sent(address: str) -> CatalogSyncError:
    text = f"{product_address(key_of(address))} has no content job on record."
    return CatalogSyncError(text, hint="Run apply: it sends one.")
