"""Finding a running sandbox through its data folder, and emptying the folder of one that ended."""

import json
import sys
from pathlib import Path
from subprocess import run

import pytest
from sandbox_client import Api, Start

from catalogsync.sandbox import (
    SandboxError,
    SandboxInUseError,
    SandboxNotServedError,
    SandboxRefusedError,
    SandboxSettings,
    remote_control,
    running,
)
from catalogsync.sandbox.emptying import empty


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_running_sandbox_is_found_and_steered(start: Start, data: Path) -> None:
    api: Api = start(data)
    control = remote_control.find(data)
    assert control.url == api.endpoints.url
    control.set_fault("server-error", {"times": 1})
    assert control.faults()["rules"][0]["name"] == "server-error"
    control.clear_faults()
    assert control.faults()["rules"] == []
    api.create()
    last = control.log()["requests"][-1]
    assert control.log(last["id"])["requests"] == []


def test_a_refusal_comes_in_the_words_of_the_sandbox(start: Start, data: Path) -> None:
    start(data)
    with pytest.raises(SandboxRefusedError, match="there is no fault 'nothing'"):
        remote_control.find(data).set_fault("nothing", {})


def test_the_log_takes_any_number(start: Start, data: Path) -> None:
    start(data)
    with pytest.raises(SandboxRefusedError):
        remote_control.find(data).log(2**80)


def test_a_sandbox_that_ended_does_not_answer(data: Path) -> None:
    with running(SandboxSettings(data, port=0)):
        control = remote_control.find(data)
    with pytest.raises(SandboxNotServedError, match=control.url):
        control.log()
    with pytest.raises(SandboxNotServedError, match="No sandbox serves"):
        remote_control.find(data)


@pytest.mark.parametrize(
    "note", ["", "{}", "[]", '{"url": "http://192.0.2.1", "pid": 1}', '{"url": "http://127.0.0.1:1", "pid": 1}']
)
def test_a_note_that_leads_nowhere_is_no_sandbox(tmp_path: Path, note: str) -> None:
    (tmp_path / "server.json").write_text(note)
    with pytest.raises(SandboxNotServedError):
        remote_control.find(tmp_path)


def test_another_process_at_the_old_port_is_no_sandbox(start: Start, data: Path, tmp_path: Path) -> None:
    url = start(data).endpoints.url
    (tmp_path / "server.json").write_text(json.dumps({"url": url, "pid": 1}))
    with pytest.raises(SandboxNotServedError):
        remote_control.find(tmp_path)


def test_steering_loads_no_library_of_the_server() -> None:
    code = "import sys, catalogsync.sandbox.remote_control as _; sys.exit('starlette' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0


def test_emptying_removes_what_the_sandbox_made_and_nothing_else(data: Path) -> None:
    with running(SandboxSettings(data, port=0)) as endpoints:
        key = endpoints.secret_key
        with pytest.raises(SandboxInUseError, match="end it first"):
            empty(data)
    (data / "bucket").mkdir(exist_ok=True)
    (data / "bucket" / "file").touch()
    (data / "mine").touch()
    (data / "state.db").touch()
    assert empty(data, "state.db", "missing") == ["sandbox.db", "bucket", "state.db"]
    assert {path.name for path in data.iterdir()} - {"engine"} == {"mine", "server.lock", "guests.lock"}
    with running(SandboxSettings(data, port=0)) as endpoints:
        assert endpoints.secret_key != key


def test_a_folder_of_something_else_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "bucket").mkdir()
    with pytest.raises(SandboxError, match="holds no data of a sandbox"):
        empty(tmp_path)
    assert (tmp_path / "bucket").is_dir()


def test_a_link_is_removed_and_not_what_it_points_at(tmp_path: Path, data: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    data.mkdir()
    (data / "sandbox.db").touch()
    (data / "bucket").symlink_to(elsewhere)
    assert empty(data) == ["sandbox.db", "bucket"]
    assert elsewhere.is_dir()
