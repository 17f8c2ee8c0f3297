"""Reading for `--refresh=none`: nothing for a plan that is shown, and for one that is applied what it would touch."""

from __future__ import annotations

from collections.abc import Callable

from catalogsync.model.addresses import key_of
from catalogsync.model.catalog import Catalog
from catalogsync.model.snapshot import Snapshot, recalled, updated
from catalogsync.model.state import State
from catalogsync.observe import Observation, observe
from catalogsync.observe.ports import Reader
from catalogsync.plan.changes import Plan
from catalogsync.plan.recalling import contradicted, keys_to_read, part_to_read


async def read_what_changes(
    reader: Reader, catalog: Catalog, state: State, plan_of: Callable[[Snapshot], Plan], how: Observation
) -> Snapshot:
    """What is remembered, with a reading of every product that the plan of it would touch put over it.

    What is read may touch others (an identifier turns out to be another one's): they are read too, until every row
    rests on a reading. Calls of unknown outcome are looked into first. Raises as `observe`.
    """
    snapshot, asked, intents = recalled(state), set[str](), state.intents
    while True:
        keys = keys_to_read(plan_of(snapshot)) | contradicted(snapshot, state)
        keys = (keys | {key_of(intent.address) for intent in intents}) - asked
        if not keys:
            return snapshot
        part, known = part_to_read(catalog, snapshot, state, keys, intents)
        seen = await observe(reader, part, known, how)
        snapshot = updated(snapshot, seen, frozenset(binding.unicode for binding in known.products.values()))
        asked, intents = asked | keys, ()
