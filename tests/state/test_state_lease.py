"""The owner's record: what it is worth beside the kernel's lock, its heartbeat, and what stops a holder that lost it.

Time is a value here: it passes when a test says so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest

from catalogsync.errors import StateError, StateLockedError
from catalogsync.model.state import Bind, Origin, ProductBinding, Stage
from catalogsync.state import StateStore, lock, owner
from catalogsync.state.heartbeat import BEAT, beating
from catalogsync.state.lock import hold_file, lock_path, owner_at, remove_lock
from catalogsync.state.owner import LEASE, Owner, new_owner, owner_of

PRODUCT = Bind(ProductBinding("product.A", "u", Origin.CREATED, Stage.CREATED, {"sku_id": "A"}))


class Time:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.at = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)

    def __call__(self) -> str:
        return self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def pass_by(self, span: timedelta) -> None:
        self.at += span


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def store(tmp_path, time):
    with StateStore.open(tmp_path / "state.db", clock=time) as made:
        yield made


def foreign(time: Time, **changes) -> Owner:
    return replace(new_owner("catalogsync apply", time()), machine="elsewhere", who="ann@runner-7", pid=41, **changes)


def leave(store: StateStore, record: Owner | str) -> None:
    text = record if isinstance(record, str) else json.dumps(asdict(record))
    lock_path(store.path).write_text(text)


def test_a_live_owner_on_another_machine_is_respected_though_the_kernel_knows_of_none(store, time):
    leave(store, foreign(time, run_url="http://ci/7"))
    time.pass_by(timedelta(seconds=59))
    with pytest.raises(StateLockedError) as caught, store.lock(command="other"):
        pass
    assert (
        "is locked by `catalogsync apply` (pid 41 on ann@runner-7, since 2026-02-03T04:05:06.000Z, "
        "for 59 seconds, http://ci/7)." in str(caught.value)
    )
    assert store.owner().who == "ann@runner-7"


def test_the_lease_of_a_dead_owner_on_another_machine_is_taken_over_with_a_message(store, time):
    leave(store, foreign(time))
    time.pass_by(LEASE)
    said = []
    with store.lock(command="other", say=said.append):
        assert store.owner().command == "other"
    ended = "`catalogsync apply` (pid 41 on ann@runner-7, since 2026-02-03T04:05:06.000Z, for 1 minute)"
    assert said == [f"Taking over the lock of {store.path} from {ended}, whose lease is over."]


def test_a_dead_owner_on_this_machine_is_not_waited_for(store, time):
    leave(store, replace(foreign(time), machine=owner.machine()))
    said = []
    with store.lock(command="other", say=said.append):
        pass
    assert said[0].endswith("which ended without releasing it.")


def test_waiting_for_a_foreign_owner_ends_with_its_lease(store, time):
    leave(store, foreign(time))
    said = []

    def say(sentence):
        said.append(sentence)
        time.pass_by(LEASE)

    with store.lock(command="other", timeout=60, say=say):
        pass
    assert ["is locked by" in said[0], "Taking over" in said[1]] == [True, True]
    assert len(said) == 2


@pytest.mark.parametrize("record", ["", "{", "[]", '{"token": "t"}', "\xff\xfe", "null"])
def test_a_record_that_is_none_keeps_nobody_out(store, record):
    leave(store, record)
    said = []
    with store.lock(command="other", say=said.append):
        assert store.owner().command == "other"
    assert said == []


def test_a_record_with_times_that_are_none_keeps_nobody_out(store, time):
    leave(store, foreign(time, until="soon"))
    with store.lock(command="other"):
        pass


def test_a_heartbeat_renews_the_lease_and_says_nothing_else_anew(tmp_path, time):
    path = tmp_path / "state.db"
    with hold_file(path, command="catalogsync apply", clock=time) as held:
        before = owner_at(path)
        time.pass_by(timedelta(seconds=BEAT))
        held.beat()
        after = owner_at(path)
    assert after == replace(before, until=after.until)
    assert datetime.fromisoformat(after.until) - datetime.fromisoformat(before.until) == timedelta(seconds=BEAT)


def test_a_lease_outlives_some_beats_that_did_not_come():
    assert timedelta(seconds=3 * BEAT) < LEASE


def test_the_heart_beats_while_the_thread_that_holds_the_lock_is_busy():
    beats = threading.Semaphore(0)
    with beating(beats.release, every=0.001):
        assert all(beats.acquire(timeout=10) for _ in range(3))
    assert "catalogsync-lease" not in {thread.name for thread in threading.enumerate()}


def test_a_beat_that_finds_another_owner_leaves_its_record_and_loses_the_lock(store, time):
    with store.lock(command="catalogsync apply"):
        leave(store, foreign(time))
        store._held.beat()
        assert store.owner().who == "ann@runner-7"
        with pytest.raises(StateLockedError, match="ann@runner-7"):
            store.commit_now(PRODUCT)
    assert store.owner().who == "ann@runner-7"
    assert store.load().products == {}


def test_a_beat_that_finds_its_file_gone_does_not_make_it_again(store, time):
    with store.lock(command="catalogsync apply"):
        remove_lock(store.path)
        store._held.beat()
        assert not lock_path(store.path).exists()
        with pytest.raises(StateLockedError, match="no longer held"):
            store.commit_now(PRODUCT)
    assert not lock_path(store.path).exists()


def test_a_beat_that_the_disk_refuses_costs_nothing(store, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    with store.lock(command="catalogsync apply"):
        with monkeypatch.context() as full:
            full.setattr(lock, "_write", refuse)
            store._held.beat()
        store.commit_now(PRODUCT)
    assert set(store.load().products) == {"product.A"}


def test_a_lock_without_room_for_its_owners_name_is_held_all_the_same(store, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(lock, "_write", refuse)
        with store.lock(command="catalogsync apply"):
            store._held.beat()
            store.commit_now(PRODUCT)
            with pytest.raises(StateLockedError, match="by another process"), hold_file(store.path, command="other"):
                pass


def test_where_the_kernel_knows_no_other_machine_the_token_in_the_file_stops_who_stood_still(store, time, monkeypatch):
    """Two machines whose kernels do not tell each other of locks; the first is suspended for longer than its lease."""
    monkeypatch.setattr(lock, "_lock_now", lambda _: None)
    with store.lock(command="first"):
        time.pass_by(LEASE)
        with monkeypatch.context() as elsewhere, StateStore.open(store.path, clock=time) as other:
            elsewhere.setattr(owner, "machine", lambda: "elsewhere")
            with other.lock(command="second"):
                other.commit_now(PRODUCT)
        with pytest.raises(StateLockedError, match="no longer held by this run"):
            store.commit_now(Bind(replace(PRODUCT.binding, unicode="v")))
    assert store.load().products["product.A"].unicode == "u"


HOLDER = """
import sys
from pathlib import Path
from catalogsync.errors import StateLockedError
from catalogsync.model.state import Bury
from catalogsync.state import StateStore
with StateStore.open(Path(sys.argv[1])) as store, store.lock(command="catalogsync apply"):
    for line in sys.stdin:
        try:
            store.commit_now(Bury(line.strip()))
            print("kept", flush=True)
        except StateLockedError as error:
            print(error, flush=True)
