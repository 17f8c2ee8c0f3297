"""All pages of a list: by number, a few at once, and only from a list that holds still."""

import asyncio

import pytest

from catalogsync.api.pages import all_pages
from catalogsync.errors import ObservationError, ServerFaultError
from catalogsync.model.remote import Page


def read(pages, workers=3):
    """`pages` maps a page number to the answers it gives, one after the other; the last one stays."""
    asked, now, most = [], 0, 0

    async def page(number):
        nonlocal now, most
        asked.append(number)
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        answers = pages[number]
        total, count, results = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(results, Exception):
            raise results
        return Page(number=number, total_pages=total, count=count, results=results)

    return asyncio.run(all_pages(page, lambda record: record, workers)), asked, most


@pytest.mark.parametrize("total", [0, 1])
def test_one_page_is_one_call(total):
    assert read({1: [(total, 0, ())]}) == ((), [1], 1)


def test_records_come_in_the_order_of_their_pages_whoever_read_them():
    records, asked, most = read({number: [(9, 9, (number,))] for number in range(1, 10)})
    assert records == tuple(range(1, 10))
    assert sorted(asked) == list(range(1, 10))
    assert most == 3


def test_a_list_that_moved_is_read_again():
    moved = {1: [(2, 3, ("a", "b")), (2, 4, ("z", "a"))], 2: [(2, 4, ("b", "c"))]}
    assert read(moved)[0] == ("z", "a", "b", "c")
    twice = {1: [(2, 3, ("a", "b"))], 2: [(2, 3, ("b",)), (2, 3, ("c",))]}
    assert read(twice)[0] == ("a", "b", "c")


def test_a_list_that_never_holds_still_cannot_be_read():
    with pytest.raises(ObservationError, match="kept changing"):
        read({1: [(2, 3, ("a", "b"))], 2: [(2, 3, ("b",))]})


def test_a_page_that_fails_fails_the_list_with_its_own_error():
    with pytest.raises(ServerFaultError):
        read({1: [(3, 3, ("a",))], 2: [(3, 3, ServerFaultError("x", status=500))], 3: [(3, 3, ("c",))]})
