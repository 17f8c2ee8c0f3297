"""The SQL of what runs are charged: predicted beside charged, by run, address and operation.

Every function takes a connection and may raise sqlite3.Error, inside a transaction of the caller's.
"""

from __future__ import annotations

import sqlite3

from catalogsync.model.spend import NoteCharges, Predict
from catalogsync.state.port import run_is_unknown
from catalogsync.state.rows import ChargeRow

TABLES = (
    # Rows are many and small: the run is its number, not its name.
    """CREATE TABLE charges (
        run INTEGER NOT NULL, address TEXT NOT NULL, operation TEXT NOT NULL, predicted INTEGER NOT NULL,
        charged INTEGER NOT NULL, PRIMARY KEY (run, address, operation)) WITHOUT ROWID""",
    # Balances as the remote told them: before the first call of the run and after the last one that is kept.
    "CREATE TABLE balances (run INTEGER PRIMARY KEY, before INTEGER NOT NULL, after INTEGER NOT NULL)",
)
_ADD = """INSERT INTO charges VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (run, address, operation)
    DO UPDATE SET predicted = predicted + ?4, charged = charged + ?5"""
# Few statements, since each one of this hot path waits several times for its turn of the interpreter.
_CHARGE = """INSERT INTO charges SELECT seq, ?1, ?2, 0, ?3 FROM runs WHERE run_id = ?4
    ON CONFLICT (run, address, operation) DO UPDATE SET charged = charged + ?3"""
_SPEND = "UPDATE runs SET credits_spent = credits_spent + ? WHERE run_id = ?"
_BALANCE = """INSERT INTO balances SELECT seq, ?1 + credits_spent, ?1 FROM runs WHERE run_id = ?2
    ON CONFLICT (run) DO UPDATE SET after = ?1"""


def note_charges(connection: sqlite3.Connection, write: NoteCharges) -> None:
    """Raises StateError for a run that was never started."""
    spent = sum(charge.credits for charge in write.charges)
    if connection.execute(_SPEND, (spent, write.run_id)).rowcount == 0:
        raise run_is_unknown(write.run_id)
    rows = [(charge.address, charge.operation, charge.credits, write.run_id) for charge in write.charges]
    connection.executemany(_CHARGE, rows)
    if write.available is not None:
        connection.execute(_BALANCE, (write.available, write.run_id))


def predict(connection: sqlite3.Connection, write: Predict) -> None:
    """Raises StateError for a run that was never started."""
    run = _run(connection, write.run_id)
    connection.executemany(_ADD, [(run, one.address, one.operation, one.credits, 0) for one in write.charges])


def forget(connection: sqlite3.Connection, run_id: str) -> None:
    """A run that starts again has spent nothing yet."""
    for table in ("charges", "balances"):
        sql = f"DELETE FROM {table} WHERE run = (SELECT seq FROM runs WHERE run_id = ?)"  # noqa: S608 - our own names
        connection.execute(sql, (run_id,))


def charges(connection: sqlite3.Connection, run_id: str | None) -> list[ChargeRow]:
    """Rows of one run, or all, in the order of the runs."""
    rows = connection.execute(
        "SELECT run_id, address, operation, predicted, charged FROM charges JOIN runs ON runs.seq = charges.run "
        "WHERE ?1 IS NULL OR run_id = ?1 ORDER BY run, address, operation",
        (run_id,),
    )
    return [ChargeRow(*row) for row in rows]


def _run(connection: sqlite3.Connection, run_id: str) -> int:
    """The number of a run."""
    found = connection.execute("SELECT seq FROM runs WHERE run_id = ?", (run_id,)).fetchone()
    if found is None:
        raise run_is_unknown(run_id)
    return int(found[0])
