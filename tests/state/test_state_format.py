"""Formats of the file: a newer one is refused, an older one brought up to date after a copy was made."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from catalogsync.errors import StateError, StateLockedError, StorageFullError
from catalogsync.model.files import CachedDigest
from catalogsync.model.outputs import Progress
from catalogsync.model.spend import Charge, NoteCharges
from catalogsync.model.state import (
    Bind,
    ContentBinding,
    Intent,
    KnownImage,
    Origin,
    OutputRecord,
    Phase,
    ProductBinding,
    RenderBinding,
    Stage,
    State,
)
from catalogsync.state import ChargeRow, RunRow, StateStore, faults, schema
from catalogsync.state.backups import back_up, backup_path
from catalogsync.state.lock import hold_file

OLD_PRODUCT = ProductBinding(
    address="product.A",
    unicode="u-1",
    origin=Origin.CREATED,
    stage=Stage.FINALIZED,
    fields={"sku_id": "A", "name": "Arc"},
    model_sha256="m",
    thumbnail_sha256="t",
    product_id="7",
    bound_at="2026-02-03T04:05:01.000Z",
)
OLD_CONTENT = ContentBinding(
    "content.A",
    "u-1",
    {"ar": OutputRecord("m", Progress.DONE, "2026-02-03T04:05:03.000Z")},
    (KnownImage(7, "Front", archived=True),),
)
OLD_RENDER = RenderBinding(
    "render.hero", "9", "f", ("A",), Progress.RUNNING, "2026-02-03T04:05:04.000Z", image_ids=(1, "two")
)
PRODUCT = ProductBinding("product.A", "u", Origin.CREATED, Stage.CREATED, {"sku_id": "A"})


@pytest.fixture
def filled(tmp_path) -> Path:
    path = tmp_path / "state.db"
    with StateStore.open(path) as store:
        store.commit_now(Bind(PRODUCT))
    return path


def test_a_newer_format_is_refused_naming_both_and_the_way_out(filled):
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute(f"PRAGMA user_version = {schema.FORMAT + 1}")
    with pytest.raises(StateError, match=rf"format {schema.FORMAT + 1}; .* up to {schema.FORMAT}\.") as caught:
        StateStore.open(filled)
    assert "Upgrade" in caught.value.hint
    assert f"{filled}.backup-{schema.FORMAT}-" in caught.value.hint


def add_a_table(connection):
    connection.execute("CREATE TABLE durations (output TEXT, seconds REAL)")


def fail(connection):
    add_a_table(connection)
    connection.execute("THIS IS NO SQL")


def let_another_format_be(monkeypatch, migration) -> None:
    monkeypatch.setattr(schema, "FORMAT", schema.FORMAT + 1)
    monkeypatch.setattr(schema, "MIGRATIONS", {schema.FORMAT - 1: migration})


def test_an_older_format_is_migrated_after_a_copy_was_made(filled, monkeypatch):
    old = schema.FORMAT
    let_another_format_be(monkeypatch, add_a_table)
    with StateStore.open(filled) as store:
        assert store.load().products == {"product.A": PRODUCT}
        assert store._connection.execute("SELECT count(*) FROM durations").fetchone() == (0,)
    (copy,) = filled.parent.glob(f"state.db.backup-{old}-*Z")
    assert copy.stat().st_mode & 0o777 == 0o600
    monkeypatch.undo()
    with StateStore.open(copy) as store:
        assert store.load().products == {"product.A": PRODUCT}


def test_a_migration_happens_once(filled, monkeypatch):
    let_another_format_be(monkeypatch, add_a_table)
    StateStore.open(filled).close()
    with StateStore.open(filled) as store:
        assert store.load().products == {"product.A": PRODUCT}
    assert len(list(filled.parent.glob("state.db.backup-*"))) == 1


def test_a_copy_never_takes_the_place_of_another(filled):
    with closing(schema.connect(filled)) as connection:
        made = []
        for _ in range(3):
            made.append(backup_path(filled, "1", lambda: "2026-02-03T04:05:06.789Z"))
            back_up(connection, made[-1])
    stem = "state.db.backup-1-20260203T040506Z"
    assert [path.name for path in made] == [stem, f"{stem}-2", f"{stem}-3"]
    for path in made:
        with StateStore.open(path) as copy:
            assert copy.load().products == {"product.A": PRODUCT}


def test_a_copy_that_failed_is_not_left_behind_and_nothing_is_migrated(filled, monkeypatch):
    def fail_to_copy(_):
        raise sqlite3.OperationalError("database or disk is full")

    connection = schema.connect(filled)
    with monkeypatch.context() as full:
        let_another_format_be(full, add_a_table)
        full.setattr("catalogsync.state.backups.sqlite3.connect", fail_to_copy)
        with pytest.raises(StorageFullError), closing(connection), faults.ours(filled):
            schema.prepare(connection, filled, unclean=False)
    assert list(filled.parent.glob("state.db.backup-*")) == []
    with StateStore.open(filled) as store:
        assert store.load().products == {"product.A": PRODUCT}


def test_a_migration_in_which_the_program_is_killed_changes_nothing(filled):
    code = """
