"""Formats of the file: a newer one is refused, an older one brought up to date after a copy was made."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from catalogsync.errors import StateError, StateLockedError
from catalogsync.model.spend import Charge, NoteCharges
from catalogsync.model.state import Bind, Origin, ProductBinding, Stage
from catalogsync.state import ChargeRow, StateStore, schema
from catalogsync.state.lock import hold_file

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
    assert str(schema.backup_path(filled, schema.FORMAT)) in caught.value.hint


def add_a_table(connection):
    connection.execute("CREATE TABLE durations (output TEXT, seconds REAL)")


def fail(connection):
    add_a_table(connection)
    connection.execute("THIS IS NO SQL")


def let_format_2_be(monkeypatch, migration) -> None:
    monkeypatch.setattr(schema, "FORMAT", schema.FORMAT + 1)
    monkeypatch.setattr(schema, "MIGRATIONS", {schema.FORMAT - 1: migration})


def test_an_older_format_is_migrated_after_a_copy_was_made(filled, monkeypatch):
    old = schema.FORMAT
    let_format_2_be(monkeypatch, add_a_table)
    with StateStore.open(filled) as store:
        assert store.load().products == {"product.A": PRODUCT}
        assert store._connection.execute("SELECT count(*) FROM durations").fetchone() == (0,)
    copy = schema.backup_path(filled, old)
    assert copy.stat().st_mode & 0o777 == 0o600
    monkeypatch.undo()
    with StateStore.open(copy) as store:
        assert store.load().products == {"product.A": PRODUCT}


def test_a_migration_happens_once(filled, monkeypatch):
    let_format_2_be(monkeypatch, add_a_table)
    StateStore.open(filled).close()
    with StateStore.open(filled) as store:
        assert store.load().products == {"product.A": PRODUCT}


def test_a_migration_that_fails_changes_nothing(filled, monkeypatch):
    with monkeypatch.context() as later:
        let_format_2_be(later, fail)
        with pytest.raises(StateError):
            StateStore.open(filled)
    with StateStore.open(filled) as store:
        assert store.load().products == {"product.A": PRODUCT}


def test_a_state_that_is_in_use_is_not_migrated(filled, monkeypatch):
    let_format_2_be(monkeypatch, add_a_table)
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
