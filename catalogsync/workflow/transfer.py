"""Put a state that came as a JSON document in the place of the one that is there."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalogsync.errors import StateError
from catalogsync.manifest.schema import breaches
from catalogsync.model.addresses import (
    CONTENT,
    PRODUCT,
    RENDER,
    REPLACEMENT,
    REPLACEMENT_CONTENT,
    RETIRED,
    kind_of,
)
from catalogsync.model.state import Note, Phase, Restore, RunEnded, RunStarted, State
from catalogsync.state import StateStore, state_of_document
from catalogsync.state.rows import utc_now

_SCHEMA = "state"
_KINDS = {
    "products": {PRODUCT, REPLACEMENT, RETIRED},
    "contents": {CONTENT, REPLACEMENT_CONTENT},
    "renders": {RENDER},
}
_SHOWN = 50  # problems; more help nobody


@dataclass(frozen=True, slots=True)
class Pushed:
    """What came of a push: where the former state is kept, and the counts of what is remembered now."""

    kept: Path
    lineage: str
    serial: int
    resources: int
    open_calls: int


def read_document(text: str, name: str) -> State:
    """The state in a document; `name` is the file's, for messages. Raises StateError with every problem at once."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StateError(
            f"{name} is no JSON: {error}.", hint="`catalogsync state pull` prints a state as JSON."
        ) from error
    if wrong := [*breaches(_SCHEMA, document)] or [*_misplaced(document)]:
        listed = [f"  {problem}" for problem in wrong[:_SHOWN]]
        more = [f"  ... and {len(wrong) - _SHOWN} more"] if len(wrong) > _SHOWN else []
        raise StateError(
            "\n".join([f"{name} is no state, so nothing was pushed:", *listed, *more]),
            hint="The format is schemas/state.schema.json: what `catalogsync state pull` prints.",
        )
    return state_of_document(document)


def _misplaced(document: Mapping[str, Any]) -> Iterator[str]:
    """What a schema cannot say: addresses under the heading of another kind, and ids that are not unique."""
    for section, kinds in _KINDS.items():
        for address in document[section]:
            if kind_of(address) not in kinds or not address.partition(".")[2]:
                yield f"$.{section}: {address!r} is no address of {' or '.join(sorted(kinds))}"
    ids = [intent["id"] for intent in document["intents"]]
    yield from (f"$.intents: two have the id {one!r}" for one in sorted({one for one in ids if ids.count(one) > 1}))


def push(store: StateStore, state: State, *, force: bool, command: str) -> Pushed:
    """Replace the state, after a copy was made; it is a run of its own, after which a saved plan is stale.

    Raises StateError when the document is of another state or an older one, unless `force`.
    """
    former = store.load()
    if not force:
        _refuse_foreign(former, state)
    kept = store.back_up("push")
    run_id, now = uuid.uuid4().hex, utc_now()
    done = f"serial {state.serial} in the place of serial {former.serial}, which is kept in {kept.name}"
    store.commit_now(
        Restore(state),
        RunStarted(run_id, command, now),
        Note(run_id, "state", "push", Phase.DONE, done),
        RunEnded(run_id, "ok", 0, now),
    )
    made = store.load()
    resources = len(made.products) + len(made.contents) + len(made.renders)
    return Pushed(kept, made.lineage, made.serial, resources, len(made.intents))


def _refuse_foreign(former: State, state: State) -> None:
    if former.serial == 0:  # nothing was ever written to it
        return
    if former.lineage != state.lineage:
        raise StateError(
            f"The document is of another state: its lineage is {state.lineage!r}, here it is {former.lineage!r}.",
            hint="--force replaces this state with it all the same; a copy is kept.",
        )
    if state.serial < former.serial:
        raise StateError(
            f"The document is older than the state: its serial is {state.serial}, here it is {former.serial}.",
            hint="Pull again and make the change there, or go back to it with --force; a copy is kept.",
        )
