"""The numbers of a plan and of a run, counted as Terraform counts them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from catalogsync.model.addresses import PRODUCT, kind_of
from catalogsync.plan.changes import (
    Adopt,
    Archive,
    Await,
    Change,
    Conflict,
    Create,
    Delete,
    Forget,
    Generate,
    Park,
    Render,
    Replace,
    Update,
)


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of Terraform's summary line."""

    adopted: int = 0
    added: int = 0
    changed: int = 0
    destroyed: int = 0
    forgotten: int = 0


def count(changes: tuple[Change, ...]) -> Counts:
    """Count changes as Terraform would: an adoption with edits is both an import and a change."""
    return Counts(**Counter(name for change in changes for name in _counted_as(change)))


def _counted_as(change: Change) -> tuple[str, ...]:  # noqa: PLR0911 - one case for each type of change
    match change:
        case Create() | Generate() | Render():
            return ("added",)
        case Update() | Archive():
            return ("changed",)
        case Adopt(edits=edits):
            return ("adopted", "changed") if edits else ("adopted",)
        case Replace():
            return ("added", "destroyed")
        case Delete(address=address):
            return ("destroyed",) if kind_of(address) == PRODUCT else ()
        case Forget():
            return ("forgotten",)
        case Await() | Conflict() | Park():
            return ()
