"""GET /media/...: objects of the bucket for signed URLs, of CloudFront's kind or S3's."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from catalogsync.sandbox.bucket import error_response
from catalogsync.sandbox.context import Sandbox
from catalogsync.sandbox.policy import BucketError, check_link
from catalogsync.sandbox.signing import same


async def media(sandbox: Sandbox, request: Request) -> Response:
    """The object, with range requests; 403 with XML when the URL is unsigned, changed or expired."""
    key = request.scope["path"].lstrip("/")
    try:
        check_url(sandbox, "/" + quote(key), dict(request.query_params))
    except BucketError as error:
        return error_response(error)
    path = sandbox.objects / key
    if not path.is_file():
        return error_response(BucketError(404, "NoSuchKey", "The specified key does not exist.", {"Key": key}))
    return FileResponse(path, headers={"Access-Control-Allow-Origin": "*"})


def check_url(sandbox: Sandbox, path: str, query: dict[str, str]) -> None:
    """Raise `BucketError` unless this path was signed and its time is not over."""
    now = sandbox.clock.now()
    if "X-Amz-Signature" in query:
        return check_link(query, path, sandbox.host, sandbox.signer, now)
    expires, signature = query.get("Expires", ""), query.get("Signature", "")
    if not expires or not signature or not query.get("Key-Pair-Id"):
        raise BucketError(403, "MissingKey", "Missing Key-Pair-Id query parameter or cookie value")
    right = same(sandbox.signer.media_signature(path, expires), signature)
    if not right or query["Key-Pair-Id"] != sandbox.signer.media_key or int(expires) <= now:
        raise BucketError(403, "AccessDenied", "Access denied")
    return None
