"""Paginated answers: counting, cutting and linking."""

import sqlite3
from collections.abc import Callable, Sequence
from math import ceil
from typing import Any
from urllib.parse import urlencode

from catalogsync.sandbox.calls import Answer, Call, Refusal

MAX_DIGITS = 18  # Python refuses to read numbers of thousands
FOREIGN_HOST = "http://staging-api.imagine.io"


def page_of(
    call: Call, path: str, source: str, values: Sequence[Any], show: Callable[[sqlite3.Row], dict[str, Any]]
) -> Answer:
    """One page of the rows of `source` (a table with its WHERE), newest first; `call.query["page"]` says which.

    Raises `Refusal` 404 for a page that does not exist.
    """
    size = call.sandbox.settings.page_size
    count = int(call.db.execute(f"SELECT COUNT(*) FROM {source}", values).fetchone()[0])  # noqa: S608 - our SQL
    total = max(1, ceil(count / size))
    number = page_number(call.query.get("page", "1"), total)
    select = f"SELECT * FROM {source} ORDER BY id DESC LIMIT ? OFFSET ?"  # noqa: S608 - our SQL
    moved = call.fault.by if call.fault is not None and call.fault.do == "shift" else 0
    rows = call.db.execute(select, (*values, size, max(0, (number - 1) * size + moved)))
    links = page_links(call, path, number, total)
    numbers = {"current_page_number": number, "count": count, "total_pages": total}
    return Answer(200, {**links, **numbers, "results": [show(row) for row in rows]})


def page_number(text: str, total: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS and 1 <= int(text) <= total):
        raise Refusal(404, "Invalid page.")
    return int(text)


def page_links(call: Call, path: str, number: int, total: int) -> dict[str, str | None]:
    base = FOREIGN_HOST if call.sandbox.settings.foreign_links else call.sandbox.url
    kept = {name: value for name, value in call.query.items() if name != "page"}

    def link(page: int) -> str:
        return f"{base}{path}?{urlencode({**kept, 'page': page})}"

    return {
        "next_link": link(number + 1) if number < total else None,
        "previous_link": link(number - 1) if number > 1 else None,
        "last_page_link": link(total),
        "first_page_link": link(1),
        "current_page_link": link(number),
    }
