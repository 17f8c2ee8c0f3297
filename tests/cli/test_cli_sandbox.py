"""`catalogsync sandbox open|reset|logs|faults|scenes`, as a user types them."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogsync.cli.commands import sandbox_control
from catalogsync.cli.main import outcome_of
from catalogsync.sandbox import Endpoints, SandboxSettings, running

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def served(data: Path) -> Iterator[Endpoints]:
    with running(SandboxSettings(data, port=0)) as endpoints:
        yield endpoints


def sandbox(*words: object) -> int:
    return outcome_of(["sandbox", *map(str, words)])


def test_a_way_of_making_content_that_there_is_not_is_said_in_words(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("CATALOGSYNC_SANDBOX_CONTENT", "drawn")
    assert sandbox("serve", "--port", "0", "--data", data) == 1
    assert capsys.readouterr().err == "Error: content: 'drawn' is none of auto, rendered, plain.\n"
    assert outcome_of(["--sandbox", "--chdir", str(data.parent), "feed"]) == 1
    assert capsys.readouterr().err == "Error: content: 'drawn' is none of auto, rendered, plain.\n"


def status_of(endpoints: Endpoints) -> int:
    headers = {"Authorization": f"Imagine-key {endpoints.secret_key}", "Origin": endpoints.origin}
    request = urllib.request.Request(f"{endpoints.url}/v1/product/details/", headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.mark.parametrize("words", [["open"], ["logs"], ["faults", "list"], ["faults", "set", "x"], ["faults", "clear"]])
def test_without_a_running_sandbox_it_is_said_how_to_serve(data: Path, words: list[str], capsys: Capture) -> None:
    assert sandbox(*words, "--data", data) == 1
    said = capsys.readouterr().err
    assert f"No sandbox serves {data}." in said
    assert f"catalogsync sandbox serve --data {data}" in said
    assert not data.exists()


@pytest.mark.parametrize("opens", [True, False])
def test_open_prints_the_url_and_opens_it(
    served: Endpoints, data: Path, opens: bool, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or opens)
    assert sandbox("open", "--data", data) == 0
    said = capsys.readouterr()
    assert said.out == f"{served.url}/\n"
    assert opened == [f"{served.url}/"]
    assert ("No browser" in said.err) != opens


def test_faults_are_set_listed_and_cleared(served: Endpoints, data: Path, capsys: Capture) -> None:
    assert sandbox("faults", "set", "server-error", "--times", 2, "--path", "/v1/product/*", "--data", data) == 0
    assert sandbox("faults", "set", "deleted-held", "--data", data) == 0
    assert status_of(served) == 500
    capsys.readouterr()
    assert sandbox("faults", "list", "--data", data) == 0
    said = capsys.readouterr().out
    assert "  server-error: * /v1/product/*, 1 times\n  hold_deleted = True\n" in said
    assert sandbox("faults", "clear", "--data", data) == 0
    capsys.readouterr()
    sandbox("faults", "list", "--json", "--data", data)
    told = json.loads(capsys.readouterr().out)
    assert (told["rules"], told["variants"]) == ([], {})
    assert status_of(served) == 200


@pytest.mark.parametrize(
    ("words", "says"),
    [(["nothing"], "there is no fault 'nothing'"), (["no-credits", "--times", "2"], "takes no times")],
)
def test_a_fault_that_is_none_is_refused_in_words(
    served: Endpoints, data: Path, words: list[str], says: str, capsys: Capture
) -> None:
    assert sandbox("faults", "set", *words, "--data", data) == 1
    assert says in capsys.readouterr().err
    assert served


def test_logs_show_the_last_requests(served: Endpoints, data: Path, capsys: Capture) -> None:
    sandbox("faults", "set", "server-error", "--data", data)
    for _ in range(3):
        status_of(served)
    capsys.readouterr()
    assert sandbox("logs", "--lines", 2, "--data", data) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ", 1)[1] for line in lines] == [
        "200  GET    /v1/product/details/  secret, 9,998 credits",
        "200  GET    /v1/product/details/  secret, 9,997 credits",
    ]
    sandbox("logs", "--json", "--data", data)
    first, *_ = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["status"], first["fault"]) == (500, "server-error")
    assert sandbox("logs", "--failures", "--data", data) == 0
    assert capsys.readouterr().out == ""
    assert sandbox("logs", "--failures", "--follow", "--data", data) == 1


def test_following_shows_what_comes_until_the_sandbox_ends(
    data: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = threading.Event()
    pause = threading.Event()
    monkeypatch.setattr(sandbox_control.time, "sleep", lambda _: (looked.set(), pause.wait(0.01)))
    with running(SandboxSettings(data, port=0)) as endpoints:
        follower = threading.Thread(target=sandbox, args=("logs", "--follow", "--data", data))
        follower.start()
        assert looked.wait(10)
        status_of(endpoints)
        looked.clear()
        assert looked.wait(10)
        looked.clear()
        assert looked.wait(10)
    follower.join(10)
    said = capsys.readouterr()
    assert said.out.count("/v1/product/details/") == 1
    assert "The sandbox ended." in said.err


def test_reset_asks_refuses_and_removes(data: Path, capsys: Capture) -> None:
    with running(SandboxSettings(data, port=0)):
        assert sandbox("reset", "--yes", "--data", data) == 1
        assert "end it first" in capsys.readouterr().err
    assert sandbox("reset", "--data", data) == 1
    assert "Add --auto-approve." in capsys.readouterr().err
    assert (data / "sandbox.db").exists()
    assert sandbox("reset", "--auto-approve", "--data", data) == 0
    assert not (data / "sandbox.db").exists()
    assert sandbox("reset", "--yes", "--data", data) == 1


@pytest.mark.parametrize(("answer", "left"), [("yes", False), ("no", True)])
def test_reset_takes_only_yes_for_yes(
    data: Path, answer: str, left: bool, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(SandboxSettings(data, port=0)):
        pass
    monkeypatch.setattr(sandbox_control.sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sandbox_control.click, "prompt", lambda *_, **__: answer)
    assert sandbox("reset", "--data", data) == left
    assert (data / "sandbox.db").exists() == left
    assert capsys.readouterr().out


def test_reset_forgets_the_state_that_sandbox_runs_have_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path(".catalogsync/sandbox")
    with running(SandboxSettings(folder, port=0)):
        (folder / "state.db").touch()
    (tmp_path / ".catalogsync/state.db").touch()
    assert sandbox("reset", "--yes") == 0
    assert not (folder / "state.db").exists()
    assert (tmp_path / ".catalogsync/state.db").exists()


def test_scenes_are_shown_without_a_running_sandbox(capsys: Capture) -> None:
    assert sandbox("scenes") == 0
    said = capsys.readouterr().out
    assert "7550  Living room\n  8152584  Front view\n" in said
    assert "  500  As modelled\n" in said
    assert sandbox("scenes", "--json") == 0
    world = json.loads(capsys.readouterr().out)
    assert world["scenes"][0]["cameras"][0] == {"id": 8152584, "name": "Front view"}
    assert world["units"][0] == "inches"
