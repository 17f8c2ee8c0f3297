"""Which step goes first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from catalogsync.apply.choices import Limits
from catalogsync.apply.queues import Queues
from catalogsync.apply.stepping import Step
from catalogsync.plan.steps import Pool, StepKind, pool_of


def _drained(queues: Queues, pool: Pool) -> list[Step]:
    taken = []
    while step := queues.take(pool):
        taken.append(step)
    return taken


def test_what_has_begun_goes_before_what_has_not_and_creates_come_last() -> None:
    queues = Queues()
    create, fresh, begun = Step(0, StepKind.CREATE), Step(1, StepKind.PATCH), Step(2, StepKind.FINALIZE)
    queues.put([create, fresh, begun], begun={2})
    assert _drained(queues, Pool.API) == [begun, fresh, create]
    assert not queues


def test_nothing_is_created_while_enough_waits_to_be_uploaded() -> None:
    queues = Queues(Limits(upload=2))
    queues.put([Step(0, StepKind.CREATE), Step(1, StepKind.UPLOAD_MODEL), Step(2, StepKind.UPLOAD_MODEL)], begun={1, 2})
    assert queues.take(Pool.API) is None
    assert queues
    assert queues.take(Pool.UPLOAD) == Step(1, StepKind.UPLOAD_MODEL)
    assert queues.take(Pool.API) == Step(0, StepKind.CREATE)


def test_what_is_cleared_never_starts() -> None:
    queues = Queues()
    queues.put([Step(0, StepKind.CREATE), Step(1, StepKind.UPLOAD_MODEL)], begun=())
    queues.clear()
    assert not queues


@given(st.lists(st.builds(Step, st.integers(0, 9), st.sampled_from(StepKind))), st.sets(st.integers(0, 9)))
def test_every_step_starts_once(steps: list[Step], begun: set[int]) -> None:
    queues = Queues()
    queues.put(steps, begun)
    taken = [step for pool in (Pool.UPLOAD, Pool.API, *Pool) for step in _drained(queues, pool)]
    assert sorted(taken, key=str) == sorted(steps, key=str)
    assert all(pool_of(step.kind) in Pool for step in taken)
