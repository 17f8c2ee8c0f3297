"""What is logged: calls for people with -v, everything in a file, and a full disk that changes nothing."""

from __future__ import annotations

import json
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogsync.cli.logs import LogFile, verbose
from catalogsync.errors import UsageMistakeError
from catalogsync.model.calls import CallMade, CallPaused
from catalogsync.model.events import ChangeStarted, UploadProgress

CALL = CallMade("read the list", "GET", "api.example:8443", "/v1/x/", 200, 0.0451, 1, 994, "")
LOST = CallMade("upload the file", "POST", "b.example", "/k/", None, 2.0, 3, None, "Lost.", "product.A", "upload", 5000)
PAUSE = CallPaused("read the list", 2.34, "Slow down.")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger("catalogsync")
    before = (root.level, root.propagate, root.handlers)
    yield
    root.setLevel(before[0])
    root.propagate, root.handlers = before[1:]


def said(level: int, capsys: pytest.CaptureFixture[str]) -> list[str]:
    listen = verbose(level)
    for event in (CALL, LOST, PAUSE, UploadProgress("product.A", "f", 5, 10), ChangeStarted("product.A", "create")):
        listen(event)
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


def test_once_tells_calls_and_pauses(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(1, capsys) == [
        "catalogsync.api: GET /v1/x/ answered 200 after 45 ms, 994 credits left",
        "catalogsync.api: POST /k/ was not answered after 2000 ms, try 3: Lost.",
        "catalogsync.api: Trying again to read the list in 2.3 s, because of this: Slow down.",
    ]


def test_twice_tells_all_that_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(2, capsys)
    assert lines[0].endswith(
        "api.example:8443: GET /v1/x/ answered 200 after 45 ms, 994 credits left [to read the list]"
    )
    assert lines[1].endswith("try 3: Lost., 5,000 bytes sent [to upload the file for product.A (upload)]")
    assert lines[-2:] == [
        "catalogsync.run: product.A: 5 of 10 bytes sent",
        "catalogsync.run: product.A: Creating...",
    ]


def test_a_log_file_is_added_to_and_private(tmp_path: Path) -> None:
    path = tmp_path / "log"
    for number in (1, 2):
        log = LogFile(path)
        log.write({"number": number})
        assert log.close() is None
    assert [json.loads(line)["number"] for line in path.read_text().splitlines()] == [1, 2]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_log_file_that_cannot_be_opened_is_said_before_anything_is_done(tmp_path: Path) -> None:
    with pytest.raises(UsageMistakeError, match="cannot be written: No such file or directory") as caught:
        LogFile(tmp_path / "missing" / "log")
    assert "CATALOGSYNC_LOG_FILE" in caught.value.hint


def test_a_pipe_that_nobody_reads_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageMistakeError, match="cannot be written"):
        LogFile(tmp_path / "pipe")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_is_full_costs_lines_and_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    log = LogFile(Path("/dev/full"))
    log.write({"number": 1})
    log.write({"number": 2})
    assert log.close() is None
    assert capsys.readouterr().err == "Note: /dev/full lacks lines of this run: No space left on device.\n"
