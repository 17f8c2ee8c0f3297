"""Files reach the bucket whole, once, with their form as given; what the plan did not see never becomes an object."""

import asyncio
import hashlib

import pytest
from stub_remote import HANG_UP, closed_port, told

from catalogsync.api.body import CHUNK, FileBody
from catalogsync.api.http import Door, Timeouts
from catalogsync.api.upload import send_file
from catalogsync.errors import AnswerLostError, UnexpectedAnswerError, UnreachableError, UploadRefusedError
from catalogsync.model.remote import UploadForm

FIELDS = (("key", 'media/a "b".glb'), ("x-amz-date", "20260101T000000Z"), ("policy", "eyJ9=="), ("Content-Type", "x"))
CONTENT = bytes(range(256)) * 12_000 + b"end"  # not a multiple of a chunk
S3 = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{}</Code><Message>{}</Message><HostId>1</HostId></Error>'


def refusal(status, code, message="m"):
    return told(status, S3.format(code, message).encode())


def md5_of(content):
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.fixture
def send(talk, tmp_path):
    """Upload `content` to a bucket that answers from a script; `meanwhile` is the planned content, when another."""

    def run(script, content=CONTENT, *, planned=None, name='arc "2".glb', told_progress=None, **changes):
        file = tmp_path / name
        file.write_bytes(content)
        sha256 = hashlib.sha256(content if planned is None else planned).hexdigest().upper()

        async def act(client):
            form = UploadForm(f"{client._settings.url}/bucket/", FIELDS)
            await client.upload(form, str(file), sha256=sha256, progress=told_progress)

        return talk(act, script, **changes)

    return run


@pytest.mark.parametrize("content", [b"", b"x", CONTENT, bytes(CHUNK), bytes(2 * CHUNK)], ids=len)
@pytest.mark.parametrize("status", [200, 201, 204])
def test_the_fields_go_first_in_their_order_and_the_file_last(send, content, status):
    done = send([told(status)], content)
    assert done.error is None
    (asked,) = done.asked
    fields = [(name, None, value.encode()) for name, value in FIELDS]
    assert asked.parts() == [*fields, ("file", "arc %222%22.glb", content)]
    assert (asked.method, asked.target) == ("POST", "/bucket/")


def test_the_bucket_learns_the_length_but_neither_key_nor_origin(send):
    (asked,) = send([told(204)]).asked
    assert int(asked.headers["content-length"]) == len(asked.body)
    assert "transfer-encoding" not in asked.headers
    assert not {"authorization", "origin", "cookie"} & set(asked.headers)


def test_an_upload_costs_no_credit_and_tells_its_progress(send):
    seen = []
    done = send([told(204)], told_progress=seen.append)
    assert (done.spent, done.available) == (0, None)
    assert seen == [CHUNK, 2 * CHUNK, len(CONTENT)]


@pytest.mark.parametrize(
    "fault", [refusal(503, "SlowDown"), refusal(500, "InternalError"), told(502, b"<html>"), HANG_UP,
              refusal(400, "RequestTimeout")],
    ids=["slow down", "internal error", "gateway", "hang up", "request timeout"],
)  # fmt: skip
def test_a_passing_failure_starts_the_file_over(send, fault):
    seen = []
    done = send([fault, told(204)], told_progress=seen.append)
    assert done.error is None
    assert [one.parts()[-1][2] == CONTENT for one in done.asked] == [True, True]
    assert seen == [CHUNK, 2 * CHUNK, len(CONTENT)] * 2
    assert done.pauses == [0.25]


REFUSALS = {
    "AccessDenied": (403, "Invalid according to Policy: Policy expired.", "the form has expired", True),
    "SignatureDoesNotMatch": (403, "This &amp; that", "is not accepted (SignatureDoesNotMatch: This & that)", True),
    "ExpiredToken": (400, "m", "the form has expired (ExpiredToken: m)", True),
    "InvalidAccessKeyId": (403, "m", "the key that signed the form is not accepted", True),
    "RequestTimeTooSkewed": (403, "m", "differ too much (RequestTimeTooSkewed: m)", True),
    "EntityTooLarge": (400, "m", "the file is larger than the form allows", False),
    "EntityTooSmall": (400, "m", "the file is smaller than the form allows", False),
    "InvalidPolicyDocument": (400, "Bad JSON", "InvalidPolicyDocument: Bad JSON", False),
}  # fmt: skip


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_is_said_in_words_and_never_repeated(send, code):
    status, message, words, unusable = REFUSALS[code]
    done = send([told(status, S3.format(code, message).encode())])
    assert type(done.error) is UploadRefusedError
    assert words in str(done.error)
    assert (done.error.code, done.error.status, done.error.form_unusable) == (code, status, unusable)
    assert len(done.asked) == 1


