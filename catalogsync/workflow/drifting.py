"""Look for drift: read all that is remembered, and compare. Nothing is changed, neither there nor in the state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from catalogsync.api import ApiSettings, ImagineClient
from catalogsync.model.state import State
from catalogsync.observe import Observation, Refresh, observe
from catalogsync.plan.drift import Drifted, drift, part_of, remembered_catalog
from catalogsync.plan.selection import EVERYTHING, Selection


@dataclass(frozen=True, slots=True)
class DriftLook:
    """What has drifted, of how many resources that were looked at, how many were not, and what looking cost."""

    drifted: tuple[Drifted, ...]
    resources: int
    outside: int
    spent: int
    available: int | None


async def look_for_drift(
    state: State, api: ApiSettings, workers: int, say: Callable[[str], None], selection: Selection = EVERYTHING
) -> DriftLook:
    """Read every remembered product that is meant, its content and the renders.

    Raises UsageMistakeError for a selection that names nothing, ObservationError, RemoteError.
    """
    whole = _resources(state)
    state = part_of(state, selection)
    async with ImagineClient(api) as client:
        snapshot = await observe(client, remembered_catalog(state), state, Observation(Refresh.FULL, workers, say))
    looked_at = _resources(state)
    return DriftLook(drift(snapshot, state), looked_at, whole - looked_at, snapshot.spent, snapshot.available)


def _resources(state: State) -> int:
    return len(state.products) + len(state.contents) + len(state.renders)
