"""The diff, held to its table: each case of cases/*.yaml is a row."""

from __future__ import annotations

from typing import Any

import diff_cases
import pytest

from catalogsync.model.state import Bind, Settle, Unbind, Write
from catalogsync.plan.diff import DiffOptions, diff


def _written(write: Write) -> str:
    match write:
        case Bind(binding):
            return f"bind {binding.address}"
        case Unbind(address):
            return f"unbind {address}"
        case Settle(intent_id, phase):
            return f"settle {intent_id} {phase.value}"
        case _:
            return type(write).__name__


@pytest.mark.parametrize("case", [case for _, case in diff_cases.cases()], ids=[name for name, _ in diff_cases.cases()])
def test_the_diff_of(case: dict[str, Any]) -> None:
    catalog = diff_cases.catalog_of(case)
    found = diff(
        catalog,
        diff_cases.snapshot_in(case),
        diff_cases.state_of(case, catalog),
        diff_cases.files_of(case, catalog),
        DiffOptions(
            case.get("retry_failed", False), frozenset(case.get("replace", ())), distrust=case.get("distrust", False)
        ),
    )
    assert [diff_cases.told(change) for change in found.changes] == case["expect"]
    assert [_written(write) for write in found.learned] == case.get("learned", [])
    assert [f"{notice.address}: {notice.text}" for notice in found.notices if "moved" not in notice.text] == case.get(
        "notices", []
    )
