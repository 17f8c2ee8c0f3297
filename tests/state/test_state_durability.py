"""What was acknowledged is kept: through kill -9, a full disk and errors of others in the same transaction."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys

import pytest

from catalogsync.errors import StateLockedError, StorageFullError
from catalogsync.model.files import CachedDigest
from catalogsync.model.state import Bind, Note, NoteCredits, Origin, Phase, ProductBinding, Stage
from catalogsync.state import StateStore

WRITER = """
import asyncio, sys
from pathlib import Path
from catalogsync.model.state import Note, Phase
from catalogsync.state import StateStore

async def work(store, worker):
    for number in range(1_000_000):
        await store.commit(Note("r", "product.A", f"{worker}.{number}", Phase.DONE))
        print(f"{worker}.{number}", flush=True)

async def main():
    store = StateStore.open(Path(sys.argv[1]))
    await asyncio.gather(*(work(store, worker) for worker in range(8)))

asyncio.run(main())
"""


def product(number: int, text: str = "") -> Bind:
    return Bind(ProductBinding(f"product.{number}", text, Origin.CREATED, Stage.CREATED, {}))


@pytest.mark.parametrize("acknowledged", [1, 40, 400])
def test_what_was_acknowledged_survives_kill_9(tmp_path, acknowledged):
    path = tmp_path / "state.db"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as process:
        told = [process.stdout.readline() for _ in range(acknowledged)]
        process.kill()
        told += [line for line in process.stdout if line.endswith("\n")]
    with StateStore.open(path) as store:
        kept = [row.step for row in store.history()]
    assert {line.strip() for line in told} <= set(kept)
    assert len(kept) == len(set(kept))
    for worker in range(8):
        numbers = [int(step.split(".")[1]) for step in kept if step.startswith(f"{worker}.")]
        assert numbers == list(range(len(numbers)))


@pytest.fixture
def store(tmp_path):
    with StateStore.open(tmp_path / "state.db") as made:
        yield made


def limit(store: StateStore, more_pages: int) -> None:
    """A disk with that many pages left, as SQLite sees it."""
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages + more_pages}")


def test_a_full_disk_keeps_what_was_there_and_nothing_by_halves(store):
    store.commit_now(product(1))
    before = store.load()
    limit(store, 2)
    with pytest.raises(StorageFullError, match="no room left"):
        store.commit_now(NoteCredits(3), *(product(number, "x" * 3000) for number in range(2, 20)))
    assert store.load() == before
    limit(store, 1000)
    store.commit_now(product(2))
    assert set(store.load().products) == {"product.1", "product.2"}


def test_a_full_disk_is_told_to_everybody_who_shared_the_transaction(store):
    limit(store, 2)

    async def commit_all():
        commits = [store.commit(product(number, "x" * 3000)) for number in range(20)]
        return await asyncio.gather(*commits, return_exceptions=True)

    answers = asyncio.run(commit_all())
    kept = set(store.load().products)
    assert any(isinstance(answer, StorageFullError) for answer in answers)
    assert {number for number, answer in enumerate(answers) if answer is None} == {
        int(address.removeprefix("product.")) for address in kept
    }


def test_digests_that_find_no_room_are_lost_without_hiding_how_the_run_ended(tmp_path):
    with StateStore.open(tmp_path / "state.db") as store:
        limit(store, 0)
        for number in range(200):
            store.digests().put(str(number), CachedDigest(1, 1, 1, "a" * 64, 1))
    with StateStore.open(tmp_path / "state.db") as again:
        assert again.digests().get("1") is None


def test_digests_that_were_not_flushed_are_written_when_the_state_is_closed(tmp_path):
    digest = CachedDigest(1, 2, 3, "a", 4)
    with StateStore.open(tmp_path / "state.db") as store:
        store.digests().put("a.glb", digest)
    with StateStore.open(tmp_path / "state.db") as again:
        assert again.digests().get("a.glb") == digest


def test_a_path_that_is_no_unicode_is_read_again_instead_of_failing(tmp_path):
    with StateStore.open(tmp_path / "state.db") as store:
        digests = store.digests()
        digests.put(os.fsdecode(b"caf\xe9/a.glb"), CachedDigest(1, 2, 3, "a", 4))
        digests.put("caf\u00e9/\U0001f600.glb", CachedDigest(1, 2, 3, "a", 4))
        digests.flush()
        assert digests.get(os.fsdecode(b"caf\xe9/a.glb")) is None
        assert digests.get("caf\u00e9/\U0001f600.glb") is not None


def test_a_write_that_cannot_be_put_into_words_is_its_callers_error_alone(store):
    broken = Bind(ProductBinding("product.2", object(), Origin.CREATED, Stage.CREATED, {}))

    async def commit_all():
        return await asyncio.gather(
            store.commit(product(1)), store.commit(broken), store.commit(product(3)), return_exceptions=True
        )

    answers = asyncio.run(commit_all())
    assert [type(answer) for answer in answers] == [type(None), TypeError, type(None)]
    assert set(store.load().products) == {"product.1", "product.3"}


def test_a_commit_is_made_even_when_its_caller_stops_waiting(store):
    async def cancel_at_once():
        task = asyncio.create_task(store.commit(product(1)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel_at_once())
    store.commit_now(product(2))
    assert set(store.load().products) == {"product.1", "product.2"}


def test_closing_finishes_what_was_handed_in(tmp_path):
    async def hand_in(store):
        tasks = [asyncio.create_task(store.commit(product(number))) for number in range(100)]
        await asyncio.sleep(0)
        store.close()
        await asyncio.gather(*tasks)

    asyncio.run(hand_in(StateStore.open(tmp_path / "state.db")))
    with StateStore.open(tmp_path / "state.db") as again:
        assert len(again.load().products) == 100


def test_another_process_that_keeps_writing_is_named_as_the_reason(store, monkeypatch):
    store._connection.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StateLockedError, match="Another process is writing"):
        store.commit_now(product(1))
    other.close()
    store.commit_now(product(1))


def test_a_reader_sees_the_commits_of_another_process(store):
    with StateStore.open(store.path) as other:
        other.commit_now(product(1))
        assert store.load() == other.load()


def test_every_commit_is_on_the_disk_before_it_returns(store):
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert store._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("kept_bytes", [0, 100, 5000, 9000])
def test_a_log_that_was_torn_loses_whole_commits_only(store, tmp_path, kept_bytes):
    for number in range(5):
        store.commit_now(product(number, "x" * 2000), NoteCredits(number))
    torn = tmp_path / "torn.db"
    shutil.copy(store.path, torn)
    log = store.path.with_name("state.db-wal").read_bytes()
    torn.with_name("torn.db-wal").write_bytes(log[: len(log) - 12_000 + kept_bytes])
    with StateStore.open(torn) as opened:
        state = opened.load()
    assert 0 < state.serial < 5
    assert len(state.products) == state.serial
    assert state.credits_available == state.serial - 1


def test_closing_leaves_one_file(tmp_path):
    with StateStore.open(tmp_path / "state.db") as store:
        store.commit_now(product(1), Note("r", "a", "s", Phase.DONE))
    assert [file.name for file in tmp_path.iterdir()] == ["state.db"]
