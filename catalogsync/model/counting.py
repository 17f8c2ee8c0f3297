"""Numbers of things in words."""

from __future__ import annotations


def counted(number: int, thing: str) -> str:
    """`1 product`, `1,234 products`: of a thing whose plural ends in s."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