def test_access_that_is_denied_for_no_known_reason_is_said_so(send):
    error = send([refusal(403, "AccessDenied", "Access Denied")]).error
    assert (
        str(error) == "The bucket refused the file: the bucket denies access (AccessDenied: Access Denied) [HTTP 403]."
    )
    assert "proxy" in error.hint


@pytest.mark.parametrize("reads_all", [True, False], ids=["never answers", "takes nothing"])
def test_a_connection_that_stalls_ends_as_a_lost_answer(tmp_path, reads_all):
    file = tmp_path / "big.glb"
    content = bytes(8 * CHUNK)  # more than the sockets' buffers hold
    file.write_bytes(content)

    async def run():
        gone, ended = asyncio.Event(), asyncio.Event()

        async def stall(reader, writer):
            if reads_all:
                await reader.read()
            else:
                await gone.wait()
            writer.close()
            ended.set()

        server = await asyncio.start_server(stall, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        door = Door(connections=1, timeouts=Timeouts(write=0.2, read=0.2), way_out="")
        body = FileBody(UploadForm(url, FIELDS), str(file), sha256=hashlib.sha256(content).hexdigest(), progress=None)
        try:
            await send_file(door, url, body)
        finally:
            gone.set()
            await door.aclose()
            await ended.wait()
            server.close()

    with pytest.raises(AnswerLostError, match="timed out"):
        asyncio.run(run())


def test_a_refusal_without_a_reason_says_so(send):
    error = send([told(405, b"<html>")]).error
    assert str(error) == "The bucket refused the file: it gave no reason [HTTP 405]."


def test_a_bucket_that_stays_slow_is_given_up(send):
    done = send([refusal(503, "SlowDown")] * 5)
    assert "asks for fewer requests (SlowDown: m) [HTTP 503]" in str(done.error)


def test_a_redirect_of_the_bucket_is_not_followed(send):
    done = send([told(307, b"", {"Location": "http://elsewhere/"})])
    assert type(done.error) is UnexpectedAnswerError


@pytest.mark.parametrize("waiting", [8, 0], ids=["digested on the way", "digested afterwards"])
def test_an_etag_that_is_an_md5_must_be_the_files(send, monkeypatch, waiting):
    monkeypatch.setattr("catalogsync.api.trailing.MOST_WAITING", waiting)
    assert send([told(204, headers={"ETag": f'"{md5_of(CONTENT)}"'})]).error is None
    wrong = send([told(204, headers={"ETag": f'"{md5_of(b"other")}"'})]).error
    assert type(wrong) is UnexpectedAnswerError
    assert "its ETag is not the file's MD5" in str(wrong)


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"edited"), lambda path: path.unlink()])
def test_a_file_edited_after_it_was_sent_whole_is_not_compared(send, monkeypatch, tmp_path, spoil):
    monkeypatch.setattr("catalogsync.api.trailing.MOST_WAITING", 0)

    def answer(asked):
        spoil(tmp_path / "edited")
        return told(204, headers={"ETag": f'"{md5_of(CONTENT)}"'})

    assert send(answer, name="edited").error is None


@pytest.mark.parametrize(("stored", "error"), [(b"small", type(None)), (b"other", UnexpectedAnswerError)])
def test_a_small_file_is_compared_with_its_etag_too(send, stored, error):
    done = send([told(204, headers={"ETag": f'"{md5_of(stored)}"'})], b"small")
    assert type(done.error) is error


def test_a_small_file_that_shrinks_before_it_is_its_turn_is_noticed(tmp_path):
    file = tmp_path / "small.glb"
    file.write_bytes(b"as planned")
    planned = hashlib.sha256(b"as planned").hexdigest()
    body = FileBody(UploadForm("http://127.0.0.1:9/", FIELDS), str(file), sha256=planned, progress=None)
    file.write_bytes(b"as")

    async def pieces():
        await body.prepare()
        return [piece async for piece in body.pieces()]

    with pytest.raises(UploadRefusedError, match="it became shorter"):
        asyncio.run(pieces())


