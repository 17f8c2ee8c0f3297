"""What a word that names nothing was meant to be."""

from __future__ import annotations

from collections.abc import Iterable


def closest(word: str, known: Iterable[str], *, most: int = 3, likeness: float = 0.6) -> list[str]:
    """The known words that are most like it, best first; `likeness` from 0 to 1 is the least that counts."""
    from difflib import get_close_matches  # only a mistake pays for it

    return get_close_matches(word, list(known), n=most, cutoff=likeness)
