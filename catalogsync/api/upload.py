"""Sending a file to a bucket with a presigned POST form, and the bucket's refusals in words.

Nothing of the API's identity is sent: no key, no Origin. Source: Amazon S3, "POST Object" and "Error responses".
"""

from __future__ import annotations

import re
from contextlib import aclosing
from typing import TYPE_CHECKING

from catalogsync.api.answers import Answer, flattened
from catalogsync.api.body import FileBody
from catalogsync.errors import RemoteError, UnexpectedAnswerError, UploadRefusedError

if TYPE_CHECKING:
    from catalogsync.api.http import Door

WAY_OUT = "Check the network and the proxies of the environment (HTTPS_PROXY, NO_PROXY) on the way to the bucket."
_MOST_OF_AN_ERROR = 64 * 1024  # bytes of an error answer that are looked at
_MD5 = re.compile(r"[0-9a-f]{32}")
_REDIRECTS = range(300, 400)
_AGAIN = "Run again in a while: it goes on from here."
_SLOWER = "Lower --upload-parallelism, or run again later: it goes on from here."
# S3's code -> what it means, and the way out. Source: Amazon S3, "Error responses", "List of error codes".
_WORDS = {
    "AccessDenied": ("the bucket denies access", "A proxy or a rule of the bucket may forbid uploads from here."),
    "EntityTooLarge": (
        "the file is larger than the form allows",
        "Make the file smaller, or ask Imagine.io's support.",
    ),
    "EntityTooSmall": ("the file is smaller than the form allows", "Look whether the file is what it should be."),
    "ExpiredToken": ("the form has expired", ""),
    "InternalError": ("the bucket failed", _AGAIN),
    "InvalidAccessKeyId": ("the key that signed the form is not accepted", ""),
    "RequestTimeTooSkewed": ("the clocks of the bucket and of the form's signer differ too much", _AGAIN),
    "RequestTimeout": ("the file arrived too slowly", _SLOWER),
    "ServiceUnavailable": ("the bucket is not available", _AGAIN),
    "SignatureDoesNotMatch": ("the form's signature is not accepted", ""),
    "SlowDown": ("the bucket asks for fewer requests", _SLOWER),
}
_NO_MEANING = ("", "")


async def send_file(door: Door, url: str, body: FileBody) -> int:
    """One pass of an upload; returns the status of the bucket's answer.

    Raises UploadRefusedError (the bucket's code and status), UnreachableError, AnswerLostError, and
    UnexpectedAnswerError for a redirect or an object whose ETag is the MD5 of something else.
    """
    from catalogsync.api.http import Request

    try:
        async with aclosing(body.pieces()) as pieces:
            answer = await door.send(Request("POST", url, body.headers, stream=pieces))
        problem = _refusal_of(answer) or await _mismatch_of(answer, body)
    finally:
        await body.aclose()
    if problem is not None:
        raise problem
    return answer.status


async def _mismatch_of(answer: Answer, body: FileBody) -> UnexpectedAnswerError | None:
    """What is wrong with the stored object: an ETag that looks like an MD5 must be the file's."""
    stored = answer.headers.get("etag", "").strip().strip('"').lower()
    if not _MD5.fullmatch(stored) or _encrypted(answer) or await body.md5() in {stored, ""}:
        return None
    return UnexpectedAnswerError(
        "The bucket stored something else than was sent: its ETag is not the file's MD5.",
        hint="Something on the way changes uploads (a proxy?). The product was not finalized.",
    )


def _encrypted(answer: Answer) -> bool:
    """Under KMS or customer keys an ETag is no MD5 although it looks like one (S3, "Common response headers")."""
    headers = answer.headers
    return "kms" in headers.get("x-amz-server-side-encryption", "") or (
        "x-amz-server-side-encryption-customer-algorithm" in headers
    )


def _refusal_of(answer: Answer) -> RemoteError | None:
    if answer.succeeded:
        return None
    if answer.status in _REDIRECTS:
        return UnexpectedAnswerError(f"The bucket redirects the upload (HTTP {answer.status}), which is not followed.")
    text = answer.body[:_MOST_OF_AN_ERROR].decode("utf-8", errors="replace")
    code, message = _element(text, "Code"), _element(text, "Message")
    meaning, hint = _meaning(code, message)
    said = f"{code}: {message}" if message else code
    words = f"{meaning} ({said})" if meaning and said else meaning or said or "it gave no reason"
    return UploadRefusedError(
        f"The bucket refused the file: {words} [HTTP {answer.status}].", status=answer.status, code=code, hint=hint
    )


def _meaning(code: str, message: str) -> tuple[str, str]:
    if code == "AccessDenied" and "expired" in message.lower():
        return "the form has expired", ""
    return _WORDS.get(code, _NO_MEANING)


def _element(xml: str, name: str) -> str:
    """The text of an element of S3's flat error document; no parser, since the document is not ours to trust."""
    found = re.search(rf"<{name}>([^<]*)</{name}>", xml)
    if not found:
        return ""
    import html  # only a refusal pays for it

    return flattened(html.unescape(found[1]))
