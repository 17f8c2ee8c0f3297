"""The bucket: S3's presigned POST, its policy, its errors, and signed media."""

import base64
import hashlib
import json
import time
from typing import Any
from xml.etree import ElementTree as ET

import httpx2
import pytest
from sandbox_client import MODEL, Api, Start

from catalogsync.sandbox.policy import BucketError, check_form, check_link
from catalogsync.sandbox.signing import BUCKET, Signer

NOW = 1_800_000_000.0
SIGNER = Signer("AKIASANDBOX", "secret", "KMEDIA")
KEY = "media/private/product/thumbnail/1/0/thumbnail_a.png"


def form(**changed: str) -> dict[str, str]:
    made = SIGNER.upload_form("http://bucket/", KEY, now=NOW, lifetime=60, max_bytes=1000)
    return {**made["fields"], **changed}


def signed(policy: Any, **changed: str) -> dict[str, str]:
    """A form around another policy, correctly signed."""
    text = policy if isinstance(policy, str) else base64.b64encode(json.dumps(policy).encode()).decode()
    return form(policy=text, **{"x-amz-signature": SIGNER.sign_v4(form()["x-amz-date"], text)}, **changed)


def policy(*conditions: Any, expiration: str = "2100-01-01T00:00:00.000Z") -> dict[str, Any]:
    fields = [{name: form()[name]} for name in ("x-amz-algorithm", "x-amz-credential", "x-amz-date")]
    return {"expiration": expiration, "conditions": [{"bucket": BUCKET}, *fields, *conditions]}


def without(name: str) -> dict[str, str]:
    return {field: value for field, value in form().items() if field != name}


def test_an_untouched_form_permits_one_object() -> None:
    permit = check_form(form(), SIGNER, NOW)
    assert (permit.key, permit.min_bytes, permit.max_bytes) == (KEY, 1, 1000)


def test_a_policy_may_allow_keys_by_prefix() -> None:
    fields = signed(policy(["starts-with", "$key", "media/"], ["content-length-range", 0, 5]))
    assert check_form(fields, SIGNER, NOW).max_bytes == 5


def test_ignored_fields_need_no_condition() -> None:
    assert check_form(form(**{"x-ignore-me": "x"}), SIGNER, NOW).key == KEY


REFUSED: list[tuple[str, dict[str, str], float, int, str, str]] = [
    ("the time is over", form(), 60, 403, "AccessDenied", "Invalid according to Policy: Policy expired."),
    ("a changed signature", form(**{"x-amz-signature": "0" * 64}), 0, 403, "SignatureDoesNotMatch", "signature"),
    ("a changed policy", form(policy="e30="), 0, 403, "SignatureDoesNotMatch", "signature"),
    ("a changed date", form(**{"x-amz-date": "20300101T000000Z"}), 0, 403, "SignatureDoesNotMatch", "signature"),
    ("another account", form(**{"x-amz-credential": "AKIAOTHER/x"}), 0, 403, "InvalidAccessKeyId", "Access Key"),
    ("another algorithm", form(**{"x-amz-algorithm": "MD5"}), 0, 400, "InvalidArgument", "AWS4-HMAC-SHA256"),
    (
        "another key",
        form(key="elsewhere"),
        0,
        403,
        "AccessDenied",
        f'Invalid according to Policy: Policy Condition failed: ["eq", "$key", "{KEY}"]',
    ),
    ("a field too many", form(acl="public"), 0, 403, "AccessDenied", "Extra input fields: acl"),
    ("a policy that is no JSON", signed("e30"), 0, 400, "InvalidPolicyDocument", "Invalid JSON"),
    ("a policy without an end", signed(policy(expiration="soon")), 0, 400, "InvalidPolicyDocument", "expiration"),
    *(
        (f"no {name}", without(name), 0, 400, "InvalidArgument", f"must contain a field named '{name}'")
        for name in ("key", "policy", "x-amz-date", "x-amz-signature")
    ),
]


