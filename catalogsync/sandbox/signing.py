"""Signatures: AWS SigV4 for upload forms and object links, HMAC for media URLs. Pure.

Sources: AWS "Authenticating Requests: Browser-Based Uploads Using POST" and "Using Query Parameters (SigV4)";
the parameter names of media URLs are CloudFront's.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

REGION = "us-east-1"
BUCKET = "imagine-sandbox"
ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs and re-signs with the secrets of one data folder."""

    access_key: str
    secret: str
    media_key: str

    def upload_form(self, url: str, key: str, *, now: float, lifetime: int, max_bytes: int) -> dict[str, Any]:
        """A presigned POST: `{"url", "fields"}`, valid for `lifetime` seconds, for one object of 1..max_bytes."""
        stamp = amz_date(now)
        fields = {
            "key": key,
            "x-amz-algorithm": ALGORITHM,
            "x-amz-credential": self.credential(stamp),
            "x-amz-date": stamp,
        }
        conditions: list[Any] = [{"bucket": BUCKET}, ["content-length-range", 1, max_bytes]]
        conditions += [{name: value} for name, value in fields.items()]
        expiration = datetime.fromtimestamp(now + lifetime, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        text = json.dumps({"expiration": expiration, "conditions": conditions})
        policy = base64.b64encode(text.encode()).decode()
        signature = self.sign_v4(stamp, policy)
        return {"url": url, "fields": {**fields, "policy": policy, "x-amz-signature": signature}}

    def object_link(self, key: str, *, host: str, now: float, lifetime: int) -> str:
        """A presigned GET of one object as a path with a query: `/media/...?X-Amz-Algorithm=...`."""
        stamp = amz_date(now)
        query = {
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": self.credential(stamp),
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(lifetime),
            "X-Amz-SignedHeaders": "host",
        }
        path = "/" + quote(key)
        signed = {**query, "X-Amz-Signature": self.link_signature(path, query, host)}
        return f"{path}?{urlencode(signed, quote_via=quote)}"

    def link_signature(self, path: str, query: dict[str, str], host: str) -> str:
        """SigV4 of `GET path?query` for `host`, its only signed header; `query` without the signature."""
        sorted_query = urlencode(sorted(query.items()), quote_via=quote, safe="-_.~")
        canonical = f"GET\n{path}\n{sorted_query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
        stamp = query["X-Amz-Date"]
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        return self.sign_v4(stamp, f"{ALGORITHM}\n{stamp}\n{credential_scope(stamp)}\n{digest}")

    def media_url(self, base: str, key: str, *, now: float, lifetime: int) -> str:
        """An absolute URL of one object with `Expires`, `Signature` and `Key-Pair-Id`."""
        path, expires = "/" + quote(key), str(int(now) + lifetime)
        query = {"Expires": expires, "Signature": self.media_signature(path, expires), "Key-Pair-Id": self.media_key}
        return f"{base}{path}?{urlencode(query)}"

    def media_signature(self, path: str, expires: str) -> str:
        mac = hmac.digest(self.secret.encode(), f"{path}?Expires={expires}".encode(), "sha256")
        return base64.b64encode(mac, altchars=b"-~").decode().replace("=", "_")

    def credential(self, stamp: str) -> str:
        return f"{self.access_key}/{credential_scope(stamp)}"

    def sign_v4(self, stamp: str, text: str) -> str:
        """Hex of the SigV4 key chain (date, region, service, "aws4_request") over `text`."""
        key = ("AWS4" + self.secret).encode()
        for part in credential_scope(stamp).split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()


def amz_date(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")


def amz_time(stamp: str) -> float:
    """Seconds since the epoch of an `x-amz-date`. Raises ValueError when it is not one."""
    return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()


def credential_scope(stamp: str) -> str:
    return f"{stamp[:8]}/{REGION}/s3/aws4_request"


def same(left: str, right: str) -> bool:
    """Compare signatures without telling where they differ."""
    return hmac.compare_digest(left.encode(), right.encode())
