"""Unique values (sku_id, gtin) changing hands: which a change gives up and which it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from catalogsync.model.remote import RemoteProduct
from catalogsync.model.state import ProductBinding
from catalogsync.plan.changes import Adopt, Change, Create, Delete, FieldEdit, Notice, Park, Replace, Update

UNIQUE_FIELDS = ("sku_id", "gtin")
RELEASED = "released-"  # and its own unicode: the sku_id of a product that gave its identifiers up, to be deleted


def with_releases(changes: Mapping[str, Change]) -> dict[str, Change]:
    """Mark the deletes whose identifiers another change of this plan takes."""
    taken = {pair for change in changes.values() for pair in taken_values(change)}
    return {
        address: replace(change, release=True)
        if isinstance(change, Delete) and taken.intersection(held_values(change))
        else change
        for address, change in changes.items()
    }


def taken_values(change: Change) -> set[tuple[str, str]]:
    """The unique values (field, value) that a change begins to hold."""
    match change:
        case Create(fields=fields):
            pairs = [(name, fields.get(name, "")) for name in UNIQUE_FIELDS]
        case Update(edits=edits) | Adopt(edits=edits):
            pairs = [(edit.name, edit.after) for edit in edits if edit.name in UNIQUE_FIELDS]
        case Replace(fields=fields, takes=takes):
            pairs = [(name, takes.get(name, "")) for name in UNIQUE_FIELDS if takes.get(name) != fields.get(name)]
        case _:
            pairs = []
    return {pair for pair in pairs if pair[1]}


def held_values(change: Change) -> set[tuple[str, str]]:
    """The unique values (field, value) that a change gives up."""
    match change:
        case Delete(fields=fields):
            pairs = [(name, fields.get(name, "")) for name in UNIQUE_FIELDS]
        case Update(edits=edits) | Adopt(edits=edits):
            pairs = [(edit.name, edit.before) for edit in edits if edit.name in UNIQUE_FIELDS]
        case Park(edits=edits):
            pairs = [(edit.name, edit.before) for edit in edits]
        case Replace(fields=fields, takes=takes):
            pairs = [(name, fields.get(name, "")) for name in UNIQUE_FIELDS if takes.get(name) != fields.get(name)]
        case _:
            pairs = []
    return {pair for pair in pairs if pair[1]}


def fields_of(seen: RemoteProduct) -> dict[str, str]:
    """The updatable fields of a remote product, by their wire names."""
    return {
        "sku_id": seen.sku_id,
        "gtin": seen.gtin,
        "name": seen.name,
        "main_asset_name": seen.main_asset_name,
    }


def parked(unicode: str, edit: FieldEdit) -> FieldEdit:
    """The edit that gives a value up for the time of an exchange: a gtin is cleared, a sku_id gets a unique one."""
    return FieldEdit(edit.name, edit.before, "" if edit.name == "gtin" else f"parked-{unicode}")


def untried(edits: tuple[FieldEdit, ...], binding: ProductBinding, notices: list[Notice]) -> tuple[FieldEdit, ...]:
    """The edits without one that the remote has refused before: each try costs a credit. A notice says so instead."""
    refused = [edit for edit in edits if binding.keeps_gtin and edit.name == "gtin" and not edit.after]
    notices += [
        Notice(
            binding.address,
            f"its gtin {edit.before} stays: the remote takes an empty one for one product only. Give it another gtin, "
            "or leave the key out.",
        )
        for edit in refused
    ]
    return tuple(edit for edit in edits if edit not in refused)
