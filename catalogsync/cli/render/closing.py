"""How texts close: lists that are cut short, and the credits that are left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from catalogsync.cli.render.printable import printable

LISTED = 20


def listed(title: str, rows: Sequence[str]) -> Iterator[str]:
    """How many there are and the first of them; nothing of an empty list."""
    if not rows:
        return
    yield f"{len(rows)} {title}:"
    yield from (f"  {printable(row)}" for row in rows[:LISTED])
    if len(rows) > LISTED:
        yield f"  ... and {len(rows) - LISTED} more"


def and_available(credits_left: int | None) -> str:
    """`, 9,998 available`, to go on with after what was spent; nothing where the remote did not say."""
    return "" if credits_left is None else f", {credits_left:,} available"
