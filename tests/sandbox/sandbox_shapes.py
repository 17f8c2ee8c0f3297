"""The shapes of documented answers, and how to check a value against one."""

import re
from typing import Any

UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
TIMESTAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+05:30$")
PRODUCT = {
    "unicode": UUID,
    "gtin": (str, None),
    "name": str,
    "main_asset_name": str,
    "sku_id": (str, None),
    "created_at": TIMESTAMP,
}
FORM = {
    "url": str,
    "fields": {
        "key": re.compile(r"^media/private/product/(prop_data_user_file|thumbnail)/\d+/0/.+"),
        "x-amz-algorithm": "AWS4-HMAC-SHA256",
        "x-amz-credential": re.compile(r"/us-east-1/s3/aws4_request$"),
        "x-amz-date": re.compile(r"^\d{8}T\d{6}Z$"),
        "policy": str,
        "x-amz-signature": re.compile(r"^[0-9a-f]{64}$"),
    },
}
PAGE = {
    "next_link": (str, None),
    "previous_link": (str, None),
    "last_page_link": str,
    "first_page_link": str,
    "current_page_link": str,
    "current_page_number": int,
    "count": int,
    "total_pages": int,
}
LINK = re.compile(r"^/media/private/product/.+\?X-Amz-Algorithm=AWS4-HMAC-SHA256&.*X-Amz-Signature=[0-9a-f]{64}$")
MEDIA = re.compile(r"^http://127\.0\.0\.1:\d+/media/private/.+\?Expires=\d+&Signature=[^&]+&Key-Pair-Id=\w+$")
FILES = ("file", "filmic_file", "color_pass_file", "thumbnail", "filmic_thumbnail")


def envelope(data: Any, message: Any, *, status: bool = True) -> dict[str, Any]:
    return {"status": status, "data": data, "message": message, "api_hits_available": int}


def refused(message: Any) -> dict[str, Any]:
    return envelope({}, message, status=False)


def check(value: Any, shape: Any, where: str = "answer") -> None:
    """`shape`: a type, a pattern, alternatives in a tuple, `[shape of each]`, a dictionary, or the value itself."""
    if isinstance(shape, dict):
        assert sorted(value) == sorted(shape), where
        for name, inner in shape.items():
            check(value[name], inner, f"{where}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), where
        assert bool(value) == bool(shape), where
        for item in value:
            check(item, shape[0], f"{where}[]")
    elif isinstance(shape, tuple):
        assert any(value is None if kind is None else type(value) is kind for kind in shape), (where, value)
    elif isinstance(shape, re.Pattern):
        assert shape.search(value), (where, value)
    elif isinstance(shape, type):
        assert type(value) is shape, (where, value)
    else:
        assert value == shape, where
