"""What there is to show of a product: finished outputs, files that were made, and links to them."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from catalogsync.sandbox import states
from catalogsync.sandbox.context import DAY, Sandbox
from catalogsync.sandbox.files import SPIN_FRAMES, content_keys
from catalogsync.sandbox.store import label_of

HOUR = 3600
BY_VIEWER = "SELECT * FROM products WHERE viewer_id = ? AND deleted_at IS NULL"
JOBS = "SELECT * FROM jobs WHERE product_id = ? ORDER BY id DESC"


@dataclass(frozen=True, slots=True)
class Shown:
    """A product and its finished jobs, the newest first."""

    sandbox: Sandbox
    product: sqlite3.Row
    jobs: list[sqlite3.Row]

    def has(self, output: str) -> bool:
        return any(job["output"] == output for job in self.jobs)

    def find(self, name: str) -> str | None:
        """A link to the newest file of this name that any of the jobs has made."""
        return next(
            (link(self.sandbox, key) for job in self.jobs if self.is_made(key := content_keys(job)[name])), None
        )

    def frames(self) -> list[str]:
        """Links to the frames of the newest complete spin; empty when there is none."""
        for job in self.jobs:
            keys = [content_keys(job)[name] for name in SPIN_FRAMES]
            if all(self.is_made(key) for key in keys):
                return [link(self.sandbox, key) for key in keys]
        return []

    def is_made(self, key: str) -> bool:
        return (self.sandbox.objects / key).is_file()

    def link(self, key: str) -> str:
        return link(self.sandbox, key)

    @property
    def label_text(self) -> str:
        return label_of(self.product)

    @property
    def label(self) -> str:
        """The product's name, escaped."""
        return escape(self.label_text)

    @property
    def thumbnail(self) -> str | None:
        key = self.product["thumbnail_key"]
        return link(self.sandbox, key) if key and self.is_made(key) else None


def find_shown(sandbox: Sandbox, db: sqlite3.Connection, viewer_id: str) -> Shown | None:
    """The living product behind a public page."""
    product = db.execute(BY_VIEWER, (viewer_id,)).fetchone()
    if product is None:
        return None
    return Shown(sandbox, product, finished(sandbox, db.execute(JOBS, (product["id"],)).fetchall()))


def finished(sandbox: Sandbox, jobs: Iterable[sqlite3.Row]) -> list[sqlite3.Row]:
    now = sandbox.clock.now()
    return [job for job in jobs if states.image_status(job, now) == "Done"]


def link(sandbox: Sandbox, key: str) -> str:
    """A signed link without a host, so that a page works under any name it is reached by.

    It changes once an hour only: a page that refreshes itself does not load its pictures again.
    """
    hour = sandbox.clock.now() // HOUR * HOUR
    return sandbox.signer.media_url("", key, now=hour, lifetime=sandbox.settings.media_days * DAY)


def picture(source: str | None, alt: str, css: str) -> str:
    """An `<img>`, or an empty placeholder of the same class. `alt` is escaped already."""
    if source is None:
        return f'<span class="{css} blank" role="img" aria-label="No picture"></span>'
    return f'<img class="{css}" src="{escape(source)}" alt="{alt}" loading="lazy">'


def readable(size: int) -> str:
    """A size in bytes for people: `512 bytes`, `1.4 MiB`."""
    value, units = float(size), iter(("bytes", "KiB", "MiB"))
    for unit in units:
        if value < 1024:  # noqa: PLR2004 - the binary thousand
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} GiB"
