"""What the client does when the network or the server fails, and what it never does."""

import asyncio
import subprocess
import sys

import pytest
from stub_remote import CUT_OFF, HANG_UP, Pauses, Stub, closed_port, settings_for, told

from catalogsync.api import ImagineClient
from catalogsync.api.http import Door, Request, Timeouts
from catalogsync.errors import (
    AnswerLostError,
    CreditsExhaustedError,
    RateLimitedError,
    ServerFaultError,
    UnexpectedAnswerError,
    UnreachableError,
    UsageMistakeError,
)
from catalogsync.model.remote import RenderRequest

PAGE = told(200, {"current_page_number": 1, "total_pages": 1, "count": 0, "results": [], "api_hits_available": 9})
UPDATED = told(200, {"status": True, "data": {"unicode": "u"}})
GONE = told(404, {"message": "Not found."})
FAULT = told(503, b"<html>")
LIMITED = told(429, {"message": "Rate limit exceeded"}, {"Retry-After": "7"})

IDEMPOTENT = {
    "read": (lambda c: c.products_page(), PAGE),
    "update": (lambda c: c.update_product("u", {"name": "n"}), UPDATED),
    "finalize": (lambda c: c.finalize_product("u"), UPDATED),
    "archive": (lambda c: c.archive_images("u", [1], archive=False), told(204)),
    "delete": (lambda c: c.delete_product("u"), told(204)),
}
NOT_IDEMPOTENT = {
    "create": lambda c: c.create_product({}, model_name="a.glb", thumbnail_name=None),
    "job": lambda c: c.submit_content_job("u", ["ar"]),
    "render": lambda c: c.create_images(RenderRequest(1, (2,), None, ())),
}


@pytest.mark.parametrize(("act", "success"), IDEMPOTENT.values(), ids=IDEMPOTENT)
@pytest.mark.parametrize("fault", [HANG_UP, CUT_OFF, FAULT, LIMITED], ids=["hang up", "cut off", "503", "429"])
def test_what_may_be_repeated_is_repeated(talk, act, success, fault):
    done = talk(act, [fault, success])
    assert done.error is None
    assert len(done.asked) == 2
    assert done.pauses == ([7.0] if fault is LIMITED else [0.25])


@pytest.mark.parametrize("act", NOT_IDEMPOTENT.values(), ids=NOT_IDEMPOTENT)
@pytest.mark.parametrize(
    ("fault", "kind"),
    [(HANG_UP, AnswerLostError), (CUT_OFF, AnswerLostError), (FAULT, ServerFaultError), (LIMITED, RateLimitedError)],
)
def test_what_may_not_be_repeated_is_sent_once(talk, act, fault, kind):
    done = talk(act, [fault])
    assert type(done.error) is kind
    assert (len(done.asked), done.pauses) == (1, [])


def test_a_repeat_ends_with_the_last_error_after_five_tries(talk):
    done = talk(lambda c: c.products_page(), [FAULT] * 5)
    assert type(done.error) is ServerFaultError
    assert done.pauses == [0.25, 0.5, 1.0, 2.0]
    assert done.spent == 5


def test_a_deletion_whose_answer_was_lost_is_done_when_the_repeat_finds_nothing(talk):
    assert "earlier request" in talk(lambda c: c.delete_product("u"), [HANG_UP, GONE]).value
    assert talk(lambda c: c.delete_product("u"), [LIMITED, GONE]).error.status == 404


def test_no_credits_is_never_tried_again(talk):
    done = talk(lambda c: c.products_page(), [told(429, {"message": "x", "api_hits_available": 0})])
    assert type(done.error) is CreditsExhaustedError
    assert (done.spent, done.available, done.pauses) == (1, 0, [])


def test_every_answer_is_counted_and_a_lost_one_is_not(talk):
    done = talk(lambda c: c.products_page(), [told(500, {"api_hits_available": 3}), HANG_UP, PAGE])
    assert (done.spent, done.available) == (2, 9)
    refused = talk(lambda c: c.products_page(), [told(401, {"error": "Invalid API key."})])
    assert (refused.spent, refused.available) == (1, None)


def test_a_redirect_is_not_followed_and_names_its_target(talk):
    answers = [told(302, b"", {"Location": "https://elsewhere.example/v1/?a=b"})]
    done = talk(lambda c: c.products_page(), answers)
    assert type(done.error) is UnexpectedAnswerError
    assert "https://elsewhere.example/v1/ (HTTP 302)" in str(done.error)
    assert len(done.asked) == 1


def call(act, url, **changes):
    async def run():
        pauses = Pauses()
        async with ImagineClient(settings_for(url, **changes), sleep=pauses, random=lambda: 0.0) as client:
            try:
                return await act(client), pauses.seconds, client.credits.spent
            except Exception as error:  # noqa: BLE001 - the error is what the tests look at
                return error, pauses.seconds, client.credits.spent

    return asyncio.run(run())


