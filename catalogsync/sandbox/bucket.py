"""POST /bucket/: S3's presigned form upload, streamed to disk with flat memory.

The form is judged when its `file` part begins, from the fields before it; a refused body is read to its end and
dropped, so that the client gets to see the answer.
"""

import hashlib
import uuid
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from catalogsync.sandbox.context import Sandbox
from catalogsync.sandbox.policy import BucketError, Permit, check_form

MAX_FIELD_BYTES = 20_000
NOT_A_FORM = "Bucket POST must be of the enclosure-type multipart/form-data"
ONE_FILE = "POST requires exactly one file upload per request."


async def upload(sandbox: Sandbox, request: Request) -> Response:
    """Store one object: 204 with its MD5 as ETag, or S3's XML error."""
    try:
        check_headers(request)
        form = FormReader(request.headers["content-type"], sandbox)
    except BucketError as error:
        return error_response(error)
    try:
        async for chunk in request.stream():
            form.feed(chunk)
        return stored_response(sandbox, *form.finish())
    except BucketError as error:
        return error_response(error)
    except ClientDisconnect:
        return error_response(BucketError(400, "RequestTimeout", "The client went away."))
    finally:
        form.discard()


def check_headers(request: Request) -> None:
    kind, _ = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        raise BucketError(412, "PreconditionFailed", NOT_A_FORM)
    if "content-length" not in request.headers:
        raise BucketError(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")


class Sink:
    """A new object on its way: written beside its place and hashed, moved there when it is complete."""

    def __init__(self, sandbox: Sandbox, permit: Permit) -> None:
        self.permit, self.size = permit, 0
        self._target = sandbox.objects / permit.key
        self._part = sandbox.settings.data / "parts" / uuid.uuid4().hex
        self._part.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._part.open("wb")
        self._md5 = hashlib.md5(usedforsecurity=False)

    def write(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self.permit.max_bytes:
            message = "Your proposed upload exceeds the maximum allowed size"
            details = {"ProposedSize": self.size, "MaxSizeAllowed": self.permit.max_bytes}
            raise BucketError(400, "EntityTooLarge", message, details)
        self._md5.update(data)
        self._file.write(data)

    def commit(self) -> str:
        """Put the object in its place; its MD5 in hex."""
        if self.size < self.permit.min_bytes:
            message = "Your proposed upload is smaller than the minimum allowed size"
            raise BucketError(400, "EntityTooSmall", message, {"MinSizeAllowed": self.permit.min_bytes})
        self._file.close()
        self._target.parent.mkdir(parents=True, exist_ok=True)
        self._part.replace(self._target)
        return self._md5.hexdigest()

    def discard(self) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)


class FormReader:
    """Reads the parts of a multipart body as they come: fields into a dictionary, then the file into a `Sink`."""

    def __init__(self, content_type: str, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._fields: dict[str, str] = {}
        self._header = self._disposition = self._value = b""
        self._name = ""
        self._sink: Sink | None = None
        self._error: BucketError | None = None
        self._complete = False
        boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
        if not boundary:
            raise malformed()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._part_data,
                "on_part_end": self._part_end,
                "on_end": self._end,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """Read on; after an error the rest is only taken off the wire."""
        if self._error is not None:
            return
        try:
            self._parser.write(chunk)
        except BucketError as error:
            self._error = error
        except MultipartParseError:
            self._error = malformed()

    def finish(self) -> tuple[str, str]:
        """Key and MD5 of the stored object. Raises `BucketError`."""
        if self._error is None and not self._complete:
            self._error = malformed()
        if self._error is None and self._sink is None:
            self._error = BucketError(400, "InvalidArgument", ONE_FILE)
        if self._error is not None or self._sink is None:
            raise self._error or malformed()
        return self._sink.permit.key, self._sink.commit()

    def discard(self) -> None:
        if self._sink is not None:
            self._sink.discard()

    def _part_begin(self) -> None:
        self._header = self._disposition = self._value = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end].lower()

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        if self._header == b"content-disposition":
            self._disposition += data[start:end]

    def _header_end(self) -> None:
        self._header = b""

    def _headers_finished(self) -> None:
        self._name = parse_options_header(self._disposition)[1].get(b"name", b"").decode("utf-8", "replace").lower()
        if self._name == "file" and self._sink is None:
            permit = check_form(self._fields, self._sandbox.signer, self._sandbox.clock.now())
            self._sink = Sink(self._sandbox, permit)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._name == "file" and self._sink is not None:
            self._sink.write(data[start:end])
        elif self._sink is None:
            self._value += data[start:end]
            if len(self._value) + sum(map(len, self._fields.values())) > MAX_FIELD_BYTES:
                message = "Your POST request fields preceding the upload file were too large."
                raise BucketError(400, "MaxPostPreDataLengthExceeded", message)

    def _part_end(self) -> None:
        # S3 ignores whatever follows the file; it must be the last field of the form.
        if self._sink is None:
            self._fields[self._name] = self._value.decode("utf-8", "replace")

    def _end(self) -> None:
        self._complete = True


def malformed() -> BucketError:
    message = "The body of your POST request is not well-formed multipart/form-data."
    return BucketError(400, "MalformedPOSTRequest", message)


def stored_response(sandbox: Sandbox, key: str, md5: str) -> Response:
    location = f"{sandbox.url}/bucket/{quote(key)}"
    headers = {"ETag": f'"{md5}"', "Location": location, "x-amz-request-id": request_id()}
    return Response(status_code=204, headers=headers)


def error_response(error: BucketError) -> Response:
    """S3's XML error."""
    elements = {"Code": error.code, "Message": error.message, **error.details, "RequestId": request_id()}
    inner = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in elements.items())
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'
    return Response(text, error.status, media_type="application/xml")


def request_id() -> str:
    return uuid.uuid4().hex[:16].upper()


def clear_parts(data: Path) -> None:
    """Remove what uploads of a killed process left behind."""
    for part in (data / "parts").glob("*"):
        part.unlink(missing_ok=True)
