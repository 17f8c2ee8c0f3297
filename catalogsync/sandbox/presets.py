"""Faults by name: what a service does wrong most often, ready to be switched on. Data, and how it is read.

A preset is rules for `faults.Faults`, or variants (`variants.py`), or a number of credits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

API, BUCKET, DETAILS = "/v1/*", "/bucket/", "/v1/product/details/"
TOO_FAST = (
    '{"status": false, "data": {}, "message":'
    ' "Rate limit exceeded \\u2014 you have reached your maximum allowed request limit."}'
)
SORRY = '{"status": false, "data": {}, "message": "Internal server error"}'
HTML = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
EXPIRED = "Invalid according to Policy: Policy expired."
UNSIGNED = "The request signature we calculated does not match the signature you provided."
TOO_LARGE = "Your proposed upload exceeds the maximum allowed size"
SCALES = ("times", "after", "share", "seed", "method", "path", "query", "seconds", "match")


@dataclass(frozen=True, slots=True)
class Preset:
    """A fault with a name: `does` completes "while it is set, ..."."""

    does: str
    rule: Mapping[str, Any] = field(default_factory=dict)
    variants: Mapping[str, Any] = field(default_factory=dict)
    credits: int | None = None


def to_bucket(code: str, status: int, body: str) -> dict[str, Any]:
    return {"path": BUCKET, "do": "s3", "status": status, "code": code, "body": body}


def to_jobs(outcome: str) -> dict[str, Any]:
    return {"method": "POST", "path": "/v1/product/[jc]*", "do": "outcome", "outcome": outcome}


PRESETS = {
    "rate-limited": Preset(
        "API calls answer 429 without Retry-After", {"path": API, "do": "status", "status": 429, "body": TOO_FAST}
    ),
    "rate-limited-wait": Preset(
        "API calls answer 429 with Retry-After: 1",
        {"path": API, "do": "status", "status": 429, "body": TOO_FAST, "headers": {"Retry-After": "1"}},
    ),
    "server-error": Preset("API calls answer 500", {"path": API, "do": "status", "status": 500, "body": SORRY}),
    "bad-gateway": Preset(
        "API calls answer 502 with a page of HTML", {"path": API, "do": "status", "status": 502, "body": HTML}
    ),
    "reset": Preset("connections of API calls are reset before any work", {"path": API, "do": "reset"}),
    "lost-answer": Preset(
        "writes are done, and then the connection is closed without an answer",
        {"method": "P*", "path": API, "do": "lose"},
    ),
    "slow": Preset("API calls wait two seconds before the work", {"path": API, "do": "delay", "seconds": 2.0}),
    "expired-form": Preset("uploads find their form expired", to_bucket("AccessDenied", 403, EXPIRED)),
    "slow-down": Preset("the bucket asks to slow down", to_bucket("SlowDown", 503, "Please reduce your request rate.")),
    "too-large": Preset("the bucket finds the file too large", to_bucket("EntityTooLarge", 400, TOO_LARGE)),
    "wrong-signature": Preset(
        "the bucket refuses the form's signature", to_bucket("SignatureDoesNotMatch", 403, UNSIGNED)
    ),
    "access-denied": Preset("the bucket denies access", to_bucket("AccessDenied", 403, "Access Denied")),
    "upload-reset": Preset("uploads are reset in the middle of the file", {"path": BUCKET, "do": "cut"}),
    "page-lost": Preset(
        "pages lack a result, as if one before them had been deleted meanwhile",
        {"method": "GET", "path": DETAILS, "query": "*page=*", "do": "shift", "by": 1},
    ),
    "page-doubled": Preset(
        "pages repeat a result, as if one before them had been added meanwhile",
        {"method": "GET", "path": DETAILS, "query": "*page=*", "do": "shift", "by": -1},
    ),
    "content-failed": Preset("jobs and renders end as Failed", to_jobs("Failed")),
    "content-infected": Preset("jobs and renders end as Infected", to_jobs("Infected")),
    "content-disabled": Preset("jobs and renders end as Disabled", to_jobs("Disabled")),
    "content-unknown": Preset("jobs and renders end in a word that is not documented", to_jobs("Paused")),
    "content-empty": Preset("jobs never end: lists of statuses stay empty, viewers stay in progress", to_jobs("")),
    "unfinished-unlisted": Preset("unfinished products are not listed", variants={"list_unfinished": False}),
    "deleted-held": Preset("deleted products keep their SKU and GTIN taken", variants={"hold_deleted": True}),
    "deleted-freed": Preset("deleted products free their SKU and GTIN", variants={"hold_deleted": False}),
    "deleted-listed": Preset("deleted products stay listed", variants={"list_deleted": True}),
    "empty-unique": Preset("an empty SKU or GTIN is taken like any other", variants={"unique_empty": True}),
    "late-urls": Preset("URLs come 30 seconds after Done", variants={"url_lag_seconds": 30.0}),
    "foreign-links": Preset("page links name another host", variants={"foreign_links": True}),
    "no-credits": Preset("the account has no credits left", credits=0),
}


def unfolded(rules: object) -> tuple[list[Any], dict[str, Any], int | None]:
    """Rules, variants and credits of a list in which some are named instead of written out.

    Raises ValueError for an unknown name, and for a preset that cannot be scaled in the given way.
    """
    if not isinstance(rules, list):
        raise TypeError("rules: a list is required")
    written: list[Any] = []
    variants: dict[str, Any] = {}
    left: int | None = None
    for given in rules:
        if not isinstance(given, dict) or "do" in given or "name" not in given:
            written.append(given)
            continue
        preset = find(given)
        variants |= preset.variants
        left = left if preset.credits is None else preset.credits
        if preset.rule:
            written.append({**preset.rule, **{name: value for name, value in given.items() if name != "match"}})
            written[-1]["match"] = given.get("match", {})
    return written, variants, left


def find(given: Mapping[str, Any]) -> Preset:
    """The preset that a named rule means."""
    preset = PRESETS.get(str(given["name"]))
    if preset is None:
        raise ValueError(f"rules: there is no fault {given['name']!r}")
    scaled = sorted(given.keys() - {"name"})
    if scaled and not preset.rule:
        raise ValueError(f"rules: it holds until faults are cleared and takes no {', '.join(scaled)}")
    foreign = sorted(given.keys() - {"name", *SCALES})
    if foreign:
        raise ValueError(f"rules: a fault with a name takes {', '.join(SCALES)}, not {', '.join(foreign)}")
    return preset
