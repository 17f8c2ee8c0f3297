"""The names of operations: what is predicted for one is held against what is charged for it."""

from __future__ import annotations

from catalogsync.api import operations
from catalogsync.api.operations import Operation
from catalogsync.plan.spending import OPERATIONS


def test_predictions_name_operations_as_the_api_client_does():
    names = {value.name for value in vars(operations).values() if isinstance(value, Operation)}
    assert set(OPERATIONS.values()) <= names
