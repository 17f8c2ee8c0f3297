"""Destroying: the diff against a catalog that wants nothing."""

from __future__ import annotations

from dataclasses import replace

from catalogsync.model.catalog import Catalog
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import State
from catalogsync.plan.changes import Change, Delete, Diff, Forget
from catalogsync.plan.diff import diff


def emptied(catalog: Catalog) -> Catalog:
    """The catalog without anything wanted. What it lists under `removed:` is still only forgotten, not deleted."""
    return replace(catalog, products=(), renders=(), moved={})


def destruction(catalog: Catalog, snapshot: Snapshot, state: State) -> Diff:
    """Delete every product that is ours and forget the rest. Protected is what manifest or state protects."""
    found = diff(emptied(catalog), snapshot, state, {})
    protected = {product.address for product in catalog.products if product.protect}
    protected |= {catalog.moved[address] for address in protected if address in catalog.moved}
    return replace(found, changes=tuple(_meant(change, protected) for change in found.changes))


def _meant(change: Change, protected: set[str]) -> Change:
    match change:
        case Delete():
            guarded = change.protected or change.address in protected
            return replace(change, reason="everything is to be destroyed", protected=guarded)
        case Forget(address=address) if address.startswith("render."):
            return replace(change, reason="everything is to be destroyed; its images stay")
        case _:
            return change
