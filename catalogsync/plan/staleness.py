"""Whether a saved plan may still be applied: it is compared, row by row, with a plan that is made afresh."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from fnmatch import fnmatchcase
from typing import Any

from catalogsync.model.addresses import PRODUCT, RETIRED, key_of, kind_of
from catalogsync.plan.changes import (
    Adopt,
    Archive,
    Await,
    Change,
    Create,
    Delete,
    FieldEdit,
    Forget,
    Generate,
    Plan,
    Render,
    Replace,
    Update,
    action_of,
)
from catalogsync.plan.guards import is_local

NOTHING = "nothing"
_SHORT = 12  # letters of a digest, or of any other value, that tell two apart
_LONG = 40


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not as it was saved: whose, what was saved, and what it is now."""

    address: str
    saved: str
    now: str

    def __str__(self) -> str:
        return f"{self.address}: saved {self.saved}, now {self.now}"


def differences(saved: Plan, now: Plan, *, resuming: bool) -> tuple[Difference, ...]:
    """All that differs between a saved plan and one made afresh with the same choices; both with portable paths.

    `resuming`: only runs of the saved plan moved the state. Then what is left must go on with rows of the saved plan,
    and rows that are done are missing. A job that ended since may always be missing.
    """
    return (*_base(saved, now, resuming=resuming), *_rows(saved, now, resuming=resuming))


def _base(saved: Plan, now: Plan, *, resuming: bool) -> Iterator[Difference]:
    then, here = saved.made_from, now.made_from
    if then.catalog_digest != here.catalog_digest:
        yield Difference("the manifest or its files", _short(then.catalog_digest), _short(here.catalog_digest))
    if then.api_url != here.api_url and not (is_local(then.api_url) and is_local(here.api_url)):
        yield Difference("the API", then.api_url, here.api_url)
    if not resuming and then.state_catalog != here.state_catalog:
        yield Difference("the state", _owner(then.state_catalog), _owner(here.state_catalog))
    if then.serial == here.serial == 0:  # a state that nothing was written to is as good as any other
        return
    if then.lineage != here.lineage:
        yield Difference("the state", f"lineage {then.lineage}", f"lineage {here.lineage}")
    elif not resuming and then.serial != here.serial:
        yield Difference("the state", f"serial {then.serial}", f"serial {here.serial}")


def _owner(catalog: str) -> str:
    return f"of catalog {catalog!r}" if catalog else "of no catalog yet"


def _rows(saved: Plan, now: Plan, *, resuming: bool) -> Iterator[Difference]:
    before: dict[str, list[Change]] = defaultdict(list)
    for change in saved.changes:
        before[key_of(change.address)].append(change)
    unmatched = list(saved.changes) if not resuming else []
    for change in now.changes:
        candidates = before[key_of(change.address)]
        if change in candidates:
            _take(unmatched, change)
        elif not any(continues(one, change, resuming=resuming) for one in candidates):
            same = next((one for one in candidates if one.address == change.address), None)
            _take(unmatched, same)
            yield Difference(change.address, *_told_apart(same, change))
    for change in unmatched:
        if not isinstance(change, Await):
            yield Difference(change.address, action_of(change), NOTHING)


def _take(changes: list[Change], one: Change | None) -> None:
    if one is not None and one in changes:
        changes.remove(one)


def continues(saved: Change, now: Change, *, resuming: bool) -> bool:
    """Whether `now` is what is left of `saved`, so that whoever approved `saved` approved it. Both have one key.

    Without `resuming` only a job that ran on may have gone on by itself.
    """
    if isinstance(saved, Await):
        return saved.address == now.address and _goes_on_with_job(saved.outputs, saved.archive, now)
    if not resuming:
        return False
    if isinstance(saved, Replace):
        return _goes_on_replacing(saved, now)
    return saved.address == now.address and _goes_on(saved, now)


def _goes_on(saved: Change, now: Change) -> bool:
    match saved, now:
        case Create(), Create():
            return _same(saved, now, "fields", "model", "thumbnail", "protect")
        case ((Adopt() | Update()), (Adopt() | Update())):
            return saved.unicode == now.unicode and _within(now.edits, {one.name: one.after for one in saved.edits})
        case Delete(), Delete():
            return saved.unicode == now.unicode
        case Archive(), Archive():
            return _rest_of_images(saved, now)
    return isinstance(saved, (Generate, Render)) and _goes_on_generating(saved, now)


