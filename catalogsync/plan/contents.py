"""The diff of content: which outputs of a product are missing, running, failed, and which images are to be hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from catalogsync.model.addresses import CONTENT, content_address, key_of, kind_of
from catalogsync.model.catalog import FileFacts, Product
from catalogsync.model.identity import Identity, Match
from catalogsync.model.outputs import OUTPUTS, SILO, Progress
from catalogsync.model.remote import NOT_REQUESTED, ContentSeen, ImageSeen, OutputSeen
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import (
    Bind,
    ContentBinding,
    Intent,
    KnownImage,
    OutputRecord,
    Phase,
    Settle,
    State,
    Unbind,
    Write,
)
from catalogsync.plan.changes import Archive, Await, Change, Conflict, Create, Diff, Generate, Notice, Replace


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of a product's content, and the model that the remote product was made from."""

    binding: ContentBinding
    model_sha256: str


def diff_content(
    match: Match,
    product_change: Change | None,
    snapshot: Snapshot,
    state: State,
    files: Mapping[str, FileFacts],
    *,
    retry_failed: bool,
) -> Diff:
    """The content changes of one wanted product. A product in conflict has none: its plan is refused anyway.
    One that is replaced has them inside its replacement; one that is left alone as it is not ours has none.
    """
    product = match.product
    model_sha256 = _model_of(match, files)
    left_alone = product_change is None and match.bound is None
    if left_alone or isinstance(product_change, (Conflict, Replace)):
        return Diff(())
    if isinstance(product_change, Create):  # made from the file, whatever a product before it was made from
        return Diff(_generate(product, product.outputs, product_change.model.sha256, "the product is new"))
    if match.seen is None:
        return Diff(_generate(product, product.outputs, model_sha256, "the product is new"))
    unicode = match.seen.unicode
    remembered = _remembered(match, unicode, state)
    seen = snapshot.contents.get(unicode)
    asked_at = unanswered_at(state, unicode)
    known = merged(product.content_address, unicode, remembered, seen, model_sha256, asked_at)
    facts = _Facts(known, model_sha256)
    missing = _missing(product, facts, retry_failed=retry_failed)
    running = tuple(
        name for name in product.outputs if name not in missing and _progress(facts, name) is Progress.RUNNING
    )
    changes: list[Change] = list(_generate(product, tuple(missing), model_sha256, _why(missing)))
    if running:
        changes.append(Await(product.content_address, running, product.archive if SILO in running else ()))
    if SILO not in missing and SILO not in running:
        changes.extend(_archive(product, facts.binding))
    return Diff(
        tuple(changes), _notices(product, facts, missing), learned(product.content_address, remembered, facts.binding)
    )


def _model_of(match: Match, files: Mapping[str, FileFacts]) -> str:
    """The digest of the model that the remote product was made from; an unknown one is assumed to be the file's.

    What is remembered is that of the bound product, not of another that is adopted in the place of one that vanished.
    """
    if match.binding is not None and match.bound is not None and match.binding.model_sha256:
        return match.binding.model_sha256
    return files[match.product.model.path].sha256 if match.product.model else ""


def _remembered(match: Match, unicode: str, state: State) -> ContentBinding | None:
    """The content binding, under the product's present or former address, if it is of this very product."""
    former = content_address(key_of(match.binding.address)) if match.binding else ""
    binding = state.contents.get(match.product.content_address) or state.contents.get(former)
    return binding if binding is not None and binding.unicode == unicode else None


def merged(
    address: str,
    unicode: str,
    remembered: ContentBinding | None,
    seen: ContentSeen | None,
    model_sha256: str,
    asked_at: Mapping[str, str],
) -> ContentBinding:
    """Records with what was just read: the remote's word on progress, our memory of the model it was made from.

    `asked_at`: when outputs were asked for without an answer.
    """
    records = dict(remembered.outputs) if remembered else {}
    images = remembered.images if remembered else ()
    if seen is not None:
        for name, output in seen.outputs.items():
            record = records.get(name)
            progress = progress_seen(name, output, images)
            if progress is Progress.NONE:
                if record is not None and record.progress is not Progress.RUNNING:
                    del records[name]
            elif record is None:
                records[name] = OutputRecord(model_sha256, progress, asked_at.get(name, ""))
            else:
                records[name] = replace(record, progress=progress)
        images = merge_images(images, seen.outputs.get(SILO, NOT_REQUESTED).images)
    return ContentBinding(address, unicode, records, images)


def progress_seen(name: str, output: OutputSeen, known: tuple[KnownImage, ...]) -> Progress:
    """The progress of an output. Silo images that are all archived leave an empty list, which is no running job."""
    if name == SILO and not output.images and any(image.archived for image in known):
        return Progress.DONE
    return output.progress


def merge_images(known: tuple[KnownImage, ...], seen: tuple[ImageSeen, ...]) -> tuple[KnownImage, ...]:
    """Seen images are shown; archived ones we know stay known though no list shows them."""
    shown = {image.id: KnownImage(image.id, image.name) for image in seen if image.progress is Progress.DONE}
    hidden = {image.id: image for image in known if image.archived and image.id not in shown}
    return tuple(sorted((*shown.values(), *hidden.values()), key=lambda image: str(image.id)))


