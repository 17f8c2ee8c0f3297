"""The SQL of the store: each write as rows, and the rows as values again, inside a transaction of the caller's.

Every function takes a connection and may raise sqlite3.Error. Reading raises ValueError, KeyError or TypeError when a
row is not what this version writes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from catalogsync.model.bulk import no_collections
from catalogsync.model.durations import with_sample
from catalogsync.model.files import CachedDigest
from catalogsync.model.spend import NoteCharges, Predict
from catalogsync.model.state import (
    Bind,
    Binding,
    Bury,
    Intend,
    Intent,
    Note,
    NoteCredits,
    NoteDuration,
    NoteScope,
    Phase,
    Restore,
    RunEnded,
    RunStarted,
    Settle,
    State,
    Unbind,
    Write,
)
from catalogsync.state import ledger
from catalogsync.state.codec import DECODERS, KINDS, PHASES, binding_json
from catalogsync.state.port import intent_is_not_open, intent_is_open, not_an_outcome, run_is_unknown
from catalogsync.state.rows import JournalRow, RunRow

_CHUNK = 512  # rows decoded by one call of the JSON parser
_BIND = "INSERT OR REPLACE INTO bindings VALUES (?, ?, ?)"
_JOURNAL = """INSERT INTO journal (run_id, at, address, step, phase, intent_id, request, detail, open)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_OUTCOME = """INSERT INTO journal (run_id, at, address, step, phase, intent_id, request, detail, open)
    SELECT run_id, ?, address, step, ?, intent_id, '{}', ?, 0 FROM journal WHERE intent_id = ? AND open = 1"""
_RUN = """INSERT INTO runs (run_id, command, started_at, ended_at, outcome, credits_spent) VALUES (?, ?, ?, '', '', 0)
    ON CONFLICT (run_id) DO UPDATE SET command = excluded.command, started_at = excluded.started_at,
    ended_at = '', outcome = '', credits_spent = 0"""


