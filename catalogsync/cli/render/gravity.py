"""The order in which changes are read: what cannot be undone comes first, and otherwise the plan's own order."""

from __future__ import annotations

from catalogsync.plan.changes import (
    Adopt,
    Archive,
    Await,
    Conflict,
    Create,
    Delete,
    Forget,
    Generate,
    Park,
    Plan,
    Render,
    Replace,
    Update,
)

_ORDER: tuple[tuple[type, ...], ...] = (
    (Conflict,),
    (Delete,),
    (Replace,),
    (Update, Park, Archive),
    (Adopt, Forget),
    (Create,),
    (Generate, Render),
    (Await,),
)
_GRAVITY = {kind: weight for weight, kinds in enumerate(_ORDER) for kind in kinds}


def gravest_first(plan: Plan) -> list[int]:
    """Positions in `plan.changes`."""
    return sorted(range(len(plan.changes)), key=lambda index: _GRAVITY[type(plan.changes[index])])
