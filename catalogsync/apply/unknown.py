"""What makes the outcome of a call unknown, and how patiently it is looked into."""

from __future__ import annotations

from catalogsync.errors import AnswerLostError, RateLimitedError, ServerFaultError, UnexpectedAnswerError

# A 429 is among them: remotes are known to refuse by rate after having done the work.
OUTCOME_UNKNOWN = (AnswerLostError, ServerFaultError, RateLimitedError, UnexpectedAnswerError)
# Seconds between a look that found nothing and the next try.
PAUSES = (1.0, 4.0, 10.0)
