"""Numbers of things in words."""

from __future__ import annotations

import pytest

from catalogsync.model.counting import counted


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 products"), (1, "1 product"), (2, "2 products"), (1234567, "1,234,567 products")]
)
def test_one_is_singular_and_thousands_are_told_apart(number: int, said: str) -> None:
    assert counted(number, "product") == said
