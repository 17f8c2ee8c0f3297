"""What a sandbox is started with, and what it answers with when it is ready."""

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from catalogsync.sandbox.errors import SandboxError

PREFERRED_PORT = 8617
GIB = 1024**3
MOST_WORKERS = 2
CONTENTS = ("auto", "rendered", "plain")


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """How to play the API. The fields after `origin` are variants the vendor's document leaves open.

    `origin`, `credits` and the keys are stored in `data` at the first start; later starts read them there.
    Durations are seconds unless the name says days.
    """

    data: Path
    port: int | None = None
    """0: any free port; None: 8617 when free, else any free one."""
    job_seconds: float = 5.0
    """From acceptance of a content or render job until its last output is Done."""
    form_seconds: int = 3600
    """Lifetime of presigned upload forms."""
    credits: int = 10_000
    page_size: int = 20
    origin: str = "localhost"
    hold_deleted: bool = False
    """Soft-deleted products keep their sku_id and gtin taken until the grace period ends."""
    list_unfinished: bool = True
    """Products before mark_upload_success appear in the list."""
    list_deleted: bool = False
    """Soft-deleted products stay in the list until the grace period ends."""
    unique_empty: bool = False
    """An empty sku_id or gtin is a value like any other: only one product can have it."""
    url_lag_seconds: float = 0.0
    """From Done until the content's URLs appear; they are null, or missing from lists, in between."""
    origin_status: int = 401
    """How a wrong origin is refused: 401 or 403."""
    no_credits_status: int = 402
    """How a call without credits is refused: 402, 403 or 429."""
    foreign_links: bool = False
    """Page links name another host, as some samples of the document do."""
    rate_limit: int | None = None
    """API calls allowed per second; more answer 429. None: no limit."""
    max_upload_bytes: int = 5 * GIB
    grace_days: int = 30
    """Between a soft delete and the date its message promises."""
    media_days: int = 7
    """Lifetime of signed media URLs."""
    image_size: int = 1024
    """Edge of generated images in pixels."""
    content: str = field(default_factory=lambda: os.environ.get("CATALOGSYNC_SANDBOX_CONTENT") or "auto")
    """"rendered", "plain", or "auto": rendered where the engine works. From the environment when not given."""
    workers: int = field(default_factory=lambda: min(MOST_WORKERS, os.cpu_count() or 1))
    """Products and scenes rendered at the same time, each by a process of up to 1 GiB."""

    def __post_init__(self) -> None:
        if self.content not in CONTENTS:
            raise SandboxError(f"content: {self.content!r} is none of {', '.join(CONTENTS)}.")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a running sandbox is and how to speak to it. URLs end without a slash."""

    url: str
    zapier_url: str
    origin: str
    secret_key: str
    public_key: str
    zapier_token: str

    def as_json(self) -> dict[str, str]:
        """One flat object with the six fields, ready for `json.dumps`."""
        return asdict(self)
