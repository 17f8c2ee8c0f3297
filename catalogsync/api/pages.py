"""All pages of a list, by page number alone: the links of the samples point at other hosts and are never followed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import TypeVar

from catalogsync.errors import ObservationError
from catalogsync.model.remote import Page

T = TypeVar("T")
_TRIES = 3


async def all_pages(
    page: Callable[[int], Awaitable[Page[T]]], identity: Callable[[T], Hashable], workers: int
) -> tuple[T, ...]:
    """Every record of a list, in the order of its pages; pages after the first are read by up to `workers` at once.

    A list that changes while it is read (another count, a record on two pages) is read again. Raises
    ObservationError when it never holds still.
    """
    for _ in range(_TRIES):
        pages = await _read(page, workers)
        records = tuple(record for one in pages for record in one.results)
        same = len({(one.count, one.total_pages) for one in pages}) == 1
        if same and len({identity(record) for record in records}) == len(records):
            return records
    raise ObservationError(
        f"A list kept changing while it was read ({_TRIES} times).", hint="Run again when nobody else is writing."
    )


async def _read(page: Callable[[int], Awaitable[Page[T]]], workers: int) -> list[Page[T]]:
    first = await page(1)
    if first.total_pages <= 1:
        return [first]
    numbers = iter(range(2, first.total_pages + 1))
    rest: dict[int, Page[T]] = {}

    async def work() -> None:
        for number in numbers:
            rest[number] = await page(number)

    tasks = [asyncio.create_task(work()) for _ in range(min(workers, first.total_pages - 1))]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [first, *(rest[number] for number in sorted(rest))]
