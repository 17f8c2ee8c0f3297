"""The home page: the account, its products with everything made of them, what failed and what was asked last.

The page and `GET /sandbox/summary` are made of the same sections, so that its script only exchanges what changed.
"""

import sqlite3
from html import escape
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from catalogsync.sandbox.context import Sandbox
from catalogsync.sandbox.control import local
from catalogsync.sandbox.web.activity import failures_table, log_table
from catalogsync.sandbox.web.card import product_card
from catalogsync.sandbox.web.document import HERE, document

PAGE_SIZE = 24
MATCHING = (
    " FROM products WHERE deleted_at IS NULL AND (:text = '' OR instr(lower(name), :text)"
    " OR instr(lower(ifnull(sku_id, '')), :text) OR instr(ifnull(gtin, ''), :text) OR unicode = :text)"
)
# A charged request has the credits left after it; one that found none was not charged.
SPENT = (
    "SELECT COUNT(*) FROM log WHERE key IN ('secret', 'public') AND credits IS NOT NULL"
    " AND NOT (credits = 0 AND status = ?)"
)
TITLES = {"products": "Products", "failures": "What failed", "log": "Last requests"}


async def home(sandbox: Sandbox, request: Request) -> Response:
    """The account for people; `?page=` and `?search=` choose products."""
    parts = sections(sandbox, request)
    search = escape(request.query_params.get("search", ""))
    form = (
        '<form class="search" role="search"><input type="search" name="search" aria-label="Search products"'
        f' placeholder="Name, SKU or GTIN" value="{search}"></form>'
    )
    bodies = "".join(
        f'<section><h2>{title}</h2><div data-section="{name}">{parts[name]}</div></section>'
        for name, title in TITLES.items()
    )
    body = (
        f'<main class="home"><header><div><h1>Sandbox</h1><p class="quiet">{escape(account_name(sandbox))}</p></div>'
        f'<div class="facts" data-section="facts">{parts["facts"]}</div>{form}</header>{bodies}</main>'
    )
    return document("Sandbox", body, scripts=["home.js"], ancestors=HERE)


@local
async def summary(sandbox: Sandbox, request: Request) -> Response:
    """The sections of the home page as HTML by their names; takes the page's own query."""
    return JSONResponse(sections(sandbox, request), headers={"Cache-Control": "no-store"})


def account_name(sandbox: Sandbox) -> str:
    with sandbox.store.transaction() as db:
        return str(db.execute("SELECT name FROM account").fetchone()["name"])


def sections(sandbox: Sandbox, request: Request) -> dict[str, str]:
    search = request.query_params.get("search", "").strip()
    with sandbox.store.transaction() as db:
        return {
            "facts": facts(sandbox, db),
            "products": products(sandbox, db, search, page_number(request)),
            "failures": failures_table(db),
            "log": log_table(db),
        }


def page_number(request: Request) -> int:
    """The wanted page from 1; what is no number is the first."""
    text = request.query_params.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else 1  # noqa: PLR2004 - enough


def facts(sandbox: Sandbox, db: sqlite3.Connection) -> str:
    left = db.execute("SELECT credits FROM account").fetchone()["credits"]
    spent = db.execute(SPENT, (sandbox.settings.no_credits_status,)).fetchone()[0]
    count = db.execute("SELECT COUNT(*) FROM products WHERE deleted_at IS NULL").fetchone()[0]
    told = {"product" if count == 1 else "products": count, "credits used": spent, "credits left": left}
    return "".join(f"<span><b>{value:,}</b> {name}</span>" for name, value in told.items())


def products(sandbox: Sandbox, db: sqlite3.Connection, search: str, wanted: int) -> str:
    """The cards of one page of products, the newest first, and the way to the other pages."""
    chosen = {"text": search.lower()}
    count = db.execute("SELECT COUNT(*)" + MATCHING, chosen).fetchone()[0]
    if not count:
        return '<p class="quiet">No product matches.</p>' if search else '<p class="quiet">No products yet.</p>'
    pages = -(-count // PAGE_SIZE)
    number = min(wanted, pages)
    limits = {"limit": PAGE_SIZE, "offset": (number - 1) * PAGE_SIZE}
    rows = db.execute(f"SELECT *{MATCHING} ORDER BY id DESC LIMIT :limit OFFSET :offset", chosen | limits).fetchall()
    cards = "".join(product_card(sandbox, db, row) for row in rows)
    return f'<div class="cards">{cards}</div>{ways(search, number, pages)}'


def ways(search: str, number: int, pages: int) -> str:
    if pages == 1:
        return ""

    def way(target: int, text: str) -> str:
        query = urlencode({"search": search, "page": target} if search else {"page": target})
        return f'<a href="/?{escape(query)}">{text}</a>' if 1 <= target <= pages else f"<span>{text}</span>"

    where = f'<span class="quiet">Page {number} of {pages}</span>'
    return f'<nav class="pages">{way(number - 1, "Newer")}{where}{way(number + 1, "Older")}</nav>'
