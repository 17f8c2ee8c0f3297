"""The parts of a multipart form as bytes, written the way browsers do (WHATWG HTML, multipart/form-data encoding)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable


def new_boundary() -> str:
    """A line that separates parts and, being random, occurs in none of them."""
    return secrets.token_hex(16)


def content_type_of(boundary: str) -> str:
    return f"multipart/form-data; boundary={boundary}"


def text_parts(boundary: str, fields: Iterable[tuple[str, str]]) -> str:
    """One part for each text field, in their order."""
    return "".join(f"{_head_of(boundary, name)}\r\n{value}\r\n" for name, value in fields)


def file_head(boundary: str, name: str, file_name: str) -> str:
    """What goes before the content of a file."""
    file = f'; filename="{_quoted(file_name)}"\r\nContent-Type: application/octet-stream'
    return f"{_head_of(boundary, name, file)}\r\n"


def end_of(boundary: str) -> str:
    """What goes after the last part."""
    return f"--{boundary}--\r\n"


def _head_of(boundary: str, name: str, more: str = "") -> str:
    return f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"{more}\r\n'


def _quoted(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
