"""Make a lost or damaged state anew: what the manifest names and the remote has is adopted. Nothing there changes."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from catalogsync.api import ApiSettings
from catalogsync.apply.products import adopted
from catalogsync.errors import StateDamagedError, StateError
from catalogsync.model.catalog import Catalog
from catalogsync.model.counting import counted
from catalogsync.model.spend import NoteCharges, Predict
from catalogsync.model.state import (
    Bind,
    Note,
    NoteCredits,
    NoteScope,
    Phase,
    ProductBinding,
    RunEnded,
    RunStarted,
    Write,
)
from catalogsync.plan.changes import Adopt, Conflict, Create, Render
from catalogsync.state import MemoryStore, StateStore, hold_file, make_folder, move_aside
from catalogsync.state.rows import utc_now
from catalogsync.workflow.planning import Planned, PlanOptions, make_plan

COMMAND = "state rebuild"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuilt state remembers, and what it cannot. `kept` is where the former file is, None without one."""

    adopted: tuple[str, ...]
    contents: tuple[str, ...]  # whose outputs were found
    absent: tuple[str, ...]  # products that the remote does not have
    conflicts: tuple[tuple[str, str], ...]  # address and reason
    renders: tuple[str, ...]  # what they were made from is forgotten
    kept: Path | None
    spent: int
    available: int | None


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """How: `force` also replaces a state that is whole; `timeout` in seconds is for the lock."""

    options: PlanOptions
    force: bool = False
    timeout: float = 0.0
    say: Callable[[str], None] = lambda _: None


def rebuild(path: Path, catalog: Catalog, api: ApiSettings, how: Rebuilding) -> Rebuilt:
    """Read the remote, then make the state at `path` in one commit. The former file is moved aside, not deleted.

    Nothing is moved before the reading is complete. Raises StateError for a state that is whole, without `force`, and
    what `make_plan` raises.
    """
    _refuse_whole(path, force=how.force)  # brings an old format up to date, which takes the lock
    make_folder(path)
    with hold_file(path, command=COMMAND, timeout=how.timeout, say=how.say) as held:
        _refuse_whole(path, force=how.force)
        planned = asyncio.run(make_plan(catalog, MemoryStore(), api, how.options))
        kept = move_aside(path, "rebuild") if path.exists() else None
        with StateStore.open(path) as store, store.holding(held):
            store.commit_now(*_writes(planned))
    return _told(planned, kept)


def _refuse_whole(path: Path, *, force: bool) -> None:
    """A state that is there, sound and not new is worth more than what can be found again.

    Of another program's file, or of a newer format, `force` makes no damaged one.
    """
    if not path.exists():
        return
    try:
        with StateStore.open(path, create=False) as store:
            store.check()
            state = store.load()
    except StateDamagedError:
        return
    if state.serial > 0 and not force:
        products = counted(len(state.products), "product")
        raise StateError(
            f"The state {path} is whole, with {products} in it: there is nothing to rebuild.",
            hint="--force makes it anew all the same, and keeps the file. What the remote cannot tell is lost then: "
            "digests of models, fingerprints of renders, archived images, the history.",
        )


def _writes(planned: Planned) -> Iterator[Write]:
    made, run_id, now = planned.plan, uuid.uuid4().hex, utc_now()
    yield RunStarted(run_id, COMMAND, now)
    yield Predict(run_id, planned.reading)
    yield NoteCharges(run_id, planned.reading, made.available)
    yield NoteScope(made.made_from.catalog, made.made_from.api_url)
    yield from made.learned
    for change in made.changes:
        if isinstance(change, Adopt):
            yield Bind(replace(adopted(change, now), seen_at=now))
            yield Note(run_id, change.address, "bind", Phase.DONE, f"unicode {change.unicode}")
    if made.available is not None:
        yield NoteCredits(made.available)
    yield RunEnded(run_id, "ok", sum(charge.credits for charge in planned.reading), now)


def _told(planned: Planned, kept: Path | None) -> Rebuilt:
    made = planned.plan
    bound = [write.binding for write in made.learned if isinstance(write, Bind)]
    adopts = [change.address for change in made.changes if isinstance(change, Adopt)]
    return Rebuilt(
        adopted=tuple(sorted([*adopts, *(one.address for one in bound if isinstance(one, ProductBinding))])),
        contents=tuple(sorted(one.address for one in bound if not isinstance(one, ProductBinding))),
        absent=tuple(change.address for change in made.changes if isinstance(change, Create)),
        conflicts=tuple((change.address, change.reason) for change in made.changes if isinstance(change, Conflict)),
        renders=tuple(change.address for change in made.changes if isinstance(change, Render)),
        kept=kept,
        spent=made.spent,
        available=made.available,
    )
