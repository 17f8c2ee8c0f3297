"""No key reaches a repr, a message or a traceback."""

import logging
import traceback

import pytest
from stub_remote import HANG_UP, PUBLIC, SECRET, TOKEN, settings_for, told

from catalogsync.api import ImagineClient
from catalogsync.api.http import Request
from catalogsync.api.settings import reader, writer, zapier

KEYS = (SECRET, PUBLIC, TOKEN)


def leaks(text):
    return [key for key in KEYS if key in text]


def test_no_repr_shows_a_key():
    settings = settings_for("https://api.example")
    identities = [reader(settings), writer(settings), zapier(settings)]
    client = ImagineClient(settings)
    requests = [Request("GET", "https://a", identity.headers) for identity in identities]
    assert leaks(" ".join(map(repr, [settings, client, client.credits, client._calls, *identities, *requests]))) == []


ECHO = {"error": f"Invalid API key {SECRET}", "message": {PUBLIC: [f"{SECRET} {PUBLIC}"]}}
ANSWERS = {
    "401": [told(401, ECHO)],
    "403": [told(403, ECHO)],
    "400": [told(400, ECHO)],
    "lost": [HANG_UP] * 5,
    "odd": [told(200, {"results": SECRET})],
}


@pytest.mark.parametrize("act", [lambda c: c.products_page(), lambda c: c.delete_product("u")], ids=["read", "write"])
@pytest.mark.parametrize("answers", ANSWERS.values(), ids=ANSWERS)
def test_no_error_and_no_log_shows_the_key_that_was_sent(talk, caplog, act, answers):
    caplog.set_level(logging.DEBUG)
    done = talk(act, list(answers))
    sent = done.asked[0].headers["authorization"].removeprefix("Imagine-key ")
    shown = [repr(done.error), str(done.error), getattr(done.error, "hint", ""), *caplog.messages]
    if done.error is not None:
        shown += [*traceback.format_exception(done.error), repr(getattr(done.error, "sentences", ""))]
    assert sent not in " ".join(shown)


def test_a_key_that_no_header_can_carry_is_not_quoted(talk):
    error = talk(lambda c: c.delete_product("u"), [], secret_key="sk_gehe\u00efm").error
    assert "sk_gehe" not in "".join(traceback.format_exception(error))