def _progress(facts: _Facts, name: str) -> Progress:
    record = facts.binding.outputs.get(name)
    return record.progress if record else Progress.NONE


def _missing(product: Product, facts: _Facts, *, retry_failed: bool) -> dict[str, str]:
    """Outputs to generate, each with its reason."""
    missing = {}
    for name in product.outputs:
        record = facts.binding.outputs.get(name)
        if record is None:
            missing[name] = "not generated yet"
        elif record.progress is Progress.FAILED and retry_failed:
            missing[name] = "it failed and is tried again"
        elif facts.model_sha256 and record.model_sha256 and record.model_sha256 != facts.model_sha256:
            missing[name] = "the model changed"
    return missing


def _why(missing: Mapping[str, str]) -> str:
    return ", ".join(dict.fromkeys(missing.values()))


def _generate(product: Product, outputs: tuple[str, ...], model_sha256: str, reason: str) -> tuple[Change, ...]:
    if not outputs:
        return ()
    archive = product.archive if SILO in outputs else ()
    return (Generate(product.content_address, product.address, outputs, archive, model_sha256, reason),)


def images_to_hide(patterns: tuple[str, ...], images: tuple[KnownImage, ...]) -> tuple[KnownImage, ...]:
    """Shown images whose name matches a pattern (case-sensitive globs)."""
    return tuple(image for image in images if not image.archived and _matches(patterns, image))


def _archive(product: Product, binding: ContentBinding) -> tuple[Change, ...]:
    hide = images_to_hide(product.archive, binding.images)
    show = tuple(image for image in binding.images if image.archived and not _matches(product.archive, image))
    if not hide and not show:
        return ()
    return (Archive(product.content_address, binding.unicode, hide, show, "the archive patterns say so"),)


def _matches(patterns: tuple[str, ...], image: KnownImage) -> bool:
    return any(fnmatchcase(image.name, pattern) for pattern in patterns)


def learned(address: str, remembered: ContentBinding | None, now: ContentBinding) -> tuple[Write, ...]:
    """What reading taught that the state lacks."""
    writes: list[Write] = []
    if remembered is not None and remembered.address != address:
        writes.append(Unbind(remembered.address))
    if now != remembered and now.outputs:
        writes.append(Bind(now))
    return tuple(writes)


def tells_of_job(name: str, seen: ContentSeen, known: ContentBinding | None) -> bool:
    """Whether a status shows that a job for an output was accepted; one that ended badly at once was, too.

    A failure that is remembered is that of the job before.
    """
    progress = seen.outputs.get(name, NOT_REQUESTED).progress
    same = known is not None and known.unicode == seen.product.unicode
    record = known.outputs.get(name) if known is not None and same else None
    failed_before = record is not None and record.progress is Progress.FAILED
    return progress is not Progress.NONE and not (progress is Progress.FAILED and failed_before)


def outputs_of(job: Intent) -> tuple[str, ...]:
    """The outputs that an open job was sent for."""
    return tuple(job.request.get("outputs", "").split(","))


def unanswered_at(state: State, unicode: str) -> dict[str, str]:
    """When jobs of a product were sent that were not answered, by output."""
    jobs = [one for one in state.intents if one.step == "submit-job" and one.request.get("unicode") == unicode]
    return {name: job.at for job in jobs for name in outputs_of(job)}


def settled_jobs(identity: Identity, state: State, snapshot: Snapshot) -> tuple[Write, ...]:
    """Jobs whose answer was lost and that the status shows, or whose product or outputs are not ours to wait for.

    One that does not show stays open: the remote may be slow to show it, which applying gives time for.
    """
    writes = []
    jobs = [intent for intent in state.intents if intent.step == "submit-job"]
    # By the product, not by the address: that may have changed since the job was sent.
    matches = identity.matches if jobs else ()
    wanted = {match.binding.unicode: match.product.outputs for match in matches if match.binding is not None}
    bound = {binding.unicode for binding in state.products.values()} if jobs else set()
    for intent in jobs:
        unicode, outputs = intent.request.get("unicode", ""), outputs_of(intent)
        seen, known = snapshot.contents.get(unicode), state.contents.get(intent.address)
        unwanted = kind_of(intent.address) == CONTENT and not {*wanted.get(unicode, ())} & {*outputs}
        if unwanted or unicode not in bound:
            writes.append(Settle(intent.id, Phase.FAILED, "nothing waits for it any more"))
        elif seen is not None and any(tells_of_job(name, seen, known) for name in outputs):
            writes.append(Settle(intent.id, Phase.DONE, "the status shows it"))
    return tuple(writes)


_WAY_OUT = {
    Progress.FAILED: "plan with --retry-failed to generate it again",
    Progress.INFECTED: "the remote flagged the model file; replace the file, it is never retried",
    Progress.DISABLED: "the remote has this output disabled for the account; it is never retried",
}


def _notices(product: Product, facts: _Facts, missing: Mapping[str, str]) -> tuple[Notice, ...]:
    notices = []
    for name in product.outputs:
        progress = _progress(facts, name)
        if name not in missing and progress in _WAY_OUT:
            text = f"{OUTPUTS[name].label} is {progress.value.capitalize()}: {_WAY_OUT[progress]}"
            notices.append(Notice(product.content_address, text))
    return tuple(notices)
