"""When a call is repeated and after which pause, as data; and who decides about a repeat's own failure."""

import asyncio

import pytest

from catalogsync.api.retry import Patience, persist
from catalogsync.errors import (
    AnswerLostError,
    CreditsExhaustedError,
    InvalidRequestError,
    NotFoundError,
    PauseTooLongError,
    RateLimitedError,
    ServerFaultError,
    UnexpectedAnswerError,
    UnreachableError,
    UploadRefusedError,
)

UNREACHABLE = UnreachableError("x")
LOST = AnswerLostError("x")
FAULT = ServerFaultError("x", status=503)
INVALID = InvalidRequestError("x", status=400)
EXHAUSTED = CreditsExhaustedError("x", status=402)


def limited(seconds):
    return RateLimitedError("x", retry_after=seconds)


def bucket(status, code):
    return UploadRefusedError("x", status=status, code=code)


IDEMPOTENT, NOT_IDEMPOTENT = True, False
PAUSES = [
    # error, idempotent, failed tries, chance, pause
    (LOST, IDEMPOTENT, 1, 1.0, 0.5),
    (LOST, IDEMPOTENT, 2, 1.0, 1.0),
    (LOST, IDEMPOTENT, 4, 1.0, 4.0),
    (LOST, IDEMPOTENT, 4, 0.0, 2.0),
    (LOST, IDEMPOTENT, 5, 1.0, None),
    (LOST, NOT_IDEMPOTENT, 1, 1.0, None),
    (FAULT, IDEMPOTENT, 1, 1.0, 0.5),
    (FAULT, NOT_IDEMPOTENT, 1, 1.0, None),
    (limited(None), IDEMPOTENT, 2, 1.0, 1.0),
    (limited(7.0), IDEMPOTENT, 1, 0.0, 7.0),
    (limited(7.0), IDEMPOTENT, 1, 1.0, 7.5),
    (limited(300.0), IDEMPOTENT, 1, 1.0, 300.5),
    (ServerFaultError("x", status=503, retry_after=9.0), IDEMPOTENT, 1, 0.0, 9.0),
    (limited(7.0), NOT_IDEMPOTENT, 1, 0.0, None),
    (UNREACHABLE, IDEMPOTENT, 2, 1.0, 1.0),
    (UNREACHABLE, IDEMPOTENT, 3, 1.0, None),
    (UNREACHABLE, NOT_IDEMPOTENT, 2, 1.0, 1.0),
    (UNREACHABLE, NOT_IDEMPOTENT, 3, 1.0, None),
    (INVALID, IDEMPOTENT, 1, 1.0, None),
    (EXHAUSTED, IDEMPOTENT, 1, 1.0, None),
    (UnexpectedAnswerError("x"), IDEMPOTENT, 1, 1.0, None),
    (bucket(503, "SlowDown"), IDEMPOTENT, 1, 1.0, 0.5),
    (bucket(500, ""), IDEMPOTENT, 1, 1.0, 0.5),
    (bucket(400, "RequestTimeout"), IDEMPOTENT, 1, 1.0, 0.5),
    (bucket(403, "AccessDenied"), IDEMPOTENT, 1, 1.0, None),
    (bucket(0, "FileChanged"), IDEMPOTENT, 1, 1.0, None),
]


@pytest.mark.parametrize(("error", "idempotent", "tries", "chance", "pause"), PAUSES)
def test_the_pause_before_the_next_try(error, idempotent, tries, chance, pause):
    assert Patience(attempts=5, backoff=0.5, idempotent=idempotent).pause(error, tries, chance) == pause


def test_the_pause_never_passes_half_a_minute():
    patience = Patience(attempts=5000, backoff=0.5, idempotent=True)
    assert [patience.pause(LOST, tries, 1.0) for tries in (7, 8, 4000)] == [30.0, 30.0, 30.0]


def run(outcomes, *, repeated=None, idempotent=True):
    left, pauses = list(outcomes), []

    async def attempt():
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def sleep(seconds):
        pauses.append(seconds)

    patience = Patience(attempts=3, backoff=1.0, idempotent=idempotent)
    try:
        value = asyncio.run(persist(attempt, patience=patience, sleep=sleep, random=lambda: 1.0, repeated=repeated))
    except Exception as error:  # noqa: BLE001 - the error is what the test looks at
        value = error
    return value, pauses


def test_a_call_is_repeated_until_it_succeeds():
    assert run([LOST, FAULT, "done"]) == ("done", [1.0, 2.0])


def test_the_last_error_is_raised_when_patience_ends():
    assert run([LOST, LOST, FAULT]) == (FAULT, [1.0, 2.0])


GONE = NotFoundError("x", status=404)


@pytest.mark.parametrize(
    ("outcomes", "value"),
    [([GONE], GONE), ([LOST, GONE], "gone"), ([FAULT, GONE], "gone"), ([limited(0.0), GONE], GONE),
     ([UNREACHABLE, GONE], GONE), ([LOST, limited(0.0), GONE], "gone")],
)  # fmt: skip
def test_only_after_an_unknown_outcome_may_a_repeats_failure_be_a_success(outcomes, value):
    assert run(outcomes, repeated=lambda error: "gone" if error is GONE else None)[0] == value


@pytest.mark.parametrize("idempotent", [IDEMPOTENT, NOT_IDEMPOTENT])
@pytest.mark.parametrize("error", [limited(3600.0), ServerFaultError("x", status=503, retry_after=3600.0)])
def test_a_longer_pause_than_patience_has_ends_the_call_and_says_when_to_run_again(error, idempotent):
    outcome, pauses = run([error], idempotent=idempotent)
    assert type(outcome) is PauseTooLongError
    assert "asks to wait 3600 s" in str(outcome)
    assert "Run again after 20" in outcome.hint
    assert pauses == []
