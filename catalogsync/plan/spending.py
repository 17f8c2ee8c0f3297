"""What a plan is expected to be charged, by address and operation: what the ledger holds charges against."""

from __future__ import annotations

from collections import Counter
from functools import cache

from catalogsync.model.spend import Charge
from catalogsync.plan.changes import Plan, Price
from catalogsync.plan.steps import WAITS, Pool, Program, StepKind, pool_of, program_of

_UPDATE, _DELETE = "update the product", "delete the product"
# The operation of each step that makes a call, by the name it has in catalogsync/api/operations.py.
OPERATIONS: dict[StepKind, str] = {
    StepKind.RELEASE: _UPDATE,
    StepKind.DELETE_ORPHAN: _DELETE,
    StepKind.CREATE: "create the product",
    StepKind.FINALIZE: "mark the upload as successful",
    StepKind.PATCH: _UPDATE,
    StepKind.DELETE: _DELETE,
    StepKind.SUBMIT_JOB: "submit the content job",
    StepKind.WAIT_CONTENT: "read the content status",
    StepKind.HIDE: "archive or restore images",
    StepKind.SHOW: "archive or restore images",
    StepKind.COLLECT: "read the shared content",
    StepKind.SUBMIT_RENDER: "start the scene render",
    StepKind.WAIT_RENDER: "read the render images",
    StepKind.PARK: _UPDATE,
    StepKind.RELEASE_OLD: _UPDATE,
    StepKind.TAKE: _UPDATE,
    StepKind.DELETE_OLD: _DELETE,
}


def forecast(made: Plan) -> tuple[Charge, ...]:
    """The expected charges of a plan's changes; the sum is the plan's expected price."""
    return tuple(
        Charge(change.address, operation, cost)
        for change, price in zip(made.changes, made.prices, strict=True)
        for operation, cost in _expected(program_of(change), price)
    )


@cache  # large plans hold a handful of different programs
def _expected(program: Program, price: Price) -> tuple[tuple[str, int], ...]:
    """One credit for each call; what the price has beyond that is looks at a running job."""
    kinds = [kind for stage in program for kind in stage if pool_of(kind) is Pool.API]
    waits = [kind for kind in kinds if kind in WAITS]
    expected = Counter(OPERATIONS[kind] for kind in kinds)
    if waits:
        expected[OPERATIONS[waits[0]]] += price.expected - len(kinds)
    return tuple(expected.items())
