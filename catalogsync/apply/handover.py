"""How identifiers change hands: a complete new product takes over from the old one, and values are parked."""

from __future__ import annotations

from dataclasses import replace

from catalogsync.apply.bench import Bench, Done, Result
from catalogsync.apply.removal import delete, release_identifiers
from catalogsync.apply.unknown import OUTCOME_UNKNOWN
from catalogsync.errors import InvalidRequestError, RemoteError
from catalogsync.model.addresses import (
    content_address,
    key_of,
    replacement_address,
    replacement_content_address,
    retired_address,
)
from catalogsync.model.state import Bind, Unbind, Write
from catalogsync.plan.adoption import untrusted
from catalogsync.plan.changes import Delete, Park, Replace
from catalogsync.plan.identifiers import UNIQUE_FIELDS


async def park(bench: Bench, change: Park) -> Result:
    """Give up identifiers for temporary ones; the change that ends the exchange sets the wanted ones.

    A remote that does not take an empty value gets a unique one.
    """
    edits = {edit.name: edit.after for edit in change.edits}
    try:
        await bench.remote.update_product(change.unicode, edits)
    except InvalidRequestError:
        edits = {name: value or f"parked-{change.unicode}" for name, value in edits.items()}
        await bench.remote.update_product(change.unicode, edits)
    binding = bench.memory.products.get(change.address)
    if binding is not None:
        await bench.memory.commit(Bind(replace(binding, fields={**binding.fields, **edits})))
    return Done()


async def release_old(bench: Bench, change: Replace) -> Result:
    """First of the two adjacent calls. What the old product held is remembered before it is given up.

    One that is adopted only to be replaced becomes ours here, and no sooner.
    """
    old = bench.memory.products.get(change.address)
    if old is None or old.unicode != change.unicode:
        old = untrusted(change.address, change.unicode, change.fields, protect=change.protected)
    held = {name: change.takes[name] for name in change.takes if change.takes[name]}
    await bench.memory.commit(Bind(replace(old, fields={**old.fields, **held})))
    await release_identifiers(bench, change.unicode, change.fields)
    return Done()


async def take(bench: Bench, change: Replace) -> Result:
    """Second call: the new product takes the identifiers, and from then on it is the product of the address.

    When the remote refuses, the old product gets its identifiers back before the error is told.
    """
    key = key_of(change.address)
    new = bench.memory.product(replacement_address(key))
    identifiers = {name: change.takes[name] for name in UNIQUE_FIELDS if change.takes.get(name)}
    try:
        await bench.remote.update_product(new.unicode, identifiers)
    except OUTCOME_UNKNOWN:
        raise
    except RemoteError:
        held = {name: change.fields[name] for name in UNIQUE_FIELDS if change.fields.get(name)}
        await bench.remote.update_product(change.unicode, held)
        raise
    old = bench.memory.product(change.address)
    wanted = {name: value for name, value in change.takes.items() if value}
    await bench.memory.commit(
        Bind(replace(old, address=retired_address(key))),
        Unbind(replacement_address(key)),
        Bind(replace(new, address=change.address, fields=wanted)),
        *_content_moves(bench, key),
    )
    return Done()


def _content_moves(bench: Bench, key: str) -> tuple[Write, ...]:
    content = bench.memory.contents.get(replacement_content_address(key))
    if content is None:
        return (Unbind(content_address(key)),)
    return Unbind(content.address), Bind(replace(content, address=content_address(key)))


async def delete_old(bench: Bench, change: Replace) -> Result:
    """The old product is not needed any more. If this fails, the next plan deletes it as a retired product."""
    address = retired_address(key_of(change.address))
    return await delete(bench, Delete(address, change.unicode, change.fields, protected=False, reason=change.reason))
