"""The server as a process and as a thread: starting, joining, ending, and taking large files."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sandbox_client import Api, Start

import catalogsync.sandbox
from catalogsync.sandbox import (
    Endpoints,
    SandboxError,
    SandboxInUseError,
    SandboxSettings,
    SandboxUnavailableError,
    running,
    serve,
)

SERVE = """
import json, sys
from pathlib import Path
from catalogsync.sandbox import SandboxSettings, serve
serve(SandboxSettings(Path(sys.argv[1]), port=0), ready=lambda ends: print(json.dumps(ends.as_json()), flush=True))
print("left cleanly")
"""
MIB = 1024**2


@contextmanager
def served(data: Path) -> Iterator[tuple["subprocess.Popen[str]", Endpoints]]:
    """A serving process; killed at the end should the test not have ended it."""
    with subprocess.Popen([sys.executable, "-c", SERVE, str(data)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, Endpoints(**json.loads(process.stdout.readline()))
        finally:
            process.kill()


def test_importing_the_package_loads_no_server_library() -> None:
    code = (
        "import sys, catalogsync.sandbox;"
        "print(sorted({'starlette', 'uvicorn', 'python_multipart', 'PIL', 'sqlite3', 'asyncio'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_without_the_extra_the_message_names_the_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(catalogsync.sandbox, "find_spec", lambda name: None if name == "PIL" else object())
    with (
        pytest.raises(SandboxUnavailableError, match=r"pillow.*pip install 'catalogsync\[sandbox\]'"),
        running(SandboxSettings(tmp_path)),
    ):
        pass


def test_endpoints_are_flat_json(api: Api) -> None:
    ends = api.endpoints.as_json()
    assert list(ends) == ["url", "zapier_url", "origin", "secret_key", "public_key", "zapier_token"]
    assert ends["url"] == ends["zapier_url"]
    assert ends["url"].startswith("http://127.0.0.1:")
    assert not ends["url"].endswith("/")
    assert ends["secret_key"].startswith("sk_")
    assert ends["public_key"].startswith("pk_")


def test_keys_and_origin_stay_with_their_folder(tmp_path: Path) -> None:
    with running(SandboxSettings(tmp_path / "a", port=0, origin="shop.example")) as first:
        pass
    with running(SandboxSettings(tmp_path / "a", port=0, origin="other.example")) as again:
        assert (again.secret_key, again.origin) == (first.secret_key, "shop.example")
    with running(SandboxSettings(tmp_path / "b", port=0)) as other:
        assert other.secret_key != first.secret_key


def test_a_process_says_when_it_is_ready_and_leaves_cleanly(tmp_path: Path) -> None:
    with served(tmp_path) as (process, endpoints):
        note = json.loads((tmp_path / "server.json").read_text())
        assert note == {"url": endpoints.url, "pid": process.pid}
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        assert process.stdout.read().strip() == "left cleanly"
        assert process.wait() == 0
    assert not (tmp_path / "server.json").exists()


def test_an_embedded_sandbox_joins_the_living_server(tmp_path: Path) -> None:
    with served(tmp_path) as (_, endpoints), running(SandboxSettings(tmp_path)) as joined:
        assert joined == endpoints
        with pytest.raises(SandboxInUseError, match=endpoints.url):
            serve(SandboxSettings(tmp_path), ready=lambda _: None)


def test_a_server_in_a_thread_ends_with_the_last_of_its_guests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from catalogsync.sandbox import server

    started, leave, waiting = threading.Event(), threading.Event(), threading.Event()
    monkeypatch.setattr(server._log, "warning", lambda _words: waiting.set())

    def own() -> None:
        with running(SandboxSettings(tmp_path, port=0)):
            started.set()
            assert leave.wait(30)

    owner = threading.Thread(target=own)
    owner.start()
    assert started.wait(30)
    with running(SandboxSettings(tmp_path)) as joined:
        leave.set()
        assert waiting.wait(30)
        assert server.ask_health(joined.url)["data_id"]
    owner.join(30)
    assert not owner.is_alive()
    assert not (tmp_path / "server.json").exists()


def test_what_a_killed_process_left_behind_is_ignored(tmp_path: Path) -> None:
    with served(tmp_path) as (process, endpoints):
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (tmp_path / "server.json").exists()
    (tmp_path / "parts").mkdir(exist_ok=True)
    (tmp_path / "parts" / "half").write_bytes(b"glTF")
    with running(SandboxSettings(tmp_path, port=0)) as own:
        assert own.secret_key == endpoints.secret_key
        assert json.loads((tmp_path / "server.json").read_text()) == {"url": own.url, "pid": os.getpid()}
        assert list((tmp_path / "parts").iterdir()) == []


def test_a_taken_port_is_an_error_and_a_taken_preferred_port_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from catalogsync.sandbox import server

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SandboxInUseError, match=str(port)), running(SandboxSettings(tmp_path, port=port)):
            pass
        monkeypatch.setattr(server, "PREFERRED_PORT", port)
        with running(SandboxSettings(tmp_path)) as endpoints:
            assert not endpoints.url.endswith(f":{port}")


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    (tmp_path / "spoiled").mkdir()
    (tmp_path / "spoiled" / "sandbox.db").write_text("no database at all")
    for name in ("taken", "spoiled"):
        with (
            pytest.raises(SandboxError, match=f"The sandbox cannot use .*{name}: "),
            running(SandboxSettings(tmp_path / name, port=0)),
        ):
            pass


def test_the_preferred_port_is_used_when_it_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from catalogsync.sandbox import server

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setattr(server, "PREFERRED_PORT", port)
    with running(SandboxSettings(tmp_path)) as endpoints:
        assert endpoints.url.endswith(f":{port}")


def stream_upload(url: str, form: dict[str, Any], size: int) -> int:
    """Send `size` zero bytes as the form's file, one MiB at a time; the answer's status."""
    disposition = '--B\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    head = "".join(disposition.format(name, value) for name, value in form["fields"].items())
    head += '--B\r\nContent-Disposition: form-data; name="file"; filename="m.glb"\r\n\r\n'
    tail = b"\r\n--B--\r\n"
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    connection.putrequest("POST", "/bucket/")
    connection.putheader("Content-Type", "multipart/form-data; boundary=B")
    connection.putheader("Content-Length", str(len(head) + size + len(tail)))
    connection.endheaders(head.encode())
    for _ in range(size // MIB):
        connection.send(bytes(MIB))
    connection.send(tail)
    status = connection.getresponse().status
    connection.close()
    return status


def peak_memory(pid: int) -> int:
    """The most memory that a process has had so far, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