@pytest.mark.parametrize(
    ("fields", "later", "status", "code", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_form_is_refused_as_s3_does(fields: dict[str, str], later: float, status: int, code: str, words: str) -> None:
    with pytest.raises(BucketError) as refusal:
        check_form(fields, SIGNER, NOW + later)
    assert (refusal.value.status, refusal.value.code) == (status, code)
    assert words in refusal.value.message


def link_query() -> dict[str, str]:
    link = SIGNER.object_link(KEY, host="127.0.0.1:1", now=NOW, lifetime=60)
    return dict(httpx2.URL(f"http://127.0.0.1:1{link}").params)


def test_a_presigned_link_opens_its_object_until_it_expires() -> None:
    check_link(link_query(), f"/{KEY}", "127.0.0.1:1", SIGNER, NOW + 60)
    with pytest.raises(BucketError, match="Request has expired"):
        check_link(link_query(), f"/{KEY}", "127.0.0.1:1", SIGNER, NOW + 61)


@pytest.mark.parametrize("changed", [{"X-Amz-Expires": "9999"}, {"X-Amz-Date": ""}, {"X-Amz-Signature": "0"}])
def test_a_changed_presigned_link_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(BucketError, match="signature"):
        check_link(link_query() | changed, f"/{KEY}", "127.0.0.1:1", SIGNER, NOW)


def error_of(answer: httpx2.Response) -> tuple[int, str]:
    root = ET.fromstring(answer.text)
    assert root.tag == "Error"
    assert root.findtext("RequestId")
    return answer.status_code, root.findtext("Code") or ""


def test_an_upload_answers_204_with_the_md5_as_etag(api: Api) -> None:
    answer = api.send(api.create()["presigned_url_prop_user_file"], MODEL)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["ETag"] == f'"{hashlib.md5(MODEL).hexdigest()}"'


def test_an_upload_can_be_read_back_by_the_presigned_path(api: Api) -> None:
    data = api.create()
    api.upload(data)
    assert api.raw.get(data["presigned_data_prop_user_file"]).content == MODEL


def test_an_object_that_was_never_uploaded_is_not_found(api: Api) -> None:
    assert error_of(api.raw.get(api.create()["presigned_data_prop_user_file"])) == (404, "NoSuchKey")


def test_wrong_forms_are_answered_with_xml(api: Api) -> None:
    target = api.create()["presigned_url_thumbnail"]
    assert error_of(api.send(target, b"x", **{"x-amz-signature": "0" * 64})) == (403, "SignatureDoesNotMatch")
    assert error_of(api.send(target, b"x", key="elsewhere")) == (403, "AccessDenied")
    assert error_of(api.send(target, b"")) == (400, "EntityTooSmall")
    assert error_of(api.raw.post("/bucket/", data=target["fields"])) == (412, "PreconditionFailed")


def multipart(*parts: tuple[str, bytes]) -> bytes:
    disposition = b'Content-Disposition: form-data; name="%s"; filename="f"\r\n\r\n%s\r\n'
    return b"".join(b"--B\r\n" + disposition % (name.encode(), value) for name, value in parts) + b"--B--\r\n"


FORM_TYPE = {"Content-Type": "multipart/form-data; boundary=B"}


def test_the_file_must_be_the_last_field(api: Api) -> None:
    fields = [(name, value.encode()) for name, value in api.create()["presigned_url_thumbnail"]["fields"].items()]
    early = api.raw.post("/bucket/", content=multipart(("file", b"x"), *fields), headers=FORM_TYPE)
    assert error_of(early) == (400, "InvalidArgument")
    late = api.raw.post("/bucket/", content=multipart(*fields, ("file", b"x"), ("more", b"x")), headers=FORM_TYPE)
    assert late.status_code == 204
    none = api.raw.post("/bucket/", content=multipart(*fields), headers=FORM_TYPE)
    assert error_of(none) == (400, "InvalidArgument")


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b"--B\r\nnonsense", FORM_TYPE, "MalformedPOSTRequest"),
        (b"--C\r\n", FORM_TYPE, "MalformedPOSTRequest"),
        (multipart(("key", b"x"))[:-6], FORM_TYPE, "MalformedPOSTRequest"),
        (b"x", {"Content-Type": "multipart/form-data"}, "MalformedPOSTRequest"),
        (multipart(("key", b"x" * 30_000)), FORM_TYPE, "MaxPostPreDataLengthExceeded"),
    ],
)
def test_bodies_that_are_no_form_are_refused(api: Api, body: bytes, headers: dict[str, str], code: str) -> None:
    assert error_of(api.raw.post("/bucket/", content=body, headers=headers)) == (400, code)


def test_a_body_without_a_length_is_refused(api: Api) -> None:
    answer = api.raw.post("/bucket/", content=iter([multipart(("key", b"x"))]), headers=FORM_TYPE)
    assert error_of(answer) == (411, "MissingContentLength")


def test_a_file_that_is_too_large_leaves_nothing_behind(start: Start) -> None:
    api = start(max_upload_bytes=1000)
    data = api.create(thumbnail_name="")
    assert error_of(api.send(data["presigned_url_prop_user_file"], bytes(1001))) == (400, "EntityTooLarge")
    assert api.mark(data).status_code == 400
    assert api.send(data["presigned_url_prop_user_file"], bytes(1000)).status_code == 204
    assert api.mark(data).status_code == 200


def test_a_form_expires(start: Start) -> None:
    api = start(form_seconds=60)
    target = api.create()["presigned_url_prop_user_file"]
    api.advance(61)
    answer = api.send(target, MODEL)
    assert error_of(answer) == (403, "AccessDenied")
    assert "Policy expired." in answer.text


def test_media_urls_are_checked_and_expire(start: Start) -> None:
    api = start()
    data = api.finalized()
    url = httpx2.URL(api.shared(data)["thumbnail_url"])
    assert float(url.params["Expires"]) == pytest.approx(time.time() + 7 * 86_400, abs=60)
    assert api.raw.get(url).headers["Content-Type"] == "image/png"
    assert api.raw.get(url, headers={"Range": "bytes=0-3"}).content == b"\x89PNG"
    assert error_of(api.raw.get(url.copy_with(query=None))) == (403, "MissingKey")
    for name, value in {"Expires": "9999999999", "Signature": "x", "Key-Pair-Id": "K"}.items():
        assert error_of(api.raw.get(url.copy_set_param(name, value))) == (403, "AccessDenied")
    api.advance(7 * 86_400 + 1)
    assert error_of(api.raw.get(url)) == (403, "AccessDenied")
    assert api.raw.get(api.shared(data)["thumbnail_url"]).status_code == 200
