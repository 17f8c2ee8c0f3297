"""Who watches calls is told of each try and each pause, and never of a key."""

import asyncio

import pytest
from stub_remote import CUT_OFF, closed_port, settings_for, told

from catalogsync.api import ImagineClient
from catalogsync.api.watching import CUT_OFF as CUT_SHORT
from catalogsync.api.watching import place_of
from catalogsync.model.calls import CallMade, CallPaused
from catalogsync.model.errands import ERRAND, Errand

PAGE = told(200, {"current_page_number": 1, "total_pages": 1, "count": 0, "results": [], "api_hits_available": 9})
LIMITED = told(429, {"message": "Rate limit exceeded", "api_hits_available": 10}, {"Retry-After": "7"})
LIST = "read the list of products"


def watched(talk, act, script, **changes):
    events = []
    done = talk(act, script, on_call=events.append, **changes)
    return done, events


def test_each_try_and_each_pause_is_told_in_order(talk):
    _, events = watched(talk, lambda c: c.products_page(2, sku_id="secret"), [LIMITED, CUT_OFF, PAGE])
    assert [type(event) for event in events] == [CallMade, CallPaused, CallMade, CallPaused, CallMade]
    limited, pause, lost, _, good = events
    assert (limited.status, limited.attempt, limited.credits_left) == (429, 1, 10)
    assert "Rate limit exceeded" in limited.error
    assert (pause.operation, pause.seconds, pause.because) == (LIST, 7.0, limited.error)
    assert (lost.status, lost.attempt, lost.credits_left) == (None, 2, None)
    assert "was lost" in lost.error
    assert [limited.credits, lost.credits, good.credits] == [1, 0, 1]
    assert (good.operation, good.method, good.status, good.attempt, good.error) == (LIST, "GET", 200, 3, "")
    assert good.credits_left == 9
    assert good.elapsed > 0
    assert "secret" not in good.path


def test_a_call_that_cannot_arrive_is_told_without_a_status():
    events = []

    async def run():
        settings = settings_for(f"http://127.0.0.1:{closed_port()}", on_call=events.append, attempts=1)
        async with ImagineClient(settings) as client:
            await client.products_page()

    with pytest.raises(Exception, match="No connection"):
        asyncio.run(run())
    assert [event.status for event in events] == [None]


def test_a_call_is_told_with_the_change_and_step_it_is_made_for(talk):
    def act(client):
        ERRAND.set(Errand("product.LAMP", "create"))
        return client.products_page()

    _, (made,) = watched(talk, act, [PAGE])
    assert (made.address, made.step) == ("product.LAMP", "create")


def test_a_call_beyond_the_limit_is_not_told_for_it_is_not_made(talk):
    done, events = watched(talk, lambda c: c.products_page(), [], max_credits=0)
    assert done.error.exit_code == 5
    assert events == []


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (
            "https://user:password@bucket.example:8443/a/b?X-Amz-Signature=abc#f",
            ("https", "bucket.example:8443", "/a/b"),
        ),
        ("https://api.example/v1/", ("https", "api.example", "/v1/")),
        ("http://[::1]:80/a", ("http", "[::1]:80", "/a")),
        ("http://[broken", ("", "", "")),
        ("http://host:99999/", ("", "", "")),
    ],
)
def test_of_a_url_no_user_and_no_query_is_told(url, place):
    assert place_of(url) == place


def test_a_call_that_is_cut_off_is_told_too():
    events = []

    async def run():
        asked = asyncio.Event()

        async def silent(reader, writer):
            await reader.read(1)
            asked.set()
            await reader.read()
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        settings = settings_for(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", on_call=events.append)
        async with server, ImagineClient(settings) as client:
            call = asyncio.create_task(client.products_page())
            await asked.wait()
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)

    asyncio.run(run())
    assert [(event.status, event.error) for event in events] == [(None, CUT_SHORT)]


def test_a_key_that_the_remote_echoes_is_not_told(talk):
    echo = told(401, {"error": "No such key: sk-very-secret."})
    done, (made,) = watched(talk, lambda c: c.products_page(), [echo], secret_key="sk-very-secret", public_key="")
    assert "No such key: <secret key>." in made.error
    assert "sk-very-secret" not in f"{made}{done.error}"