def test_no_more_files_are_under_way_than_the_settings_allow(talk, tmp_path, monkeypatch):
    (tmp_path / "a.glb").write_bytes(b"x")
    under_way, seen = set(), []

    async def sending(_door, _url, body):
        under_way.add(body)
        seen.append(len(under_way))
        await asyncio.sleep(0)
        under_way.remove(body)
        return 204

    async def act(client):
        form, sha256 = UploadForm("http://127.0.0.1:9/", FIELDS), hashlib.sha256(b"x").hexdigest()
        await asyncio.gather(*(client.upload(form, str(tmp_path / "a.glb"), sha256=sha256) for _ in range(9)))

    monkeypatch.setattr("catalogsync.api.client.send_file", sending)
    assert talk(act, [], upload_connections=2).error is None
    assert (len(seen), max(seen)) == (9, 2)


@pytest.mark.parametrize(
    "headers",
    [{"ETag": '"abc-2"'}, {}, {"ETag": f'"{"0" * 32}"', "x-amz-server-side-encryption": "aws:kms"}],
)
def test_an_etag_that_is_no_md5_says_nothing(send, headers):
    assert send([told(204, headers=headers)]).error is None


@pytest.mark.parametrize("content", [b"", b"small", CONTENT], ids=len)
def test_a_file_edited_since_the_plan_is_never_sent_whole(send, content):
    done = send(lambda asked: told(204), content, planned=b"as it was")
    assert type(done.error) is UploadRefusedError
    assert (done.error.code, done.error.status, done.error.form_unusable) == ("FileChanged", 0, False)
    assert "changed since it was planned" in str(done.error)
    assert done.asked == []


def test_a_file_that_shrinks_while_it_is_sent_is_noticed(send, tmp_path):
    def cut(_sent):
        (tmp_path / "shrinking").write_bytes(b"short")

    done = send(lambda asked: told(204), bytes(8 * CHUNK), name="shrinking", told_progress=cut)
    assert done.error.code == "FileChanged"
    assert done.asked == []


def test_a_file_that_is_gone_when_the_upload_starts_over_is_noticed(send, tmp_path):
    def answer(asked):
        (tmp_path / "fleeting").unlink()
        return refusal(503, "SlowDown")

    assert send(answer, name="fleeting").error.code == "FileChanged"


def test_a_file_that_grows_while_it_is_sent_is_sent_as_it_was_planned(send, tmp_path):
    def grow(_sent):
        with (tmp_path / "growing").open("ab") as file:
            file.write(b"more")

    (asked,) = send([told(204)], name="growing", told_progress=grow).asked
    assert asked.parts()[-1][2] == CONTENT


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()], ids=["gone", "a folder"])
def test_a_file_that_is_none_any_more_is_a_changed_file(talk, tmp_path, make):
    make(tmp_path / "a.glb")
    form = UploadForm("http://127.0.0.1:9/", FIELDS)
    done = talk(lambda c: c.upload(form, str(tmp_path / "a.glb"), sha256="0" * 64), [])
    assert done.error.code == "FileChanged"


def test_a_bucket_that_cannot_be_reached_is_said_without_naming_the_api(talk, tmp_path):
    (tmp_path / "a.glb").write_bytes(b"x")
    sha256 = hashlib.sha256(b"x").hexdigest()
    form = UploadForm(f"http://127.0.0.1:{closed_port()}/", FIELDS)
    error = talk(lambda c: c.upload(form, str(tmp_path / "a.glb"), sha256=sha256), []).error
    assert type(error) is UnreachableError
    assert "CATALOGSYNC_API_URL" not in error.hint


def test_a_refusal_before_the_whole_file_came_is_heard_or_the_upload_is_tried_again(tmp_path, talk):
    """A bucket may answer and hang up while the file is still being sent."""
    (tmp_path / "big").write_bytes(bytes(64 * CHUNK))
    sha256 = hashlib.sha256(bytes(64 * CHUNK)).hexdigest()

    async def act(client):
        async def early(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(refusal(403, "AccessDenied", "Policy expired."))
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(early, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with server:
            await client.upload(UploadForm(url, FIELDS), str(tmp_path / "big"), sha256=sha256)

    assert isinstance(talk(act, []).error, UploadRefusedError | AnswerLostError)
