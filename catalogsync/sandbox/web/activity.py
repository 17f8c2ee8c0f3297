"""What the home page tells of the last requests and of what could not be made."""

import sqlite3
from datetime import UTC, datetime
from html import escape

MAX_ROWS = 50
REFUSED = 400
REQUESTS = "SELECT * FROM log WHERE path LIKE '/v1/%' OR key IS NOT NULL OR fault IS NOT NULL ORDER BY id DESC LIMIT ?"
FAILURES = (
    "SELECT jobs.output AS what, products.name, products.main_asset_name, jobs.outcome, jobs.reason, jobs.due_at"
    " FROM jobs JOIN products ON products.id = product_id WHERE reason IS NOT NULL"
    " UNION ALL SELECT 'image', images.name, '', outcome, reason, due_at FROM images WHERE reason IS NOT NULL"
    " ORDER BY due_at DESC LIMIT ?"
)


def failures_table(db: sqlite3.Connection) -> str:
    rows = [
        f"<tr><td>{escape(row['name'] or row['main_asset_name'])}</td><td>{escape(row['what'])}</td>"
        f'<td><span class="mark {row["outcome"]}">{row["outcome"]}</span></td><td>{escape(row["reason"])}</td></tr>'
        for row in db.execute(FAILURES, (MAX_ROWS,)).fetchall()
    ]
    return table(("Name", "Output", "Outcome", "Reason"), rows) if rows else '<p class="quiet">Nothing.</p>'


def log_table(db: sqlite3.Connection) -> str:
    """The newest API calls; uploads, media and pages would only hide them."""
    rows = [request_row(row) for row in db.execute(REQUESTS, (MAX_ROWS,)).fetchall()]
    return (
        table(("Time", "Request", "Status", "Credits left", "Fault"), rows)
        if rows
        else '<p class="quiet">None yet.</p>'
    )


def request_row(row: sqlite3.Row) -> str:
    at = datetime.fromtimestamp(row["at"], UTC).strftime("%H:%M:%S")
    target = row["path"] + (f"?{row['query']}" if row["query"] else "")
    failed = row["status"] is None or row["status"] >= REFUSED
    mark = f'<span class="mark {"Failed" if failed else "Done"}">{row["status"] or "no answer"}</span>'
    left = "" if row["credits"] is None else f"{row['credits']:,}"
    return (
        f"<tr><td>{at}</td><td><b>{escape(row['method'])}</b> <code>{escape(target)}</code></td><td>{mark}</td>"
        f"<td>{left}</td><td>{escape(row['fault'] or '')}</td></tr>"
    )


def table(heads: tuple[str, ...], rows: list[str]) -> str:
    head = "".join(f"<th>{name}</th>" for name in heads)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
