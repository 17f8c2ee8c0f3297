"""Jobs that were not answered and that a status shows: they are as old as their call, whoever found them."""

from __future__ import annotations

import pytest

from catalogsync.model.outputs import Progress
from catalogsync.model.remote import ContentSeen, OutputSeen, RemoteProduct
from catalogsync.model.state import ContentBinding, Intent, OutputRecord, State
from catalogsync.plan.contents import merged, unanswered_at

SENT = "2026-11-24T12:00:00+00:00"
JOB = Intent("i", "run", "content.A", "submit-job", {"unicode": "u", "outputs": "ar,silo"}, SENT)


@pytest.mark.parametrize(
    ("unicode", "known"), [("u", {"ar": SENT, "silo": SENT}), ("another", {})], ids=["its product", "another product"]
)
def test_when_unanswered_jobs_were_sent_is_known_by_the_product(unicode: str, known: dict[str, str]) -> None:
    assert unanswered_at(State("lineage", 1, intents=(JOB,)), unicode) == known


@pytest.mark.parametrize("remembered", [True, False])
def test_a_job_that_a_status_shows_was_submitted_when_its_unanswered_call_was_sent(remembered: bool) -> None:
    """A look that takes it for one of unknown age comes after one interval, which may be before the floor."""
    earlier = OutputRecord("sha", Progress.RUNNING, "2026-11-24T11:00:00+00:00")
    binding = ContentBinding("content.A", "u", {"ar": earlier}) if remembered else None
    seen = ContentSeen(RemoteProduct("u", "A", "", "", ""), {"ar": OutputSeen(Progress.RUNNING, "Processing")})
    found = merged("content.A", "u", binding, seen, "sha", {"ar": SENT})
    assert found.outputs == {"ar": earlier if remembered else OutputRecord("sha", Progress.RUNNING, SENT)}