@pytest.mark.parametrize("act", [IDEMPOTENT["read"][0], *NOT_IDEMPOTENT.values()])
def test_a_request_that_cannot_arrive_is_tried_three_times_whatever_it_is(act):
    port = closed_port()
    error, pauses, spent = call(act, f"http://127.0.0.1:{port}")
    assert type(error) is UnreachableError
    assert f"127.0.0.1:{port}" in str(error)
    assert "HTTPS_PROXY" in error.hint
    assert "CATALOGSYNC_API_URL" in error.hint
    assert (pauses, spent) == ([0.25, 0.5], 0)


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_a_host_that_speaks_no_tls_is_unreachable(greeting):
    async def run():
        async def plain(reader, writer):
            await reader.read(1)
            writer.write(greeting)
            writer.close()

        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        settings = settings_for(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with server, ImagineClient(settings, sleep=Pauses()) as client:
            await client.products_page()

    with pytest.raises(UnreachableError, match=r"No connection to 127\.0\.0\.1:\d+: ."):
        asyncio.run(run())


def test_an_answer_that_does_not_come_in_time_is_lost():
    async def run():
        never = asyncio.Event()

        async def silent(reader, writer):
            await reader.read()
            writer.close()
            never.set()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        door = Door(connections=1, timeouts=Timeouts(read=0.05), way_out="")
        try:
            await door.send(Request("GET", url, {}))
        finally:
            await door.aclose()
            await never.wait()
            server.close()

    with pytest.raises(AnswerLostError, match="timed out"):
        asyncio.run(run())


def test_an_answer_that_trickles_for_ever_is_lost():
    async def run():
        gone = asyncio.Event()

        async def trickling(reader, writer):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
            hangs_up = asyncio.ensure_future(reader.read())
            while not hangs_up.done():
                writer.write(b" ")
                await asyncio.wait({hangs_up}, timeout=0.005)
            hangs_up.exception()  # a reset is as good an end as another
            writer.close()
            gone.set()

        server = await asyncio.start_server(trickling, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        door = Door(connections=1, timeouts=Timeouts(total=0.1), way_out="")
        try:
            await door.send(Request("GET", url, {}))
        finally:
            await door.aclose()
            await gone.wait()
            server.close()

    with pytest.raises(AnswerLostError, match="timed out"):
        asyncio.run(run())


def test_a_proxy_of_the_environment_is_used_and_netrc_is_not(monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine api.invalid login u password p\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    async def run():
        async with Stub([told(200, {"status": True, "data": {"api_key": "abc"}})]) as stub:
            monkeypatch.setenv("HTTP_PROXY", stub.url)
            door = Door(connections=1, timeouts=Timeouts(), way_out="")
            await door.send(Request("GET", "http://api.invalid//x/", {}))
            await door.aclose()
            return stub.asked[0]

    asked = asyncio.run(run())
    assert asked.target == "http://api.invalid//x/"
    assert "authorization" not in asked.headers


@pytest.mark.parametrize("proxy", ["foo://proxy:1", "http://proxy:port"])
def test_a_proxy_that_makes_no_sense_is_a_usage_mistake(monkeypatch, proxy):
    monkeypatch.setenv("HTTP_PROXY", proxy)
    with pytest.raises(UsageMistakeError) as caught:
        Door(connections=1, timeouts=Timeouts(), way_out="")
    assert "HTTP_PROXY" in caught.value.hint


@pytest.mark.parametrize(
    "url", ["", "api.imagine.io", "ftp://a", "https://", "https://u:p@a", "https://a?b", "https://a:b", "https://[a"]
)
def test_a_base_url_that_cannot_be_called_is_a_usage_mistake(url):
    with pytest.raises(UsageMistakeError, match="CATALOGSYNC_API_URL"):
        ImagineClient(settings_for(url))


def test_an_address_that_is_none_is_unreachable():
    async def run():
        door = Door(connections=1, timeouts=Timeouts(), way_out="")
        try:
            await door.send(Request("GET", "http://bucket:port/", {}))
        finally:
            await door.aclose()

    with pytest.raises(UnreachableError, match="No connection to the given address"):
        asyncio.run(run())


def test_a_base_url_may_have_a_path_and_a_trailing_slash(talk):
    async def run():
        async with Stub([PAGE]) as stub, ImagineClient(settings_for(f"{stub.url}/imagine/")) as client:
            await client.products_page()
            return stub.asked[0].target

    assert asyncio.run(run()) == "/imagine/v1/product/details/"


def test_cookies_of_the_server_are_not_sent_back(talk):
    baked = told(204, b"", {"Set-Cookie": "session=1; Path=/"})

    async def twice(client):
        await client.delete_product("u")
        await client.delete_product("u")

    assert "cookie" not in talk(twice, [baked, baked]).asked[1].headers


def test_importing_the_client_does_not_load_the_http_library():
    code = "import sys, catalogsync.api; sys.exit('httpx2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
