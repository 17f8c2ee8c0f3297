"""What is remembered before it is durable: later steps see it at once; what cannot be kept is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Effect = tuple[dict[str, Any], str, Any]
"""A table, a key in it and its new value; None takes the key out."""


@dataclass(slots=True)
class _Draft:
    """`kept` is the durable value, None when there is none; `waiting` counts commits that may still change it."""

    kept: Any
    waiting: int = 0


class Drafts:
    """Each effect that is `put` is later `settled` once, in the order of the puts."""

    def __init__(self) -> None:
        self._drafts: dict[tuple[int, str], _Draft] = {}

    def put(self, effect: Effect) -> None:
        table, key, value = effect
        draft = self._drafts.setdefault((id(table), key), _Draft(table.get(key)))
        draft.waiting += 1
        _set(table, key, value)

    def settled(self, effect: Effect, *, kept: bool) -> None:
        """Whether the effect is durable. When nothing waits any more, the table says what is durable and no more."""
        table, key, value = effect
        draft = self._drafts[id(table), key]
        draft.waiting -= 1
        if kept:
            draft.kept = value
        if draft.waiting == 0:
            _set(table, key, draft.kept)
            del self._drafts[id(table), key]


def _set(table: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value
