"""Finding products: shared by every endpoint that names one."""

import sqlite3
from typing import Any

from catalogsync.sandbox.calls import Call, Refusal, choice_error, read_uuid
from catalogsync.sandbox.clock import api_time

FINALIZED = 2
PRECEDENCE = ("unicode", "gtin", "sku_id", "salsify_id")
NOT_FOUND = "Product not found."


def find_unicode(call: Call, value: object, field: str) -> sqlite3.Row:
    """The living product with this UUID; 400 for no UUID, 404 for an unknown one."""
    unicode = read_uuid(value, field)
    row: sqlite3.Row | None = call.db.execute(
        "SELECT * FROM products WHERE unicode = ? AND deleted_at IS NULL", (unicode,)
    ).fetchone()
    if row is None:
        raise Refusal(404, NOT_FOUND)
    return row


def find_first(call: Call) -> sqlite3.Row:
    """The product named by the first identifier in order of precedence; 400 when there is none, 404 when unknown."""
    for column in PRECEDENCE:
        if column == "unicode" and column in call.query:
            return find_unicode(call, call.query[column], column)
        if column in call.query:
            return find_column(call, column, call.query[column])
    raise Refusal(400, "Provide at least one of unicode, gtin, sku_id or salsify_id.")


def find_column(call: Call, column: str, value: str) -> sqlite3.Row:
    select = f"SELECT * FROM products WHERE {column} = ? AND deleted_at IS NULL"  # noqa: S608 - from PRECEDENCE
    row: sqlite3.Row | None = call.db.execute(select, (value,)).fetchone()
    if row is None:
        raise Refusal(404, NOT_FOUND)
    return row


def read_content_type(call: Call, known: tuple[str, ...]) -> str | None:
    """The `content_type` filter, when given; 400 for an unknown one."""
    wanted = call.query.get("content_type")
    if wanted is not None and wanted not in known:
        raise Refusal(400, {"content_type": [choice_error(wanted)]})
    return wanted


def show_product(row: sqlite3.Row) -> dict[str, Any]:
    """The fields of a product that every listing shows."""
    return {
        "unicode": row["unicode"],
        "gtin": row["gtin"],
        "name": row["name"],
        "main_asset_name": row["main_asset_name"],
        "sku_id": row["sku_id"],
        "created_at": api_time(row["created_at"]),
    }
