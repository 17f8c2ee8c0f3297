"""The journal in words."""

from __future__ import annotations

import click

from catalogsync.cli.render.history import history_document, history_text
from catalogsync.model.state import Phase
from catalogsync.state import JournalRow, RunRow

AT = "2026-01-02T03:04:05.678Z"
ENDED = RunRow("run-ended", "apply", AT, AT, "some_changes_failed", 1234)
KILLED = RunRow("run-killed", "apply", AT)
ROWS = [
    JournalRow(1, "run-killed", AT, "product.A", "create", Phase.INTENT, "i1", {"sku_id": "A", "gtin": "1"}),
    JournalRow(2, "run-ended", AT, "product.A", "create", Phase.UNKNOWN, "i1", {}, "no answer"),
    JournalRow(3, "run-ended", AT, "product.A", "create", Phase.DONE, "i1", {}, "u-1"),
    JournalRow(4, "run-lost", AT, "content.A", "submit-job", Phase.FAILED, "i2", {}, "403"),
]


def test_each_run_has_its_heading_and_each_row_says_what_became_of_a_call() -> None:
    assert [click.unstyle(line) for line in history_text(ROWS, [KILLED, ENDED])] == [
        "# apply of 2026-01-02 03:04:05 (run run-kill): without an end",
        "  2026-01-02 03:04:05  product.A  create: about to be sent (sku_id A, gtin 1)",
        "",
        "# apply of 2026-01-02 03:04:05 (run run-ende): ended some_changes_failed, 1,234 credits spent",
        "  2026-01-02 03:04:05  product.A  create: not answered, so not known (no answer)",
        "  2026-01-02 03:04:05  product.A  create: done (u-1)",
        "",
        "# run run-lost",
        "  2026-01-02 03:04:05  content.A  submit-job: failed (403)",
    ]


def test_machines_get_the_rows_and_the_runs_that_they_are_of() -> None:
    document = history_document(ROWS[:1], [KILLED, ENDED])
    assert [run["run_id"] for run in document["runs"]] == ["run-killed"]  # type: ignore[attr-defined]
    assert document["journal"] == [
        {
            "seq": 1,
            "run_id": "run-killed",
            "at": AT,
            "address": "product.A",
            "step": "create",
            "phase": "intent",
            "intent_id": "i1",
            "request": {"sku_id": "A", "gtin": "1"},
            "detail": "",
        }
    ]
