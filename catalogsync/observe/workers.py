"""A fixed number of workers over many items, instead of one task for each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


async def each(
    items: Iterable[Item], act: Callable[[Item], Awaitable[Answer]], *, workers: int
) -> list[tuple[Item, Answer]]:
    """Act on every item, at most `workers` at once. The first error ends the others and is raised."""
    source = iter(items)
    answers: list[tuple[Item, Answer]] = []

    async def work() -> None:
        for item in source:
            answers.append((item, await act(item)))  # noqa: PERF401 - several workers share the list

    tasks = [asyncio.create_task(work()) for _ in range(workers)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return answers
