"""What happens when the process of a job crashes, hangs or needs too much, and when the server itself is killed."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sandbox_client import AR, SILO, SPIN, VIEWER, Api, Start

from catalogsync.sandbox import Endpoints
from catalogsync.sandbox.content import rendered, watch
from catalogsync.sandbox.content.rendered import Renderer

Ran = Callable[[dict[str, Any]], tuple[int, str | None]]


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Callable[[Ran], list[list[tuple[str, int]]]]:
    """Plays processes: each makes as many rows as is said, then fails so. What each was asked for is listed."""
    asked: list[list[tuple[str, int]]] = []

    def play(ran: Ran) -> list[list[tuple[str, int]]]:
        def run(_self: Renderer, request: dict[str, Any], heard: Callable[[dict[str, Any]], None], *_: float) -> Any:
            if request["task"] == "probe":
                return heard({"probed": True})
            rows = [(table, row["id"]) for table in ("images", "jobs") for row in request[table]]
            asked.append(rows)
            count, failure = ran(request)
            for row in rows[:count]:
                heard({"made": list(row)})
            return failure

        monkeypatch.setattr(Renderer, "run", run)
        return asked

    return play


def outcomes(api: Api, data: dict[str, Any]) -> tuple[list[str], str, str]:
    status = api.status(data)
    silos = [row["status"] for row in status["product_silo_images_status"]]
    return silos, status["product_3d_status"], status["product_ar_status"]


def test_a_process_that_makes_nothing_fails_all_its_rows(start: Start, processes: Any) -> None:
    asked = processes(lambda _: (0, "the engine crashed (SIGSEGV)"))
    api = start(content="rendered", workers=1)
    data = api.finalized()
    api.generate(data, VIEWER, AR, SILO)
    api.settle()
    assert outcomes(api, data) == (["Failed"] * 6, "Failed", "Failed")
    assert {failure["reason"] for failure in api.log()["failures"]} == {"arc.glb: the engine crashed (SIGSEGV)"}
    assert len(asked) == 1


def test_the_row_that_crashes_a_process_fails_and_those_behind_it_are_made_by_another(
    start: Start, processes: Any
) -> None:
    def ran(request: dict[str, Any]) -> tuple[int, str | None]:
        viewers = [job["output"] for job in request["jobs"]]
        if len(request["images"]) == 6:
            return 2, "the engine crashed (SIGSEGV)"
        return (3, "the engine crashed (SIGABRT)") if viewers[0] == "3d_model_viewer" else (1, None)

    asked = processes(ran)
    api = start(content="rendered", workers=1)
    data = api.finalized()
    api.generate(data, VIEWER, AR, SILO)
    api.settle()
    assert outcomes(api, data) == (["Done"] * 2 + ["Failed"] + ["Done"] * 3, "Failed", "Done")
    assert [len(rows) for rows in asked] == [8, 5, 1]


def test_a_job_works_after_one_whose_process_crashed(start: Start, processes: Any) -> None:
    processes(lambda request: (0, "the engine crashed (SIGSEGV)") if request["name"] == "bad.glb" else (99, None))
    api = start(content="rendered", workers=1)
    bad, good = api.finalized(prop_data_user_file_name="bad.glb"), api.finalized()
    for data in (bad, good):
        api.generate(data, VIEWER, AR, SILO)
    api.settle()
    assert outcomes(api, bad) == (["Failed"] * 6, "Failed", "Failed")
    assert outcomes(api, good) == (["Done"] * 6, "Done", "Done")


JOB_THAT = {
    "crashes": ("import os; os.kill(os.getpid(), 11)", "the engine crashed (SIGSEGV)"),
    "hangs": ("import time; time.sleep(60)", "the engine was ended: it took longer"),
    "leaves a child": (
        "import subprocess as s; s.Popen(['sleep', '60']); s.os.abort()",
        "the engine crashed (SIGABRT)",
    ),
}


@pytest.mark.parametrize(("does", "reason"), JOB_THAT.values(), ids=JOB_THAT)
def test_however_a_process_ends_there_is_a_reason_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, reason: str
) -> None:
    begin = "import json, pathlib, sys; request = json.loads(pathlib.Path(sys.argv[1]).read_text())\n"
    write = "(pathlib.Path(request['work']) / 'unpacked.glb').write_bytes(b'x'); print('{}', flush=True)\n"
    monkeypatch.setattr(rendered, "JOB", ("-c", begin + write + does))
    renderer, heard = Renderer(tmp_path), list[dict[str, Any]]()
    failure = renderer.run({"task": "probe"}, heard.append, seconds=30 if "kill" in does else 1.5)
    assert reason in str(failure)
    assert heard == [{}]
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process does")
@pytest.mark.parametrize(
    ("does", "reason"), [("time.sleep(60)", "it did nothing for 1 s"), ("while time.time() < end: pass", None)]
)
def test_a_process_that_does_nothing_is_ended_soon_and_a_busy_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, reason: str | None
) -> None:
    monkeypatch.setattr(watch, "STILL_SECONDS", 0.8)
    monkeypatch.setattr(rendered, "JOB", ("-c", f"import time; end = time.time() + 2\n{does}"))
    failure = Renderer(tmp_path).run({"task": "probe"}, lambda _: None)
    assert failure == (reason and f"the engine was ended: {reason}")


def test_what_jobs_of_a_killed_server_left_behind_is_removed(tmp_path: Path) -> None:
    left = tmp_path / "work" / "tmp1" / "scratch" / "huge.glb"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"x")
    Renderer(tmp_path)
    assert not left.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts what is written to")
def test_a_job_has_less_than_a_gib() -> None:
    greedy = "from catalogsync.sandbox.content.limits import limit_this_process as l; l(); bytearray(900 * 1024**2)"
    ended = subprocess.run([sys.executable, "-c", greedy], capture_output=True, text=True, check=False)
    assert "more than 832 MiB" in rendered.why_ended(ended.returncode, ended.stderr)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends processes with their parent")
def test_a_job_ends_with_a_server_that_is_killed() -> None:
    job = "from catalogsync.sandbox.content.limits import limit_this_process as l; l(); print('on'); input()"
    server = f"import subprocess, sys; subprocess.run([sys.executable, '-uc', {job!r}])"
    with subprocess.Popen([sys.executable, "-c", server], stdout=subprocess.PIPE, stdin=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"on\n"
        process.kill()
        assert process.stdout.read() == b"", "its output ends only when the job has ended too"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends processes with their parent")
def test_a_job_whose_server_was_killed_before_it_began_does_not_begin() -> None:
    job = "from catalogsync.sandbox.content.limits import limit_this_process as l; l(1); print('on')"
    ended = subprocess.run([sys.executable, "-c", job], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (-signal.SIGSEGV, "the engine crashed (SIGSEGV)"),
        (-signal.SIGKILL, "the engine was ended"),
        (-signal.SIGXCPU, "more than 120 s of computing"),
        (1, "the engine gave up (ValueError: no model)"),
    ],
)
def test_an_ended_process_has_a_reason(code: int, reason: str) -> None:
    assert reason in rendered.why_ended(code, "Traceback\nValueError: no model\n")


@pytest.mark.parametrize("complaint", ["Traceback\nMemoryError: no room\n", "what():  std::bad_alloc\n"])
def test_a_process_without_memory_says_so(complaint: str) -> None:
    assert rendered.why_ended(-signal.SIGABRT, complaint) == "the engine needed more than 832 MiB of memory"


def test_a_process_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    failure = Renderer(tmp_path).run({"task": "probe"}, lambda _: None, seconds=0.01)
    assert failure is not None
    assert "was ended" in failure


SERVER = """
import json, sys
from pathlib import Path
from catalogsync.sandbox import SandboxSettings, serve
settings = SandboxSettings(Path(sys.argv[1]), port=0, image_size=128, content="rendered", workers=2)
serve(settings, ready=lambda endpoints: print(json.dumps(endpoints.as_json()), flush=True))
"""


@contextmanager
def served(data: Path) -> Iterator[tuple["subprocess.Popen[str]", Api]]:
    """A sandbox in a process of its own, which is killed at the end."""
    command = [sys.executable, "-c", SERVER, str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server, ExitStack() as clients:
        try:
            assert server.stdout is not None
            yield server, Api(Endpoints(**json.loads(server.stdout.readline())), clients)
        finally:
            server.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends processes with their parent")
def test_a_server_killed_while_it_renders_goes_on_where_it_was(engine: Path, tmp_path: Path, cube: bytes) -> None:
    data, outputs = tmp_path / "data", (VIEWER, AR, SPIN, SILO)
    shutil.copytree(engine, data / "engine")
    with served(data) as (server, api):
        product = api.finalized(model=cube)
        api.generate(product, *outputs)
        jobs = children_once(server.pid, 2)
        server.kill()
        server.wait()
        until(lambda: not any(Path(f"/proc/{job}").exists() for job in jobs))
    with served(data) as (_, api):
        api.settle()
        assert api.log()["failures"] == []
        assert outcomes(api, product) == (["Done"] * 6, "Done", "Done")
        assert [spin["status"] for spin in api.status(product)["product_threesixty_status"]] == ["Done"]
        for image in api.shared(product)["product_silo_images"]:
            assert api.middle(image["image_url"]), "every picture is whole"
        until(lambda: not list((data / "engine" / "work").iterdir()))


def children_once(parent: int, count: int) -> list[int]:
    """The processes of a server, once there are this many."""
    listed = Path(f"/proc/{parent}/task")
    found: list[int] = []

    def are_there() -> bool:
        found[:] = [int(child) for task in listed.iterdir() for child in (task / "children").read_text().split()]
        return len(found) >= count

    until(are_there)
    return found


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
