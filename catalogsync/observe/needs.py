"""What has to be read. Pure: from the catalog, the state and what is seen so far to the reads that can matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalogsync.model.addresses import (
    REPLACEMENT,
    content_address,
    key_of,
    kind_of,
    replacement_content_address,
)
from catalogsync.model.catalog import Catalog
from catalogsync.model.durations import RENDER, first_look
from catalogsync.model.identity import Identity, Match, bindings_of, open_creates
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import RemoteProduct
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import Intent, OutputRecord, ProductBinding, RenderBinding, Stage, State

Young = Callable[[Iterable[tuple[str, OutputRecord | RenderBinding]]], bool]  # none of these jobs can have ended yet
LISTED_WITHIN = timedelta(minutes=10)  # a list is expected to show a product that is older than this


@dataclass(frozen=True, slots=True)
class LookUp:
    """One filtered read: by `unicode`, `sku_id`, `gtin` or `salsify_id`."""

    field: str
    value: str


def first_look_ups(catalog: Catalog, state: State, seen: Snapshot) -> list[LookUp]:
    """One for each product that `seen` does not answer yet: bound ones by unicode, others by sku_id."""
    bindings = bindings_of(catalog, state)
    wanted = []
    for product in catalog.products:
        binding = bindings.get(product.address)
        if binding is not None and binding.unicode not in seen.by_unicode:
            wanted.append(LookUp("unicode", binding.unicode))
        elif binding is None and product.sku_id not in seen.by_sku:
            wanted.append(LookUp("sku_id", product.sku_id))
    claimed = {binding.address for binding in bindings.values()}
    for binding in state.products.values():
        unwanted = binding.address not in claimed and binding.address not in catalog.removed
        if unwanted and binding.unicode not in seen.by_unicode:
            wanted.append(LookUp("unicode", binding.unicode))
    return wanted


def second_look_ups(catalog: Catalog, state: State, seen: Snapshot, field: str) -> list[LookUp]:
    """After the first: who else may hold a wanted `field` (sku_id or gtin), where what is seen does not tell."""
    return _in_doubt(catalog, state, seen, field, _identifiers_of(seen))


def left_to_apply(catalog: Catalog, state: State, seen: Snapshot) -> frozenset[str]:
    """Gtins of products that are in no list and not bound: who has them matters when they are created, not before.

    A plan that is only looked at shows such a product as new; applying asks first, and adopts what it finds.
    """
    bound = bindings_of(catalog, state)
    new = (one for one in catalog.products if one.address not in bound and one.sku_id not in seen.by_sku)
    return frozenset(one.gtin for one in new if one.gtin and one.gtin not in seen.by_gtin)


def foreseen_second_look_ups(catalog: Catalog, state: State, seen: Snapshot) -> int:
    """How many second look-ups to count on before the first are made.

    A bound product is expected to be as it was remembered. One that is not bound is expected to be new: whether it is
    there under its gtin has to be asked apart, for the API's filters only narrow each other.
    """
    remembered = {binding.unicode: binding.fields for binding in state.products.values()}
    held = {**remembered, **_identifiers_of(seen)}
    return sum(len(_in_doubt(catalog, state, seen, field, held)) for field in ("sku_id", "gtin"))


def _in_doubt(
    catalog: Catalog, state: State, seen: Snapshot, field: str, held: Mapping[str, Mapping[str, str]]
) -> list[LookUp]:
    """Wanted values of `field` of which nobody knows the holder; `held` is what bound products hold, by unicode."""
    bindings = bindings_of(catalog, state)
    known = seen.by_sku if field == "sku_id" else seen.by_gtin
    wanted = []
    for product in catalog.products:
        binding = bindings.get(product.address)
        value = product.managed_fields().get(field, "")
        asked = field == "sku_id" and binding is None
        holds = binding is not None and held.get(binding.unicode, {}).get(field) == value
        if value and value not in known and not asked and not holds:
            wanted.append(LookUp(field, value))
    return wanted


def salsify_look_ups(catalog: Catalog, state: State, seen: Snapshot) -> list[LookUp]:
    """One for each product without a binding that has a salsify_id of which nobody seen is known to be the holder."""
    bindings = bindings_of(catalog, state)
    return [
        LookUp("salsify_id", product.salsify_id)
        for product in catalog.products
        if product.salsify_id and product.address not in bindings and product.salsify_id not in seen.by_salsify
    ]


def _identifiers_of(seen: Snapshot) -> dict[str, Mapping[str, str]]:
    return {unicode: {"sku_id": one.sku_id, "gtin": one.gtin} for unicode, one in seen.by_unicode.items()}


def unlisted_look_ups(state: State, seen: Snapshot, now: str) -> list[LookUp]:
    """Products of ours that a list does not show, to be asked for by their status: not listed is not absent.

    A list may leave out a product whose upload was never marked successful, or one that was made a moment ago. An
    older one that is in no list is gone, whatever a status still says of it: a deleted product may stay visible there.
    """
    wanted = [
        LookUp("unicode", binding.unicode)
        for binding in state.products.values()
        if binding.unicode not in seen.by_unicode
        and (binding.stage is Stage.CREATED or _within(binding.bound_at, now, LISTED_WITHIN))
    ]
    sent = [request.get("sku_id", "") for request in open_creates(state).values()]
    wanted += [LookUp("sku_id", sku) for sku in sent if sku and sku not in seen.by_sku]
    return wanted


def _within(at: str, now: str, span: timedelta) -> bool:
    """Whether less than that has passed; no for a time that is not known."""
    try:
        age = datetime.fromisoformat(now) - datetime.fromisoformat(at)
    except (ValueError, TypeError):
        return False
    return age < span


def young_at(now: str, floor: float, state: State) -> Young:
    """Tells jobs that were submitted so short a time ago that to look at them is a credit for nothing.

    `floor` is in seconds, 0 to look always; a job is young before it and before the first look that was learned.
    """

    def young(jobs: Iterable[tuple[str, OutputRecord | RenderBinding]]) -> bool:
        open_jobs = [(kind, job.requested_at) for kind, job in jobs if job.progress is Progress.RUNNING]
        wait = max(floor, first_look(state.durations, [kind for kind, _ in open_jobs]) or 0.0)
        return floor > 0 and bool(open_jobs) and all(_within(at, now, timedelta(seconds=wait)) for _, at in open_jobs)

    return young


def statuses_needed(identity: Identity, state: State, young: Young, *, everything: bool) -> list[str]:
    """Unicodes of products whose content status can matter: a wanted output is not known to have ended.

    A job that was not answered may run as well as another: while it is young, applying looks at it in its own time.
    """
    unanswered = [intent for intent in state.intents if intent.step == "submit-job"]
    sent = {intent.id: _sent(intent) for intent in unanswered}
    old = [intent for intent in unanswered if not young(sent[intent.id].items())]
    jobs = _Jobs(
        frozenset(intent.address for intent in old),
        frozenset(intent.request.get("unicode", "") for intent in old),
        {intent.request.get("unicode", ""): sent[intent.id] for intent in unanswered if intent not in old},
    )
    replacements = [
        binding.unicode
        for binding in identity.leftovers
        if kind_of(binding.address) == REPLACEMENT
        and binding.stage is Stage.FINALIZED
        and (everything or _replacement_open(binding, state, jobs, young))
    ]
    return replacements + [
        match.seen.unicode
        for match in identity.matches
        if match.seen is not None
        and match.product.outputs
        and not (match.binding is not None and match.binding.stage is Stage.CREATED)
        and (
            everything
            or match.product.content_address in jobs.addresses
            or match.seen.unicode in jobs.asked_of
            or _content_open(match, match.seen, state, jobs, young)
        )
    ]


@dataclass(frozen=True, slots=True)
class _Jobs:
    """Unanswered jobs: whose status is to be read now, by address and by product, and, by product, what is young."""

    addresses: frozenset[str]
    asked_of: frozenset[str]  # whatever address they had then
    young: Mapping[str, Mapping[str, OutputRecord]]


def _sent(job: Intent) -> dict[str, OutputRecord]:
    """The outputs of an unanswered job, as they are remembered if it was accepted."""
    record = OutputRecord("", Progress.RUNNING, job.at)
    return dict.fromkeys(job.request.get("outputs", "").split(","), record)


def _replacement_open(binding: ProductBinding, state: State, jobs: _Jobs, young: Young) -> bool:
    address = replacement_content_address(key_of(binding.address))
    if address in jobs.addresses or binding.unicode in jobs.asked_of:
        return True
    content = state.contents.get(address)
    known = content is not None and content.unicode == binding.unicode
    records = {**(content.outputs if content is not None and known else {}), **jobs.young.get(binding.unicode, {})}
    return any(not record.progress.final for record in records.values()) and not young(records.items())


def _content_open(match: Match, seen: RemoteProduct, state: State, jobs: _Jobs, young: Young) -> bool:
    former = content_address(key_of(match.binding.address)) if match.binding else ""
    binding = state.contents.get(match.product.content_address) or state.contents.get(former)
    known = binding.outputs if binding is not None and binding.unicode == seen.unicode else {}
    outputs = {**known, **jobs.young.get(seen.unicode, {})}
    records = {name: record for name in match.product.outputs if (record := outputs.get(name)) is not None}
    if len(records) < len(match.product.outputs):
        return True
    return any(not record.progress.final for record in records.values()) and not young(records.items())


def renders_needed(catalog: Catalog, state: State, young: Young, *, everything: bool) -> Iterator[RenderBinding]:
    """Renders whose images can matter: submitted and not known to have ended."""
    for render in catalog.renders:
        binding = state.renders.get(render.address)
        if binding is None or (not everything and binding.progress is not Progress.RUNNING):
            continue
        if everything or not young([(RENDER, binding)]):
            yield binding