def test_a_large_upload_takes_flat_memory(tmp_path: Path) -> None:
    with served(tmp_path) as (process, endpoints), ExitStack() as stack:
        api = Api(endpoints, stack)
        data = api.create(thumbnail_name="")
        api.json("GET", "/v1/product/details/")
        before = peak_memory(process.pid)
        assert stream_upload(endpoints.url, data["presigned_url_prop_user_file"], 64 * MIB) == 204
        assert peak_memory(process.pid) - before < 16
        (stored,) = (tmp_path / "bucket").rglob("prop_data_arc.glb")
        assert stored.stat().st_size == 64 * MIB


def test_an_upload_that_breaks_off_leaves_nothing_behind(start: Start, tmp_path: Path) -> None:
    api = start()
    form = api.create(thumbnail_name="")["presigned_url_prop_user_file"]
    with socket.create_connection(("127.0.0.1", int(api.endpoints.url.rpartition(":")[2]))) as connection:
        connection.sendall(b"POST /bucket/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n")
        connection.sendall(b"Content-Type: multipart/form-data; boundary=B\r\n\r\n")
        for name, value in form["fields"].items():
            connection.sendall(f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
        connection.sendall(b'--B\r\nContent-Disposition: form-data; name="file"\r\n\r\nglTF')
    seen = (row["path"] for _ in range(1000) for row in api.log()["requests"])
    assert "/bucket/" in seen
    assert list((tmp_path / "data" / "parts").glob("*")) == []
