"""The pace: halved by "too many", grown by one call a round, never below one nor above its most."""

import asyncio

from catalogsync.api.pace import Pace


def test_the_limit_is_halved_and_grows_back_slowly():
    pace = Pace(8)
    limits = [pace.limit]
    for _ in range(4):
        pace.slower()
        limits.append(pace.limit)
    assert limits == [8, 4, 2, 1, 1]
    grown = 0
    while pace.limit < 8:
        pace.faster()
        grown += 1
    assert 20 < grown < 40
    pace.faster()
    assert pace.limit == 8


def most_at_once(pace, calls, meanwhile=lambda done: None):
    async def run():
        now, most, done = 0, [], 0

        async def call():
            nonlocal now, done
            async with pace.slot():
                now += 1
                most.append(now)
                await asyncio.sleep(0)
                now -= 1
                done += 1
                meanwhile(done)

        async with asyncio.TaskGroup() as group:
            for _ in range(calls):
                group.create_task(call())
        return most

    return asyncio.run(run())


def test_no_more_calls_than_the_limit_are_under_way():
    assert max(most_at_once(Pace(3), 20)) == 3


def test_a_lower_limit_holds_from_then_on():
    pace = Pace(4)
    most = most_at_once(pace, 30, lambda done: pace.slower() if done in {4, 8} else None)
    assert max(most[12:]) == 1
    assert len(most) == 30


def test_a_cancelled_waiter_passes_its_turn_on():
    async def run():
        pace, order = Pace(1), []

        async def call(name):
            async with pace.slot():
                order.append(name)

        async with pace.slot():
            tasks = [asyncio.create_task(call(name)) for name in "ab"]
            await asyncio.sleep(0)
        tasks[0].cancel()  # it has the turn, but has not run yet
        await asyncio.wait(tasks)
        return order

    assert asyncio.run(run()) == ["b"]
