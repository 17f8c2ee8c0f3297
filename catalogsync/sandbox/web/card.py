"""One product on the home page: picture, identifiers, the status of each output, and every image made of it."""

import sqlite3
from html import escape

from catalogsync.sandbox import states
from catalogsync.sandbox.context import Sandbox
from catalogsync.sandbox.files import POSTER, image_keys
from catalogsync.sandbox.lookup import FINALIZED
from catalogsync.sandbox.web.content import JOBS, Shown, finished, link, picture
from catalogsync.sandbox.web.viewers import OUTPUT_PAGES

IMAGES = (
    "SELECT * FROM images WHERE NOT archived AND (product_id = :id OR render_id IN"
    " (SELECT render_id FROM placements WHERE product_id = :id)) ORDER BY id DESC LIMIT 24"
)


def product_card(sandbox: Sandbox, db: sqlite3.Connection, product: sqlite3.Row) -> str:
    jobs = db.execute(JOBS, (product["id"],)).fetchall()
    shown = Shown(sandbox, product, finished(sandbox, jobs))
    image = picture(shown.find(POSTER) or shown.thumbnail, shown.label, "cover")
    marks = "".join(job_mark(sandbox, product, job) for job in newest(jobs))
    images = db.execute(IMAGES, {"id": product["id"]}).fetchall()
    strip = "".join(image_link(sandbox, row) for row in images)
    return (
        f'<article class="card">{image}<div class="words"><h3>{shown.label}</h3><p class="quiet">{ids(product)}</p>'
        f'<p class="marks">{upload_mark(product)}{marks}</p></div>{f"<div class=strip>{strip}</div>" if strip else ""}'
        "</article>"
    )


def newest(jobs: list[sqlite3.Row]) -> list[sqlite3.Row]:
    """The newest job of each output, by output; `jobs` are the newest first."""
    chosen: dict[str, sqlite3.Row] = {}
    for job in jobs:
        chosen.setdefault(job["output"], job)
    return [chosen[output] for output in sorted(chosen)]


def ids(product: sqlite3.Row) -> str:
    known = [("SKU", product["sku_id"]), ("GTIN", product["gtin"])]
    return " · ".join(f"{name} {escape(value)}" for name, value in known if value) or escape(product["unicode"])


def upload_mark(product: sqlite3.Row) -> str:
    return "" if product["upload_status"] == FINALIZED else '<span class="mark">awaiting files</span>'


def job_mark(sandbox: Sandbox, product: sqlite3.Row, job: sqlite3.Row) -> str:
    """An output's status, linked to its page when it has one, with the reason when it failed."""
    status = states.image_status(job, sandbox.clock.now())
    kind, title = OUTPUT_PAGES.get(job["output"], ("", "Silo images"))
    if kind and status == "Done":
        address = f"/product/public/{kind}/v2/{product['viewer_id']}"
        return f'<a class="mark Done" href="{address}">{title}: {status}</a>'
    why = f' title="{escape(job["reason"])}"' if job["reason"] else ""
    return f'<span class="mark {status.replace(" ", "")}"{why}>{title}: {status}</span>'


def image_link(sandbox: Sandbox, image: sqlite3.Row) -> str:
    """A small picture that leads to the whole one; the status alone while it is being made."""
    status, name = states.image_status(image, sandbox.clock.now()), escape(image["name"])
    if status != "Done":
        return f'<span class="small blank {status.replace(" ", "")}" title="{name}: {status}"></span>'
    keys = image_keys(image)
    small = picture(link(sandbox, keys["thumbnail"]), name, "small")
    return f'<a href="{escape(link(sandbox, keys["file"]))}" title="{name}">{small}</a>'
