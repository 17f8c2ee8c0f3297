"""The part of a plan that merely waits for jobs that an earlier run left running."""

from __future__ import annotations

from dataclasses import replace

from catalogsync.plan.changes import Await, Change, Plan, Price, Replace
from catalogsync.plan.steps import Polls, price_of


def only_waiting(made: Plan) -> Plan:
    """The plan's running jobs alone: what `wait` applies. A job behind a replacement is waited for by itself."""
    found = [
        (awaited, _price(change, awaited, price))
        for change, price in zip(made.changes, made.prices, strict=True)
        if (awaited := _running(change)) is not None
    ]
    changes, prices = [change for change, _ in found], [price for _, price in found]
    return replace(made, changes=tuple(changes), prices=tuple(prices), edges=())


def _running(change: Change) -> Await | None:
    """The job of a change that runs already."""
    if isinstance(change, Replace):
        return change.awaiting if change.create is None and change.generate is None else None
    return change if isinstance(change, Await) else None


def _price(change: Change, awaited: Await, price: Price) -> Price:
    """What the change costs without the steps that follow the wait; their price is the same whatever is polled."""
    if change is awaited:
        return price
    at_once = Polls(0, 0, 0)
    rest = price_of(change, at_once).expected - price_of(awaited, at_once).expected
    return Price(price.minimum - rest, price.expected - rest, price.maximum - rest)
