"""The sandbox's web pages: a home page of the account, and the public viewer pages of products.

No page loads anything from elsewhere or runs a script; everything from the account is escaped.
"""

import sqlite3
from collections.abc import Iterable
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from catalogsync.sandbox import states
from catalogsync.sandbox.context import Sandbox
from catalogsync.sandbox.lookup import FINALIZED
from catalogsync.sandbox.store import label_of

MAX_PRODUCTS = 500
POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
STYLE = """
body{margin:0;font:15px/1.5 system-ui,sans-serif;color:#22262e;background:#f4f5f8}
main{max-width:64rem;margin:0 auto;padding:2rem 1.5rem}
header{display:flex;justify-content:space-between;align-items:baseline;flex-wrap:wrap;gap:1rem}
h1{font-size:1.5rem;margin:0}.quiet{color:#6b7280}
table{width:100%;border-collapse:collapse;background:#fff;border-radius:.6rem;overflow:hidden;margin-top:1.5rem}
th,td{padding:.6rem .8rem;text-align:left;border-bottom:1px solid #eceef2;vertical-align:middle}
th{font-size:.8rem;text-transform:uppercase;letter-spacing:.04em;color:#6b7280}
img{display:block;max-width:100%}.small{width:56px;height:56px;object-fit:contain}
figure{margin:1.5rem 0;background:#fff;border-radius:.6rem;padding:1.5rem}figure img{margin:0 auto;max-height:60vh}
.mark{display:inline-block;padding:0 .5rem;border-radius:1rem;background:#e6e9ef;font-size:.85rem;margin:.1rem}
.Done{background:#d6f2df}.Failed,.Infected{background:#fbdcdc}a{color:#2456c7}
"""
VIEWERS = {
    "3d-viewer": ("3d_model_viewer", "3D viewer"),
    "ar-viewer": ("ar", "AR viewer"),
    "360-viewer": ("360_degree_spin", "360° spin"),
}
OUTPUT_PAGES = {output: (kind, title) for kind, (output, title) in VIEWERS.items()}
NEWEST_JOBS = "SELECT *, MAX(id) FROM jobs WHERE product_id = ? GROUP BY output ORDER BY output"


async def home(sandbox: Sandbox, _request: Request) -> Response:
    """The account: credits, products with thumbnail and statuses, links to their viewers."""
    with sandbox.store.transaction() as db:
        account = db.execute("SELECT name, credits FROM account").fetchone()
        count = db.execute("SELECT COUNT(*) FROM products WHERE deleted_at IS NULL").fetchone()[0]
        select = "SELECT * FROM products WHERE deleted_at IS NULL ORDER BY id DESC LIMIT ?"
        rows = [product_row(sandbox, db, row) for row in db.execute(select, (MAX_PRODUCTS,)).fetchall()]
    head = "<tr><th></th><th>Product</th><th>SKU</th><th>GTIN</th><th>Upload</th><th>Content</th></tr>"
    table = f"<table>{head}{''.join(rows)}</table>" if rows else "<p>No products yet.</p>"
    more = f'<p class="quiet">The newest {MAX_PRODUCTS} are shown.</p>' if count > len(rows) else ""
    facts = f"{count} products · {account['credits']:,} credits left"
    return page(account["name"], facts, table + more)


def product_row(sandbox: Sandbox, db: sqlite3.Connection, product: sqlite3.Row) -> str:
    finished = "complete" if product["upload_status"] == FINALIZED else "awaiting files"
    name = f"<strong>{escape(label_of(product))}</strong><br><span class=quiet>{product['unicode']}</span>"
    jobs = db.execute(NEWEST_JOBS, (product["id"],)).fetchall()
    marks = " ".join(job_mark(sandbox, product, job) for job in jobs)
    thumbnail = picture(sandbox, product, "small")
    sku_id, gtin = escape(product["sku_id"] or "-"), escape(product["gtin"] or "-")
    cells = (thumbnail, name, sku_id, gtin, finished, marks or "-")
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def job_mark(sandbox: Sandbox, product: sqlite3.Row, job: sqlite3.Row) -> str:
    """An output's status, linked to its page when it has one, with the reason when it failed."""
    status = states.image_status(job, sandbox.clock.now())
    kind, title = OUTPUT_PAGES.get(job["output"], ("", "Silo images"))
    if kind and status == "Done":
        title = f'<a href="/product/public/{kind}/v2/{product["viewer_id"]}">{title}</a>'
    why = f' title="{escape(job["reason"])}"' if job["reason"] else ""
    return f'<span class="mark {status}"{why}>{title}: {status}</span>'


async def viewer(sandbox: Sandbox, request: Request) -> Response:
    """The public page of one output of one product, once it is Done."""
    kind = request.path_params["kind"]
    with sandbox.store.transaction() as db:
        select = "SELECT * FROM products WHERE viewer_id = ? AND deleted_at IS NULL"
        product = db.execute(select, (request.path_params["viewer_id"],)).fetchone()
        if product is None or kind not in VIEWERS or not is_done(sandbox, db, product, VIEWERS[kind][0]):
            return page("Not found", "This content does not exist or is not ready.", "", 404)
    return viewer_page(sandbox, product, VIEWERS[kind][1])


def is_done(sandbox: Sandbox, db: sqlite3.Connection, product: sqlite3.Row, output: str) -> bool:
    rows = db.execute("SELECT * FROM jobs WHERE product_id = ? AND output = ?", (product["id"], output))
    return any(states.image_status(row, sandbox.clock.now()) == "Done" for row in rows.fetchall())


def viewer_page(sandbox: Sandbox, product: sqlite3.Row, title: str) -> Response:
    size = (sandbox.objects / product["model_key"]).stat().st_size
    link = escape(sandbox.media_url(product["model_key"]))
    facts = f'<p>{escape(product["model_name"])} · {readable(size)} · <a href="{link}" download>Download</a></p>'
    figure = f"<figure>{picture(sandbox, product, 'large') or 'No thumbnail was uploaded.'}</figure>"
    return page(label_of(product), title, figure + facts)


def picture(sandbox: Sandbox, product: sqlite3.Row, css: str) -> str:
    key = product["thumbnail_key"]
    if not key or not (sandbox.objects / key).is_file():
        return ""
    return f'<img class="{css}" src="{escape(sandbox.media_url(key))}" alt="{escape(label_of(product))}">'


def readable(size: int) -> str:
    """A size in bytes for people: `512 bytes`, `1.4 MiB`."""
    value, units = float(size), iter(("bytes", "KiB", "MiB"))
    for unit in units:
        if value < 1024:  # noqa: PLR2004 - the binary thousand
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} GiB"


def page(title: str, quiet: str, body: str, status: int = 200) -> Response:
    parts: Iterable[str] = (
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<main><header><h1>{escape(title)}</h1><span class="quiet">{escape(quiet)}</span></header>',
        f"{body}</main></html>",
    )
    return HTMLResponse("".join(parts), status, headers={"Content-Security-Policy": POLICY})
