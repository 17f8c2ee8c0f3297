"""From an answer to our error: the one place that knows what a status means."""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from catalogsync.api.answers import Answer, Sentence, credits_of, flattened, in_words, sentences_of
from catalogsync.api.operations import Operation
from catalogsync.api.settings import Identity
from catalogsync.errors import (
    CredentialsError,
    CreditsExhaustedError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RateLimitedError,
    RemoteError,
    ServerFaultError,
    UnexpectedAnswerError,
)

_UNAUTHORIZED, _PAYMENT, _FORBIDDEN, _MISSING, _TOO_MANY, _FAULT = 401, 402, 403, 404, 429, 500
_REDIRECTS = range(300, 400)
_WRONG_HOST = "Check the API URL (CATALOGSYNC_API_URL, CATALOGSYNC_ZAPIER_URL) and the proxies on the way."
_OUT_OF_CREDITS = re.compile(
    r"\b(?:credits?|hits?)\b.*\b(?:exhaust\w*|exceed\w*|deplet\w*|insufficient|used up|r[au]n out|over|reached|zero)\b"
    r"|\b(?:no|zero|0|insufficient|not enough|out of|exhausted|exceeded|reached|all)\b.*\b(?:credits?|hits?)\b",
    re.IGNORECASE,
)


def refusal_of(operation: Operation, identity: Identity, answer: Answer, payload: Any) -> RemoteError | None:
    """The error that this answer is, None for a success. `payload` is its JSON.

    A redirect is never followed (our headers go to the configured host alone) and a 404 page that is not the API's
    own JSON is no word about a product: both are UnexpectedAnswerError.
    """
    if answer.succeeded:
        return _refused_with_success(operation, identity, answer, payload)
    if answer.status in _REDIRECTS:
        return _redirected(operation, answer)
    if answer.status == _MISSING and answer.body.strip() and not isinstance(payload, dict):
        return UnexpectedAnswerError(
            f"Could not {operation.name}: the answer is a 404 page that is not the API's.",
            hint=_WRONG_HOST,
        )
    sentences = _sentences(identity, payload)
    return _by_status(operation, identity, answer, payload, sentences)


def retry_after_of(answer: Answer) -> float | None:
    """Seconds of `Retry-After`, which is a number of seconds or an HTTP date (RFC 9110, 10.2.3); None without one."""
    told = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", told):
        return float(told)
    until, now = _timestamp(told), _timestamp(answer.headers.get("date", ""))
    return None if until is None else max(0.0, until - (time.time() if now is None else now))


def _by_status(
    operation: Operation, identity: Identity, answer: Answer, payload: Any, sentences: tuple[Sentence, ...]
) -> RemoteError:
    status, said = answer.status, _said(answer.status, sentences)
    doing = f"Could not {operation.name}"
    if _exhausted(status, payload, sentences):
        hint = "Buy credits from Imagine.io, then run again: what is done stays done."
        return CreditsExhaustedError(f"{doing}: no credits left. {said}", status=status, sentences=sentences, hint=hint)
    if status == _UNAUTHORIZED:
        message = f"{doing}: {identity.label} was not accepted. {said}"
        return CredentialsError(message, status=status, sentences=sentences, hint=_check(identity))
    if status == _FORBIDDEN:
        return _forbidden(operation, identity, said, sentences)
    if status == _TOO_MANY:
        return RateLimitedError(
            f"{doing}: too many requests. {said}",
            sentences=sentences,
            retry_after=retry_after_of(answer),
            hint="Lower --parallelism, or run again later.",
        )
    if status >= _FAULT:
        hint = "Run again in a while; if it stays so, ask Imagine.io's support."
        message, after = f"{doing}: the server failed. {said}", retry_after_of(answer)
        return ServerFaultError(message, status=status, sentences=sentences, retry_after=after, hint=hint)
    error = NotFoundError if status == _MISSING else InvalidRequestError
    return error(f"{doing}: {said}", status=status, sentences=sentences)


def _forbidden(operation: Operation, identity: Identity, said: str, sentences: tuple[Sentence, ...]) -> ForbiddenError:
    needs = f'the {identity.key_name} lacks the scope "{operation.scope}"' if operation.scope else "it is forbidden"
    origin = f', or the origin "{identity.origin}" is not one of its allowed domains' if identity.origin else ""
    return ForbiddenError(
        f"Could not {operation.name}: {needs}{origin}. {said}",
        status=_FORBIDDEN,
        sentences=sentences,
        hint=f"Add the scope or the domain to the key (app.imagine.io, Settings, API). {_check(identity)}",
    )


def _refused_with_success(operation: Operation, identity: Identity, answer: Answer, payload: Any) -> RemoteError | None:
    """A body that is no JSON object is not the API's; one that says `"status": false` is a refusal. Empty is fine."""
    if not answer.body.strip():
        return None
    if not isinstance(payload, dict):
        return UnexpectedAnswerError(
            f"Could not {operation.name}: the answer (HTTP {answer.status}) is not a JSON object.", hint=_WRONG_HOST
        )
    if payload.get("status") is not False:
        return None
    sentences = _sentences(identity, payload)
    message = f"Could not {operation.name}: {_said(answer.status, sentences)}"
    return InvalidRequestError(message, status=answer.status, sentences=sentences)


def _redirected(operation: Operation, answer: Answer) -> UnexpectedAnswerError:
    target = urlsplit(flattened(answer.headers.get("location", "")))
    where = f"{target.scheme}://{target.hostname}{target.path}" if target.hostname else target.path or "nowhere"
    return UnexpectedAnswerError(
        f"Could not {operation.name}: the server redirects to {where} (HTTP {answer.status}), which is not followed.",
        hint="Set CATALOGSYNC_API_URL (or CATALOGSYNC_ZAPIER_URL) to the address the API really has.",
    )


def _exhausted(status: int, payload: Any, sentences: tuple[Sentence, ...]) -> bool:
    """402, or a 403 or 429 at zero credits; without a told balance the vendor's words decide."""
    if status not in {_FORBIDDEN, _TOO_MANY}:
        return status == _PAYMENT
    available = credits_of(payload)
    if available is not None:
        return available <= 0
    return any(_OUT_OF_CREDITS.search(text) for _, text in sentences)


def _sentences(identity: Identity, payload: Any) -> tuple[Sentence, ...]:
    return tuple((identity.redact(field), identity.redact(text)) for field, text in sentences_of(payload))


def _said(status: int, sentences: tuple[Sentence, ...]) -> str:
    return f"{in_words(sentences)} (HTTP {status})" if sentences else f"HTTP {status} without a reason."


def _check(identity: Identity) -> str:
    return f"Check {identity.variables}."


def _timestamp(http_date: str) -> float | None:
    try:
        return parsedate_to_datetime(http_date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
