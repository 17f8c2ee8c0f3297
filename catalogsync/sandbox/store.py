"""The sandbox's database: one SQLite file (WAL), one connection behind one lock.

Transactions are short and every one of them is exclusive, so a call sees and leaves a consistent account;
uniqueness of sku_id and gtin is the database's own constraint.
"""

import secrets
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from catalogsync.sandbox.scopes import PUBLIC_SCOPES, SECRET_SCOPES
from catalogsync.sandbox.settings import SandboxSettings

SCHEMA = """
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE account(id INTEGER PRIMARY KEY, name TEXT NOT NULL, credits INTEGER NOT NULL CHECK (credits >= 0));
CREATE TABLE keys(key TEXT PRIMARY KEY, kind TEXT NOT NULL, scopes TEXT NOT NULL);
CREATE TABLE products(
    id INTEGER PRIMARY KEY AUTOINCREMENT, unicode TEXT NOT NULL UNIQUE, viewer_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL, main_asset_name TEXT NOT NULL, sku_id TEXT UNIQUE, gtin TEXT UNIQUE, salsify_id TEXT,
    created_at REAL NOT NULL, upload_status INTEGER NOT NULL, model_name TEXT NOT NULL, model_key TEXT NOT NULL,
    thumbnail_key TEXT, deleted_at REAL);
CREATE INDEX products_deleted ON products(deleted_at);
CREATE TABLE jobs(
    id INTEGER PRIMARY KEY AUTOINCREMENT, product_id INTEGER NOT NULL REFERENCES products(id), output TEXT NOT NULL,
    accepted_at REAL NOT NULL, due_at REAL NOT NULL, outcome TEXT, reason TEXT);
CREATE INDEX jobs_by_product ON jobs(product_id, output);
CREATE INDEX jobs_open ON jobs(due_at) WHERE outcome IS NULL;
CREATE TABLE renders(
    id INTEGER PRIMARY KEY AUTOINCREMENT, scene_id INTEGER NOT NULL, units TEXT NOT NULL, accepted_at REAL NOT NULL);
CREATE TABLE placements(
    render_id INTEGER NOT NULL REFERENCES renders(id), product_id INTEGER NOT NULL REFERENCES products(id),
    position TEXT NOT NULL, rotation TEXT NOT NULL, material_id INTEGER);
CREATE INDEX placements_by_product ON placements(product_id);
CREATE INDEX placements_by_render ON placements(render_id);
CREATE TABLE images(
    id INTEGER PRIMARY KEY AUTOINCREMENT, job_id INTEGER REFERENCES jobs(id), render_id INTEGER REFERENCES renders(id),
    product_id INTEGER REFERENCES products(id), setup TEXT NOT NULL, name TEXT NOT NULL, angle_name TEXT NOT NULL,
    accepted_at REAL NOT NULL, due_at REAL NOT NULL, outcome TEXT, reason TEXT, archived INTEGER NOT NULL DEFAULT 0,
    CHECK ((job_id IS NULL) <> (render_id IS NULL)));
CREATE INDEX images_by_product ON images(product_id);
CREATE INDEX images_by_render ON images(render_id);
CREATE INDEX images_open ON images(due_at) WHERE outcome IS NULL;
CREATE TABLE log(
    id INTEGER PRIMARY KEY, at REAL NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, query TEXT NOT NULL,
    status INTEGER, key TEXT, credits INTEGER, fault TEXT);
INSERT INTO sqlite_sequence(name, seq)
VALUES ('products', 73890), ('jobs', 5024), ('renders', 2281538), ('images', 29594793);
"""
ACCOUNT_ID = 17625


class Store:
    """The open database of one data folder; made with fresh keys when the folder is new."""

    def __init__(self, settings: SandboxSettings) -> None:
        settings.data.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = connect(settings.data / "sandbox.db")
        try:
            with self.transaction() as db:
                if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                    create(db, settings)
        except BaseException:
            self._db.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The connection inside one exclusive transaction: committed at the end, rolled back on an exception."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def close(self) -> None:
        with self._lock:
            self._db.close()


def connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    db.row_factory = sqlite3.Row
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        db.close()
        raise
    return db


def create(db: sqlite3.Connection, settings: SandboxSettings) -> None:
    """Lay the tables and make the account with its keys and signing secrets."""
    import json

    for statement in SCHEMA.split(";\n"):
        db.execute(statement)
    made = {
        "data_id": str(uuid.uuid4()),
        "origin": settings.origin,
        "secret_key": "sk_" + secrets.token_urlsafe(30),
        "public_key": "pk_" + secrets.token_urlsafe(30),
        "zapier_token": str(uuid.uuid4()),
        "access_key": "AKIA" + secrets.token_hex(8).upper(),
        "signing_secret": secrets.token_hex(32),
        "media_key": "K" + secrets.token_hex(6).upper(),
        "clock_offset": "0",
    }
    db.executemany("INSERT INTO meta VALUES (?, ?)", made.items())
    db.execute("INSERT INTO account VALUES (?, 'Sandbox team', ?)", (ACCOUNT_ID, settings.credits))
    scopes = {"secret": SECRET_SCOPES, "public": PUBLIC_SCOPES}
    for kind, granted in scopes.items():
        db.execute("INSERT INTO keys VALUES (?, ?, ?)", (made[f"{kind}_key"], kind, json.dumps(granted)))


def insert(db: sqlite3.Connection, table: str, **values: Any) -> int:
    """Insert one row, columns by name, and return its id; names are the code's, never a client's."""
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    statement = f"INSERT INTO {table}({names}) VALUES ({marks})"  # noqa: S608 - see above
    return int(db.execute(statement, values).lastrowid or 0)


def read_meta(db: sqlite3.Connection) -> dict[str, str]:
    """Everything made at first start, by name."""
    return {row["name"]: row["value"] for row in db.execute("SELECT name, value FROM meta")}


def write_meta(db: sqlite3.Connection, name: str, value: str) -> None:
    db.execute("UPDATE meta SET value = ? WHERE name = ?", (value, name))


def label_of(row: sqlite3.Row) -> str:
    """What to call a product in pictures and pages: its name, or the nearest thing to one."""
    return str(row["name"] or row["main_asset_name"] or row["model_name"])
