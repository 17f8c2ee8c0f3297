"""The lock between real processes. They are kept in step by pipes, never by time."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from catalogsync.errors import StateError, StateLockedError
from catalogsync.state import StateStore
from catalogsync.state.lock import lock_path
from catalogsync.state.owner import run_url

HOLDER = """
import sys
from pathlib import Path
from catalogsync.state import StateStore
with StateStore.open(Path(sys.argv[1])) as store, store.lock(command="catalogsync apply"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def store(tmp_path):
    with StateStore.open(tmp_path / "state.db") as made:
        yield made


@pytest.fixture
def holder(store):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(store.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def let_go(process) -> None:
    process.stdin.write("\n")
    process.stdin.flush()


def test_a_second_process_is_refused_and_told_who_holds_the_lock(store, holder):
    with pytest.raises(StateLockedError) as caught, store.lock(command="catalogsync apply"):
        pass
    message = str(caught.value)
    assert f"`catalogsync apply` (pid {holder.pid} on " in message
    assert str(store.path) in message
    assert "since 2" in message
    assert re.search(r"for \d+ seconds?\b", message)
    assert "catalogsync state unlock" in caught.value.hint


def test_being_refused_leaves_the_holders_name_for_the_next(store, holder):
    messages = set()
    for _ in range(2):
        with pytest.raises(StateLockedError) as caught, store.lock(command="other"):
            pass
        messages.add(str(caught.value))
    assert len(messages) == 1


def test_waiting_ends_when_the_holder_lets_go_and_says_once_for_whom_it_waits(store, holder):
    said = []

    def say(sentence):
        said.append(sentence)
        let_go(holder)

    with store.lock(command="other", timeout=60, say=say):
        assert len(said) == 1
        assert f"pid {holder.pid}" in said[0]


def test_waiting_ends_with_a_refusal_when_the_time_is_over(store, holder):
    said = []
    with pytest.raises(StateLockedError), store.lock(command="other", timeout=0.01, say=said.append):
        pass
    assert len(said) == 1


def test_the_lock_is_free_when_its_holder_was_killed(store, holder):
    holder.kill()
    holder.wait()
    said = []
    with store.lock(command="other", say=said.append):
        pass
    assert len(said) == 1
    assert f"Taking over the lock of {store.path} from `catalogsync apply` (pid {holder.pid} on " in said[0]
    assert said[0].endswith("which ended without releasing it.")


def test_state_can_be_read_while_another_holds_the_lock(store, holder):
    assert store.load().products == {}


def test_the_lock_file_is_private_and_empty_when_nobody_holds_it(store):
    with store.lock(command="other"):
        assert lock_path(store.path).stat().st_mode & 0o777 == 0o600
        assert '"command": "other"' in lock_path(store.path).read_text()
    assert lock_path(store.path).read_text() == ""


def test_a_holder_that_has_not_named_itself_is_still_a_holder(store, holder):
    lock_path(store.path).write_text("")
    with pytest.raises(StateLockedError, match="locked by another process"), store.lock(command="other"):
        pass


def test_a_lock_file_that_cannot_be_opened_is_named(store):
    lock_path(store.path).mkdir()
    with pytest.raises(StateError, match=str(lock_path(store.path))), store.lock(command="other"):
        pass


def test_a_file_system_without_locks_is_said_to_be_one(store, monkeypatch):
    def refuse(handle):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("catalogsync.state.lock._lock_now", refuse)
    with pytest.raises(StateError, match="knows no locks") as caught, store.lock(command="other"):
        pass
    assert not isinstance(caught.value, StateLockedError)


URLS = [
    ({}, ""),
    ({"GITHUB_RUN_ID": "7", "GITHUB_REPOSITORY": "o/r"}, "https://github.com/o/r/actions/runs/7"),
    (
        {"GITHUB_RUN_ID": "7", "GITHUB_SERVER_URL": "http://g", "GITHUB_REPOSITORY": "o/r"},
        "http://g/o/r/actions/runs/7",
    ),
    ({"CI_JOB_URL": "http://gitlab/job/1"}, "http://gitlab/job/1"),
    ({"CI_JOB_URL": "", "BUILD_URL": "http://jenkins/1"}, "http://jenkins/1"),
]


@pytest.mark.parametrize(("environment", "url"), URLS)
def test_the_page_of_the_ci_run_comes_from_its_variables(environment, url):
    assert run_url(environment) == url


def test_the_lock_names_the_ci_run(store, monkeypatch):
    monkeypatch.setenv("CI_JOB_URL", "http://gitlab/job/1")
    with (
        store.lock(command="catalogsync apply"),
        pytest.raises(StateLockedError, match="http://gitlab/job/1"),
        store.lock(command="other"),
    ):
        pass
