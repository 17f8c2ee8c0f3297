"""Who may call: keys, origins, credits, rate, scopes. Each check raises the documented refusal."""

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from catalogsync.sandbox.calls import Refusal, Unauthorized

PREFIX = "Imagine-key "
ZAPIER_PREFIX = "Zapier "
INVALID_KEY = "Invalid API key."
NO_CREDITS = "Your API credits are used up. Please contact Imagine.io: https://imagine.io/company/contact-us"
RATE_LIMITED = "Rate limit exceeded — you have reached your maximum allowed request limit."


@dataclass(frozen=True, slots=True)
class Visitor:
    """The owner of a known key; `kind` is "secret" or "public"."""

    kind: str
    scopes: frozenset[str]


def identify(db: sqlite3.Connection, authorization: str) -> Visitor:
    """The visitor behind an `Authorization: Imagine-key KEY` header."""
    key = authorization.removeprefix(PREFIX).strip() if authorization.startswith(PREFIX) else ""
    row = db.execute("SELECT kind, scopes FROM keys WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise Unauthorized(INVALID_KEY)
    return Visitor(row["kind"], frozenset(json.loads(row["scopes"])))


def identify_zapier(token: str, authorization: str) -> None:
    """Let in who sends `Authorization: Zapier TOKEN`."""
    if authorization.removeprefix(ZAPIER_PREFIX).strip() != token or not authorization.startswith(ZAPIER_PREFIX):
        raise Unauthorized(INVALID_KEY)


def charge(db: sqlite3.Connection, refusal: int) -> int:
    """Take one credit and return how many are left; refuses with the status `refusal` when there was none."""
    row = db.execute("UPDATE account SET credits = credits - 1 WHERE credits > 0 RETURNING credits").fetchone()
    if row is None:
        raise Refusal(refusal, NO_CREDITS)
    return int(row["credits"])


def check_origin(registered: str, sent: str, refusal: int) -> None:
    """Compare the Origin header with the registered domain: bare or as a URL, and a port only where both have one."""
    (host, port), (sent_host, sent_port) = split_origin(registered), split_origin(sent)
    if host != sent_host or (port and sent_port and port != sent_port):
        shown = f"Origin '{sent}'" if sent else "A missing Origin header"
        raise Unauthorized(f"{shown} is not allowed for this API key.", refusal)


def split_origin(origin: str) -> tuple[str, int | None]:
    """Host and port of `example.com`, `example.com:3000` or `https://example.com/`; no host when it is none."""
    try:
        parts = urlsplit(origin if "://" in origin else f"//{origin}")
        return (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "", None


def check_scope(visitor: Visitor, scopes: Collection[str], *, writes: bool) -> None:
    """Demand one of `scopes`, and a secret key for writes."""
    if writes and visitor.kind == "public":
        raise Refusal(403, "This operation requires a secret key. Public keys are read-only.")
    if visitor.scopes.isdisjoint(scopes):
        raise Refusal(403, f"This API key lacks the required scope: {' or '.join(sorted(scopes))}.")


class RateLimit:
    """At most `per_second` calls in each second of the sandbox's time; None lets everything through."""

    def __init__(self) -> None:
        self._second = 0
        self._calls = 0

    def check(self, now: float, per_second: int | None) -> None:
        if per_second is None:
            return
        if int(now) != self._second:
            self._second, self._calls = int(now), 0
        self._calls += 1
        if self._calls > per_second:
            raise Refusal(429, RATE_LIMITED, {"Retry-After": "1"})