import os, sys
from pathlib import Path
from catalogsync.state import StateStore, schema
def die(connection):
    connection.execute("CREATE TABLE half (done)")
    connection.execute("DELETE FROM bindings")
    os.kill(os.getpid(), 9)
schema.MIGRATIONS = {schema.FORMAT: die}
schema.FORMAT += 1
StateStore.open(Path(sys.argv[1]))
"""
    assert subprocess.run([sys.executable, "-c", code, str(filled)], check=False).returncode == -9
    with StateStore.open(filled) as store:
        assert store.load().products == {"product.A": PRODUCT}
        assert store._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchone() is None


def test_every_format_since_the_first_has_a_way_to_this_one():
    assert list(schema.MIGRATIONS) == list(range(1, schema.FORMAT))


@pytest.fixture
def of_format_1(tmp_path) -> Path:
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(Path(__file__).with_name("format_1.sql").read_text("utf-8"))
    return path


def test_a_file_of_format_1_comes_over_with_all_that_is_in_it(of_format_1):
    with StateStore.open(of_format_1) as store:
        state, runs, history = store.load(), store.runs(), store.history()
        digest = store.digests().get("/m/a.glb")
        assert store._connection.execute("PRAGMA user_version").fetchone() == (schema.FORMAT,)
    assert state == State(
        lineage="0e59c91a-9df6-42b1-a3ae-8b381e05264e",
        serial=2,
        products={"product.A": OLD_PRODUCT},
        contents={"content.A": OLD_CONTENT},
        renders={"render.hero": OLD_RENDER},
        intents=(Intent("i-1", "r-1", "product.B", "create", {"sku_id": "B"}, "2026-02-03T04:05:02.000Z"),),
        buried=frozenset({"u-0"}),
        credits_available=995,
        catalog="lighting",
        api_url="http://127.0.0.1:9",
        plan_id="p-1",
        durations={"ar": (61.5,)},
    )
    assert runs == [RunRow("r-1", "apply", "2026-02-03T04:05:00.000Z", "2026-02-03T04:05:05.000Z", "ok", 12)]
    assert [(row.address, row.phase) for row in history] == [("product.B", Phase.INTENT)]
    assert digest == CachedDigest(12, 5, 2**64 - 1, "a" * 64, 6)
    assert len(list(of_format_1.parent.glob("state.db.backup-1-*"))) == 1


def test_a_migration_that_fails_changes_nothing(filled, monkeypatch):
    with monkeypatch.context() as later:
        let_another_format_be(later, fail)
        with pytest.raises(StateError):
            StateStore.open(filled)
    with StateStore.open(filled) as store:
        assert store.load().products == {"product.A": PRODUCT}


def test_a_state_that_is_in_use_is_not_migrated(filled, monkeypatch):
    let_another_format_be(monkeypatch, add_a_table)
    with hold_file(filled, command="catalogsync apply"), pytest.raises(StateLockedError, match="catalogsync apply"):
        StateStore.open(filled)


def test_a_state_of_format_1_keeps_its_runs_and_can_be_charged(filled):
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("INSERT INTO runs VALUES (1, 'r-1', 'apply', 'then', '', '', 7)")
        connection.execute("DROP TABLE charges")
        connection.execute("DROP TABLE balances")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
    with StateStore.open(filled) as store:
        store.commit_now(NoteCharges("r-1", (Charge("product.A", "look", 2),), 5))
        assert store.charges() == [ChargeRow("r-1", "product.A", "look", 0, 2)]
        assert [run.credits_spent for run in store.runs()] == [9]
