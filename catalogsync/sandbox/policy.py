"""Checking a presigned POST: the form's fields against its signed policy, in S3's order and words. Pure.

Source: AWS "Creating a POST policy" (expiration, conditions, condition matching).
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalogsync.sandbox.signing import ALGORITHM, BUCKET, Signer, amz_date, amz_time, credential_scope, same

UNCHECKED = {"policy", "x-amz-signature", "file"}
REQUIRED_FIELDS = ("key", "policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature")
WRONG_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. Check your key and signing method."
)


class BucketError(Exception):
    """An S3 error: HTTP status, code, message, and further elements of the XML."""

    def __init__(self, status: int, code: str, message: str, details: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.details = status, code, message, dict(details or {})


@dataclass(frozen=True, slots=True)
class Permit:
    """What a checked policy allows: one object of so many bytes under this key."""

    key: str
    min_bytes: int
    max_bytes: int


def check_form(fields: Mapping[str, str], signer: Signer, now: float) -> Permit:
    """The permit of a form's fields (lower-case names, everything before `file`). Raises `BucketError`."""
    for name in REQUIRED_FIELDS:
        if name not in fields:
            hint = "If it is specified, please check the order of the fields."
            raise BucketError(400, "InvalidArgument", f"Bucket POST must contain a field named '{name}'.  {hint}")
    check_signature(fields, signer)
    policy = read_policy(fields["policy"])
    if read_expiration(policy) <= now:
        raise refused("Policy expired.")
    return check_conditions(policy.get("conditions", []), fields)


def check_signature(fields: Mapping[str, str], signer: Signer) -> None:
    stamp, credential = fields["x-amz-date"], fields["x-amz-credential"]
    if fields["x-amz-algorithm"] != ALGORITHM:
        raise BucketError(400, "InvalidArgument", f"x-amz-algorithm must be {ALGORITHM}")
    if credential.split("/")[0] != signer.access_key:
        raise BucketError(
            403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."
        )
    right_scope = credential == f"{signer.access_key}/{credential_scope(stamp)}"
    if not right_scope or not same(signer.sign_v4(stamp, fields["policy"]), fields["x-amz-signature"]):
        raise BucketError(403, "SignatureDoesNotMatch", WRONG_SIGNATURE)


def read_policy(text: str) -> dict[str, Any]:
    try:
        policy = json.loads(base64.b64decode(text, validate=True))
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        raise BucketError(400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON.")
    return policy


def read_expiration(policy: Mapping[str, Any]) -> float:
    try:
        return datetime.strptime(f"{policy.get('expiration')}+0000", "%Y-%m-%dT%H:%M:%S.%fZ%z").timestamp()
    except ValueError:
        raise BucketError(400, "InvalidPolicyDocument", "Invalid Policy: Invalid 'expiration' value.") from None


def check_conditions(conditions: list[Any], fields: Mapping[str, str]) -> Permit:
    """Every condition holds, and every field has one."""
    values = {**fields, "bucket": BUCKET}
    covered, sizes = set(UNCHECKED), (0, 0)
    for condition in conditions:
        if isinstance(condition, list) and condition[0] == "content-length-range":
            sizes = (int(condition[1]), int(condition[2]))
            continue
        operator, name, expected = read_condition(condition)
        covered.add(name)
        if not matches(operator, values.get(name, ""), expected):
            raise refused(f"Policy Condition failed: {json.dumps([operator, f'${name}', expected])}")
    extra = sorted(name for name in fields if name not in covered and not name.startswith("x-ignore-"))
    if extra:
        raise refused(f"Extra input fields: {', '.join(extra)}")
    return Permit(fields["key"], *sizes)


def read_condition(condition: Any) -> tuple[str, str, str]:
    """Operator, field and value of `{"field": value}` or `["eq", "$field", value]`."""
    if isinstance(condition, dict):
        ((name, expected),) = condition.items()
        return "eq", str(name).lower(), str(expected)
    operator, name, expected = condition
    return str(operator), str(name).removeprefix("$").lower(), str(expected)


def matches(operator: str, value: str, expected: str) -> bool:
    return value.startswith(expected) if operator == "starts-with" else value == expected


def refused(why: str) -> BucketError:
    return BucketError(403, "AccessDenied", f"Invalid according to Policy: {why}")


def check_link(query: Mapping[str, str], path: str, host: str, signer: Signer, now: float) -> None:
    """Check a presigned GET (`X-Amz-*` parameters). Raises `BucketError`."""
    sent = dict(query)
    signature, stamp = sent.pop("X-Amz-Signature", ""), sent.get("X-Amz-Date", "")
    if not stamp or not same(signer.link_signature(path, sent, host), signature):
        raise BucketError(403, "SignatureDoesNotMatch", WRONG_SIGNATURE)
    if now - amz_time(stamp) > float(sent["X-Amz-Expires"]):
        raise BucketError(403, "AccessDenied", "Request has expired", {"ServerTime": amz_date(now)})