def _text(value: object) -> str:
    """Canonical, so that equal values are equal text and a write of the same is seen to change nothing."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def apply_writes(connection: sqlite3.Connection, writes: Iterable[Write], at: str) -> None:
    """Makes the writes of one commit. Raises StateError for a write that cannot be (port.py says which)."""
    changed = False
    for write in writes:
        changed |= _apply(connection, write, at)
    if changed:
        connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'serial'")


def _apply(connection: sqlite3.Connection, write: Write, at: str) -> bool:
    """True when the write changed what `serial` counts."""
    changed = False
    match write:
        case Bind(binding):
            changed = _bind(connection, binding)
        case Unbind(address):
            changed = connection.execute("DELETE FROM bindings WHERE address = ?", (address,)).rowcount > 0
        case Bury(unicode):
            changed = connection.execute("INSERT OR IGNORE INTO buried VALUES (?)", (unicode,)).rowcount > 0
        case Intend(intent):
            changed = _intend(connection, intent)
        case Settle():
            changed = _settle(connection, write, at)
        case Restore(state):
            changed = _restore(connection, state)
        case _:
            _record(connection, write, at)
    return changed


def _bind(connection: sqlite3.Connection, binding: Binding) -> bool:
    """False also for a binding that says what is there already, only later."""
    kind, data = KINDS[type(binding)], binding_json(binding)
    former = connection.execute("SELECT kind, data FROM bindings WHERE address = ?", (binding.address,)).fetchone()
    if former == (kind, text := _text(data)):
        return False
    connection.execute(_BIND, (binding.address, kind, text))
    return former is None or former[0] != kind or _timeless(json.loads(former[1])) != _timeless(data)


def _timeless(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != "seen_at"}


def _record(
    connection: sqlite3.Connection,
    write: Note | NoteCredits | NoteDuration | NoteScope | NoteCharges | Predict | RunStarted | RunEnded,
    at: str,
) -> None:
    match write:
        case Note(run_id, address, step, phase, detail):
            connection.execute(_JOURNAL, (run_id, at, address, step, phase.value, "", "{}", detail, 0))
        case NoteCredits(available):
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('credits_available', ?)", (available,))
        case NoteDuration(kind, seconds):
            learned = with_sample(_durations(_meta(connection)), kind, seconds)
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('durations', ?)", (_text(learned),))
        case NoteScope(catalog, api_url):
            rows = (("catalog", catalog), ("api_url", api_url))
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)
        case NoteCharges():
            ledger.note_charges(connection, write)
        case Predict():
            ledger.predict(connection, write)
        case RunStarted(run_id, command, started_at, plan_id):
            ledger.forget(connection, run_id)
            connection.execute(_RUN, (run_id, command, started_at))
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('plan_id', ?)", (plan_id,))
        case RunEnded(run_id, outcome, spent, ended_at):
            sql = "UPDATE runs SET outcome = ?, credits_spent = ?, ended_at = ? WHERE run_id = ?"
            if connection.execute(sql, (outcome, spent, ended_at, run_id)).rowcount == 0:
                raise run_is_unknown(run_id)


def _intend(connection: sqlite3.Connection, intent: Intent) -> bool:
    request = _text(dict(intent.request))
    row = (intent.run_id, intent.at, intent.address, intent.step, Phase.INTENT.value, intent.id, request, "", 1)
    try:
        connection.execute(_JOURNAL, row)
    except sqlite3.IntegrityError:  # the index of open intents
        raise intent_is_open(intent.id) from None
    return True


def _is_open(connection: sqlite3.Connection, intent_id: str) -> bool:
    sql = "SELECT 1 FROM journal WHERE intent_id = ? AND open = 1"
    return connection.execute(sql, (intent_id,)).fetchone() is not None


def _settle(connection: sqlite3.Connection, write: Settle, at: str) -> bool:
    if write.phase is Phase.INTENT:
        raise not_an_outcome(write.phase)
    if connection.execute(_OUTCOME, (at, write.phase.value, write.detail, write.intent_id)).rowcount == 0:
        raise intent_is_not_open(write.intent_id)
    if write.phase is Phase.UNKNOWN:
        return False
    connection.execute("UPDATE journal SET open = 0 WHERE intent_id = ? AND open = 1", (write.intent_id,))
    return True


def _restore(connection: sqlite3.Connection, state: State) -> bool:
    bindings: list[Binding] = [*state.products.values(), *state.contents.values(), *state.renders.values()]
    connection.execute("DELETE FROM bindings")
    rows = ((one.address, KINDS[type(one)], _text(binding_json(one))) for one in bindings)
    connection.executemany(_BIND, rows)
    connection.execute("DELETE FROM buried")
    connection.executemany("INSERT INTO buried VALUES (?)", ((unicode,) for unicode in state.buried))
    for intent in state.intents:
        if not _is_open(connection, intent.id):
            _intend(connection, intent)
    values = {
        "lineage": state.lineage,
        "credits_available": state.credits_available,
        "catalog": state.catalog,
        "api_url": state.api_url,
        "plan_id": state.plan_id,
    }
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())
    connection.execute("UPDATE meta SET value = max(value, ?) WHERE key = 'serial'", (state.serial,))
    return True


def load(connection: sqlite3.Connection) -> State:
    """Everything that is remembered, from one consistent look at the file."""
    meta = _meta(connection)
    with no_collections():
        bindings = _bindings(connection)
    return State(
        lineage=meta["lineage"],
        serial=meta["serial"],
        products=bindings["product"],
        contents=bindings["content"],
        renders=bindings["render"],
        intents=_open_intents(connection),
        buried=frozenset(unicode for (unicode,) in connection.execute("SELECT unicode FROM buried")),
        credits_available=meta.get("credits_available"),
        catalog=meta.get("catalog", ""),
        api_url=meta.get("api_url", ""),
        plan_id=meta.get("plan_id", ""),
        durations=_durations(meta),
    )


def _meta(connection: sqlite3.Connection) -> dict[str, Any]:
    return dict(connection.execute("SELECT key, value FROM meta"))


def token(connection: sqlite3.Connection) -> str:
    """Of who took the lock last, "" when nobody ever did."""
    found = connection.execute("SELECT value FROM meta WHERE key = 'token'").fetchone()
    return str(found[0]) if found else ""


def put_token(connection: sqlite3.Connection, token: str) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('token', ?)", (token,))


def _durations(meta: Mapping[str, Any]) -> dict[str, tuple[float, ...]]:
    return {kind: tuple(samples) for kind, samples in json.loads(meta.get("durations", "{}")).items()}


def _bindings(connection: sqlite3.Connection) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {kind: {} for kind in DECODERS}
    rows = connection.execute("SELECT address, kind, data FROM bindings ORDER BY address")
    while chunk := rows.fetchmany(_CHUNK):
        values = json.loads("[" + ",".join([data for _, _, data in chunk]) + "]")
        for (address, kind, _), value in zip(chunk, values, strict=True):
            found[kind][address] = DECODERS[kind](address, value)
    return found


def _open_intents(connection: sqlite3.Connection) -> tuple[Intent, ...]:
    rows = connection.execute(  # left to choose, SQLite reads the whole journal, for its order
        "SELECT intent_id, run_id, address, step, request, at FROM journal INDEXED BY open_intents "
        "WHERE open = 1 ORDER BY seq"
    )
    return tuple(
        Intent(intent_id, run_id, address, step, json.loads(request), at)
        for intent_id, run_id, address, step, request, at in rows
    )


def history(connection: sqlite3.Connection, address: str | None) -> list[JournalRow]:
    """The journal in its order; the rows of one address, or all."""
    rows = connection.execute(
        "SELECT seq, run_id, at, address, step, phase, intent_id, request, detail FROM journal "
        "WHERE ?1 IS NULL OR address = ?1 ORDER BY seq",
        (address,),
    )
    return [
        JournalRow(seq, run_id, at, place, step, PHASES[phase], intent_id, json.loads(request), detail)
        for seq, run_id, at, place, step, phase, intent_id, request, detail in rows
    ]


def runs(connection: sqlite3.Connection) -> list[RunRow]:
    """The runs in the order in which they started."""
    rows = connection.execute(
        "SELECT run_id, command, started_at, ended_at, outcome, credits_spent, before, after "
        "FROM runs LEFT JOIN balances ON balances.run = runs.seq ORDER BY seq"
    )
    return [RunRow(*row) for row in rows]


def digests(connection: sqlite3.Connection) -> dict[str, CachedDigest]:
    """Every file's digest, by its path."""
    rows = connection.execute("SELECT path, size, mtime_ns, inode, sha256, hashed_at_ns FROM files")
    with no_collections():
        return {
            path: CachedDigest(size, mtime_ns, int(inode), sha256, hashed_at_ns)
            for path, size, mtime_ns, inode, sha256, hashed_at_ns in rows
        }


def put_digests(connection: sqlite3.Connection, digests: Mapping[str, CachedDigest]) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)",
        ((path, one.size, one.mtime_ns, str(one.inode), one.sha256, one.hashed_at_ns) for path, one in digests.items()),
    )
