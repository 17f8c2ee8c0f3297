"""Look for drift: read all that is remembered, and compare. Nothing is changed, neither there nor in the state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from catalogsync.api import ApiSettings, ImagineClient
from catalogsync.model.state import State
from catalogsync.observe import Observation, Refresh, observe
from catalogsync.plan.drift import Drifted, drift, remembered_catalog


@dataclass(frozen=True, slots=True)
class DriftLook:
    """What has drifted, of how many resources that were looked at, and what looking cost."""

    drifted: tuple[Drifted, ...]
    resources: int
    spent: int
    available: int | None


async def look_for_drift(state: State, api: ApiSettings, workers: int, say: Callable[[str], None]) -> DriftLook:
    """Read every remembered product, its content and the renders. Raises ObservationError, RemoteError."""
    async with ImagineClient(api) as client:
        snapshot = await observe(client, remembered_catalog(state), state, Observation(Refresh.FULL, workers, say))
    looked_at = len(state.products) + len(state.contents) + len(state.renders)
    return DriftLook(drift(snapshot, state), looked_at, snapshot.spent, snapshot.available)
