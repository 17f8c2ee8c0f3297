"""Images are fetched without any identity of ours, whole or not at all, and only when they are images."""

import asyncio
import os
from pathlib import Path

import pytest
from stub_remote import CUT_OFF, Pauses, Stub, told

from catalogsync.api.media import MediaClient
from catalogsync.errors import RemoteError, ServerFaultError, UnexpectedAnswerError, UsageMistakeError

PNG = b"\x89PNG\r\n\x1a\n" + b"p" * 5000
JPEG = b"\xff\xd8\xff\xe0" + b"j" * 5000


def fetch(stem: Path, script, *, url="/a.png?signature=hush", overwrite=False, **settings):
    """What fetching came to, what was asked, and the pauses."""
    pauses = Pauses()

    async def run():
        async with Stub(script) as stub, MediaClient(sleep=pauses, random=lambda: 1.0, **settings) as media:
            try:
                where = stub.url + url if url.startswith("/") else url
                return await media.fetch_image(where, stem, overwrite=overwrite), stub.asked, pauses.seconds
            except (RemoteError, UsageMistakeError) as error:
                return error, stub.asked, pauses.seconds

    return asyncio.run(run())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(("content", "suffix"), [(PNG, ".png"), (JPEG, ".jpg")])
def test_an_image_is_named_after_what_it_is_and_nobody_is_told_who_asks(tmp_path, content, suffix) -> None:
    fetched, asked, _ = fetch(tmp_path / "t" / "LAMP-1.0", [told(200, content, {"Content-Type": "text/html"})])
    assert fetched.path == tmp_path / "t" / f"LAMP-1.0{suffix}"
    assert fetched.path.read_bytes() == content
    assert names(tmp_path / "t") == [f"LAMP-1.0{suffix}"]
    mask = os.umask(0)
    os.umask(mask)
    assert fetched.path.stat().st_mode & 0o777 == 0o666 & ~mask
    assert {"authorization", "origin", "cookie", "referer"}.isdisjoint(asked[0].headers)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (told(200, b"<html>not found</html>"), "neither a PNG nor a JPEG"),
        (told(200, b""), "neither a PNG nor a JPEG"),
        (told(200, b"\x89PNG"), "neither a PNG nor a JPEG"),
        (told(200, PNG + b"x" * 6000), "larger than 0 MiB"),
        (told(302, b"", {"Location": "http://elsewhere.example/"}), "redirects (HTTP 302), which is not followed"),
        (told(403, b"<Error/>"), "refused the image (HTTP 403)"),
        (told(404, PNG), "refused the image (HTTP 404)"),
    ],
)
def test_what_is_no_image_is_refused_and_leaves_nothing(tmp_path, answer, words) -> None:
    error, asked, pauses = fetch(tmp_path / "t" / "LAMP", [answer], largest=8000)
    assert isinstance(error, UnexpectedAnswerError)
    assert words in str(error)
    assert "hush" not in f"{error} {error.hint}", "the signature of an address is nobody's business"
    assert (len(asked), pauses, names(tmp_path / "t")) == (1, [], [])


def test_passing_failures_are_tried_again_from_the_start(tmp_path) -> None:
    fetched, asked, pauses = fetch(tmp_path / "LAMP", [CUT_OFF, told(503), told(200, PNG)])
    assert fetched.path.read_bytes() == PNG
    assert (len(asked), pauses) == (3, [0.5, 1.0])
    error, asked, _ = fetch(tmp_path / "TABLE", [told(500), told(500)], attempts=2)
    assert isinstance(error, ServerFaultError)
    assert names(tmp_path) == ["LAMP.png"]


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://host/a.png", "//host/a.png", "http://", "http://u:p@host/a.png", "http://[", ""],
)
def test_only_addresses_of_the_web_are_asked(tmp_path, url) -> None:
    async def run() -> None:
        async with MediaClient() as media:
            await media.fetch_image(url, tmp_path / "t" / "LAMP")

    with pytest.raises(UnexpectedAnswerError, match="not one of the web"):
        asyncio.run(run())
    assert not (tmp_path / "t").exists()


def test_a_file_that_is_there_stays_unless_it_is_the_same_or_may_be_overwritten(tmp_path) -> None:
    there = tmp_path / "LAMP.png"
    there.write_bytes(PNG)
    same, _, _ = fetch(tmp_path / "LAMP", [told(200, PNG)])
    assert same.there_before
    there.write_bytes(b"mine")
    error, _, _ = fetch(tmp_path / "LAMP", [told(200, PNG)])
    assert "is there already with other content" in str(error)
    assert there.read_bytes() == b"mine"
    fetched, _, _ = fetch(tmp_path / "LAMP", [told(200, PNG)], overwrite=True)
    assert not fetched.there_before
    assert (there.read_bytes(), names(tmp_path)) == (PNG, ["LAMP.png"])


def test_a_folder_that_cannot_be_made_is_said(tmp_path) -> None:
    (tmp_path / "t").write_text("a file")
    error, asked, _ = fetch(tmp_path / "t" / "LAMP", [told(200, PNG)])
    assert isinstance(error, UsageMistakeError)
    assert asked == []
