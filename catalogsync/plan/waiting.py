"""The part of a plan that merely waits for jobs that an earlier run left running."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from catalogsync.model.state import Intent
from catalogsync.plan.changes import Await, Change, Generate, Plan, Price, Replace
from catalogsync.plan.contents import outputs_of
from catalogsync.plan.steps import Polls, StepKind, price_of


def only_waiting(made: Plan, intents: tuple[Intent, ...] = ()) -> Plan:
    """The plan's running jobs alone: what `wait` applies. A job behind a replacement is waited for by itself.

    `intents`: the open ones. A job that was not answered may run as well; the first look at it tells.
    """
    unanswered = _unanswered(intents)
    found = [
        (awaited, _price(change, awaited, price))
        for change, price in zip(made.changes, made.prices, strict=True)
        if (awaited := _running(change, unanswered)) is not None
    ]
    changes, prices = [change for change, _ in found], [price for _, price in found]
    return replace(made, changes=tuple(changes), prices=tuple(prices), edges=())


def _unanswered(intents: tuple[Intent, ...]) -> dict[str, set[str]]:
    """The outputs of jobs that were not answered, by address."""
    found: dict[str, set[str]] = {}
    for intent in intents:
        if intent.step == StepKind.SUBMIT_JOB:
            found.setdefault(intent.address, set()).update(outputs_of(intent))
    return found


def _running(change: Change, unanswered: Mapping[str, set[str]]) -> Await | None:
    """The job of a change that runs already, or may."""
    match change:
        case Await():
            return change
        case Replace(create=None, generate=None):
            return change.awaiting
        case Generate() | Replace(create=None, generate=Generate()):
            sent = change.generate if isinstance(change, Replace) else change
            return _may_run(sent, unanswered) if sent is not None else None
        case _:
            return None


def _may_run(sent: Generate, unanswered: Mapping[str, set[str]]) -> Await | None:
    outputs = tuple(name for name in sent.outputs if name in unanswered.get(sent.address, ()))
    return Await(sent.address, outputs, sent.archive) if outputs else None


def _price(change: Change, awaited: Await, price: Price) -> Price:
    """What the change costs without the steps that follow the wait; their price is the same whatever is polled."""
    if change is awaited:
        return price
    at_once = Polls(0, 0, 0)
    rest = price_of(change, at_once).expected - price_of(awaited, at_once).expected
    return Price(price.minimum - rest, price.expected - rest, price.maximum - rest)