def _goes_on_generating(saved: Generate | Render, now: Change) -> bool:
    match saved, now:
        case Generate(), Generate():
            return _same(saved, now, "archive", "model_sha256") and set(now.outputs) <= set(saved.outputs)
        case Generate(), _:
            return _goes_on_with_job(saved.outputs, saved.archive, now)
        case Render(), Render():
            return saved.fingerprint == now.fingerprint
    return isinstance(now, Await)


def _rest_of_images(saved: Archive, now: Archive) -> bool:
    return saved.unicode == now.unicode and _ids(now.hide) <= _ids(saved.hide) and _ids(now.show) <= _ids(saved.show)


def _goes_on_with_job(outputs: Sequence[str], archive: Sequence[str], now: Change) -> bool:
    match now:
        case Await():
            return set(now.outputs) <= set(outputs)
        case Archive():
            return not now.show and all(any(fnmatchcase(one.name, glob) for glob in archive) for one in now.hide)
    return False


def _goes_on_replacing(saved: Replace, now: Change) -> bool:
    """The rest of a replacement: its own, then, after the hand-over, what is left of the old product."""
    match now:
        case Replace():
            return saved.unicode == now.unicode and _parts_go_on(saved, now) and _takes_go_on(saved, now)
        case Update():
            return kind_of(now.address) == PRODUCT and _within(now.edits, saved.takes)
        case Delete() | Forget() if kind_of(now.address) == RETIRED:
            return isinstance(now, Forget) or now.unicode == saved.unicode
    job = saved.generate or saved.awaiting
    return job is not None and _goes_on_with_job(job.outputs, job.archive, now)


def _takes_go_on(saved: Replace, now: Replace) -> bool:
    return saved.takes == now.takes and saved.protected == now.protected


def _parts_go_on(saved: Replace, now: Replace) -> bool:
    create = now.create is None or (saved.create is not None and _goes_on(saved.create, now.create))
    generate = now.generate is None or (saved.generate is not None and _goes_on(saved.generate, now.generate))
    return create and generate


def _within(edits: Sequence[FieldEdit], wanted: Mapping[str, str]) -> bool:
    return all(wanted.get(edit.name) == edit.after for edit in edits)


def _ids(images: Sequence[Any]) -> set[Any]:
    return {image.id for image in images}


def _same(one: Any, other: Any, *names: str) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _told_apart(saved: Change | None, now: Change) -> tuple[str, str]:
    """Two rows in words: their actions, and when those are the same, the values that differ."""
    if saved is None:
        return NOTHING, action_of(now)
    if type(saved) is not type(now):
        return action_of(saved), action_of(now)
    pairs = list(_pairs("", saved, now))
    return (
        f"{action_of(saved)} ({', '.join(f'{name} {_short(before)}' for name, before, _ in pairs)})",
        f"{action_of(now)} ({', '.join(f'{name} {_short(after)}' for name, _, after in pairs)})",
    )


def _pairs(name: str, saved: Any, now: Any) -> Iterator[tuple[str, Any, Any]]:
    """The innermost values that differ, by their dotted names."""
    if saved == now:
        return
    prefix = f"{name}." if name else ""
    if is_dataclass(saved) and type(saved) is type(now):
        for field in fields(saved):
            yield from _pairs(f"{prefix}{field.name}", getattr(saved, field.name), getattr(now, field.name))
    elif isinstance(saved, Mapping) and isinstance(now, Mapping):
        for key in {**saved, **now}:
            yield from _pairs(f"{prefix}{key}", saved.get(key), now.get(key))
    elif isinstance(saved, tuple) and isinstance(now, tuple) and len(saved) == len(now):
        for index, (one, other) in enumerate(zip(saved, now, strict=True)):
            yield from _pairs(f"{name}[{index}]", one, other)
    else:
        yield name, _named(saved), _named(now)


def _named(value: Any) -> Any:
    """Edits and images are told by their names."""
    return tuple(getattr(one, "name", one) for one in value) if isinstance(value, tuple) else value


def _short(value: Any) -> str:
    text = str(value)
    if len(text) == 64 and " " not in text:  # noqa: PLR2004 - a SHA-256 in hex
        return text[:_SHORT]
    return repr(value) if len(text) <= _LONG else f"{text[:_LONG]!r}..."