"""


def test_a_live_holder_in_another_process_is_stopped_at_its_next_write_when_its_lock_is_broken(store):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(store.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:

        def tell(line: str) -> str:
            holder.stdin.write(f"{line}\n")
            holder.stdin.flush()
            return holder.stdout.readline()

        assert tell("one") == "kept\n"
        store.unlock()
        with store.lock(command="other"):
            assert "`other` (pid" in tell("two")
            store.commit_now(PRODUCT)
        holder.stdin.close()
    assert holder.returncode == 0
    assert store.load().buried == {"one"}
    with store.lock(command="third"):
        pass


def test_a_lock_file_that_cannot_be_removed_is_named(store):
    lock_path(store.path).mkdir()
    with pytest.raises(StateError, match=str(lock_path(store.path))):
        store.unlock()


def test_who_asks_for_a_lock_while_it_is_broken_takes_the_new_file(store, monkeypatch):
    """Between opening the file and locking it, somebody broke the lock: the old file is nobody's."""
    opened = []
    real = lock._open

    def open_and_lose(path):
        handle = real(path)
        opened.append(handle)
        if len(opened) == 1:
            remove_lock(path)
        return handle

    monkeypatch.setattr(lock, "_open", open_and_lose)
    with store.lock(command="other"):
        assert store.owner().command == "other"
        store.commit_now(PRODUCT)
    assert len(opened) == 2


LENGTHS = [
    (0, "0 seconds"),
    (1, "1 second"),
    (59.9, "59 seconds"),
    (60, "1 minute"),
    (7199, "1 hour"),
    (-5, "0 seconds"),
]


@pytest.mark.parametrize(("seconds", "words"), [*LENGTHS, (86400 * 3, "3 days")])
def test_how_long_a_lock_is_held_is_said_in_one_unit(time, seconds, words):
    made = new_owner("apply", time())
    time.pass_by(timedelta(seconds=seconds))
    assert f", for {words})" in made.described(time())


def test_a_user_without_a_name_is_named_by_the_machine(monkeypatch, time):
    def nobody():
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    monkeypatch.setattr("socket.gethostname", lambda: "box")
    made = new_owner("apply", time())
    assert (made.who, made.pid) == ("box", os.getpid())
    assert owner_of(owner.owner_text(made).encode()) == made
