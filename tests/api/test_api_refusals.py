"""What a status means, with the way out in words. The keys of the answers are the vendor's samples."""

import json

import pytest

from catalogsync.api import operations as ops
from catalogsync.api.answers import Answer
from catalogsync.api.refusals import refusal_of, retry_after_of
from catalogsync.api.settings import ApiSettings, reader, writer, zapier
from catalogsync.errors import (
    CredentialsError,
    CreditsExhaustedError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RateLimitedError,
    ServerFaultError,
    UnexpectedAnswerError,
)

SETTINGS = ApiSettings(origin="shop.example", secret_key="sk_secret", public_key="pk_public", zapier_token="zap_token")
RATE = "Rate limit exceeded — you have reached your maximum allowed request limit."


def answer_of(status, body=None, headers=None):
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Answer(status, headers or {}, raw)


def refused(status, body=None, *, operation=ops.CREATE_PRODUCT, identity=None, headers=None):
    answer = answer_of(status, body, headers)
    return refusal_of(operation, identity or writer(SETTINGS), answer, answer.json())


STATUSES = {
    "400": (400, {"message": "Sku id already exists."}, InvalidRequestError),
    "401": (401, {"error": "Invalid API key."}, CredentialsError),
    "402": (402, None, CreditsExhaustedError),
    "403": (403, {"detail": "No."}, ForbiddenError),
    "403 at zero credits": (403, {"message": "No.", "api_hits_available": "0"}, CreditsExhaustedError),
    "403 that speaks of credits": (403, {"message": "API hits limit exceeded."}, CreditsExhaustedError),
    "403 that speaks of credits while there are some": (
        403, {"message": "No hits for you.", "api_hits_available": 5}, ForbiddenError,
    ),
    "404": (404, {"message": "Product not found."}, NotFoundError),
    "404 without a body": (404, None, NotFoundError),
    "404 page of another host": (404, b"<html>Not Found</html>", UnexpectedAnswerError),
    "405": (405, {"detail": 'Method "PUT" not allowed.'}, InvalidRequestError),
    "413 of a gateway": (413, b"<html>", InvalidRequestError),
    "429": (429, {"message": RATE, "api_hits_available": 12}, RateLimitedError),
    "429 without a balance": (429, {"message": RATE}, RateLimitedError),
    "429 at zero credits": (429, {"message": RATE, "api_hits_available": 0}, CreditsExhaustedError),
    "429 that speaks of credits": (429, {"error": "You have no credits left"}, CreditsExhaustedError),
    "500": (500, {"message": "Oops"}, ServerFaultError),
    "502 in HTML": (502, b"<html>Bad Gateway</html>", ServerFaultError),
    "503 empty": (503, None, ServerFaultError),
    "301": (301, None, UnexpectedAnswerError),
    "a success that says it failed": (200, {"status": False, "message": "No."}, InvalidRequestError),
    "a success in HTML": (200, b"<html>Log in to the hotel's network</html>", UnexpectedAnswerError),
    "a success with a list": (200, [], UnexpectedAnswerError),
}  # fmt: skip


@pytest.mark.parametrize(("status", "body", "kind"), STATUSES.values(), ids=STATUSES)
def test_each_status_is_one_kind_of_error(status, body, kind):
    assert type(refused(status, body)) is kind


@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize("body", [None, {"status": True}, {}])
def test_successes_of_writes_are_no_error(status, body):
    assert refused(status, body) is None


def test_a_validation_error_says_every_sentence_and_what_was_tried():
    error = refused(400, {"message": {"sku_id": ["Taken."], "gtin": ["This gtin already exists."]}})
    assert str(error) == "Could not create the product: sku_id: Taken. gtin: This gtin already exists. (HTTP 400)"
    assert error.sentences == (("sku_id", "Taken."), ("gtin", "This gtin already exists."))
    assert error.says_taken("gtin")
    assert not error.says_taken("sku_id")


def test_a_401_names_the_kind_of_key_and_the_origin_and_where_they_are_set():
    error = refused(401, {"error": "Invalid API key."}, operation=ops.LIST_PRODUCTS, identity=reader(SETTINGS))
    assert 'the public key or the origin "shop.example" was not accepted' in str(error)
    assert "CATALOGSYNC_PUBLIC_KEY and CATALOGSYNC_ORIGIN" in error.hint
    error = refused(401, {"error": "Invalid API key."})
    assert "the secret key" in str(error)
    assert "CATALOGSYNC_SECRET_KEY" in error.hint


def test_a_401_of_the_feed_names_its_token_and_no_origin():
    error = refused(401, operation=ops.ZAPIER_VERIFY, identity=zapier(SETTINGS))
    assert "the Zapier token was not accepted" in str(error)
    assert "CATALOGSYNC_ZAPIER_TOKEN" in error.hint


@pytest.mark.parametrize(
    ("operation", "scope"),
    [
        (ops.CREATE_PRODUCT, "Product: Create"),
        (ops.FINALIZE_PRODUCT, "Product: Create or Product: Update"),
        (ops.UPDATE_PRODUCT, "Product: Update"),
        (ops.LIST_PRODUCTS, "Product: Read"),
        (ops.DELETE_PRODUCT, "Product: Delete"),
        (ops.SUBMIT_JOB, "Product: Generate Content"),
        (ops.CREATE_IMAGES, "Product: Generate Content"),
        (ops.CONTENT_STATUS, "Content: Read"),
        (ops.SHARED_CONTENT, "Content: Read"),
        (ops.RENDER_IMAGES, "Content: Read"),
        (ops.ARCHIVE_IMAGES, "Content: Update"),
    ],
)
def test_a_403_names_the_scope_that_the_operation_needs(operation, scope):
    error = refused(403, {"detail": "No."}, operation=operation)
    assert f'the secret key lacks the scope "{scope}", or the origin "shop.example"' in str(error)


def test_a_page_in_html_is_not_quoted():
    error = refused(502, b"<html><body>Bad Gateway</body></html>")
    assert str(error) == "Could not create the product: the server failed. HTTP 502 without a reason."


def test_a_redirect_names_its_target_without_its_query():
    error = refused(302, headers={"location": "https://login.example/sso?token=abc"})
    assert "https://login.example/sso (HTTP 302)" in str(error)
    assert "abc" not in str(error)


def test_a_key_that_the_remote_echoes_is_not_shown():
    error = refused(401, {"error": "Invalid API key sk_secret.", "message": {"sk_secret": "no"}})
    assert "sk_secret" not in f"{error} {error.sentences} {error!r}"
    assert "<secret key>" in str(error)


DATE = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": DATE}, 30),
        ({"retry-after": "Wed, 21 Oct 2026 07:00:00 GMT", "date": DATE}, 0),
        ({"retry-after": "Wed, 21 Oct 1999 07:00:00 GMT"}, 0),
    ],
)
def test_retry_after_is_seconds_or_a_date_by_the_servers_clock(headers, seconds):
    assert retry_after_of(Answer(429, headers, b"")) == seconds


def test_a_rate_limit_carries_its_pause():
    assert refused(429, {"message": RATE}, headers={"retry-after": "9"}).retry_after == 9
