"""What a reading confirms: the bindings that it shows to be as they are remembered, with its time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import Bind, Binding, ContentBinding, ProductBinding, RenderBinding, State, Unbind, Write


def timed(learned: tuple[Write, ...], snapshot: Snapshot) -> tuple[Write, ...]:
    """What a reading taught, each binding that the reading bears out with its time."""
    return tuple(_timed(write, snapshot) for write in learned)


def confirmed(state: State, snapshot: Snapshot, learned: tuple[Write, ...]) -> tuple[Write, ...]:
    """Binds that say what is remembered already, as of this reading. Addresses that learning writes are left to it."""
    if not snapshot.read_at:
        return ()
    anew = {write.binding.address for write in learned if isinstance(write, Bind)}
    anew |= {write.address for write in learned if isinstance(write, Unbind)}
    return tuple(
        Bind(replace(binding, seen_at=snapshot.read_at))
        for binding in _bindings(state)
        if binding.address not in anew and _bears_out(snapshot, binding)
    )


def _bindings(state: State) -> Iterator[Binding]:
    yield from state.products.values()
    yield from state.contents.values()
    yield from state.renders.values()


def _timed(write: Write, snapshot: Snapshot) -> Write:
    if isinstance(write, Bind) and snapshot.read_at and _bears_out(snapshot, write.binding):
        return Bind(replace(write.binding, seen_at=snapshot.read_at))
    return write


def _bears_out(snapshot: Snapshot, binding: Binding) -> bool:
    """Whether the reading looked at this, and found the product's fields as they are remembered.

    What was read of content and of a render is in its binding already: such a reading always bears it out.
    """
    match binding:
        case ProductBinding():
            seen = snapshot.by_unicode.get(binding.unicode)
            read = seen is not None and binding.unicode not in snapshot.recalled
            return read and all(getattr(seen, name) == value for name, value in binding.fields.items())
        case ContentBinding():
            return binding.unicode in snapshot.contents
        case RenderBinding():
            return binding.address in snapshot.renders
