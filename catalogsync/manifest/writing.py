"""Writes manifests: products as YAML text that our reader gives back letter by letter, and files in one move."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from catalogsync.errors import UsageMistakeError

PRODUCT_KEYS = ("sku_id", "key", "gtin", "salsify_id", "name", "main_asset_name", "thumbnail")
Entry = Mapping[str, str | Sequence[str]]
"""A product as the manifest has it: text by key, `outputs` as names, and `comments` that stand below its sku_id."""

_SAFE = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*( [A-Za-z0-9_./()+-]+)*\Z")
# What other YAML readers make booleans or nothing.
_ODD_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])
_LAST_OF_TWO_DIGITS, _LAST_OF_FOUR_DIGITS = 0xFF, 0xFFFF
_PRINTABLE = re.compile(r"[ -~\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")  # YAML 1.2.2, 5.1
# YAML 1.2.2, 5.7 "Escaped characters"
_SHORT = {"\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e"}
_SHORT |= {'"': '"', "\\": "\\", "\x85": "N", "\u2028": "L", "\u2029": "P"}


def scalar(text: str) -> str:
    """`text` as a YAML scalar; in quotes unless every YAML reader takes it for the same text without them."""
    if _SAFE.match(text) and text.lower() not in _ODD_WORDS:
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(letter: str) -> str:
    """A letter inside double quotes: as it is where YAML lets it be."""
    if letter in _SHORT:
        return f"\\{_SHORT[letter]}"
    if _PRINTABLE.match(letter):
        return letter
    number = ord(letter)
    if number <= _LAST_OF_TWO_DIGITS:
        return f"\\x{number:02X}"
    return f"\\u{number:04X}" if number <= _LAST_OF_FOUR_DIGITS else f"\\U{number:08X}"


def products_text(products: Iterable[Entry]) -> str:
    """`products:` of a manifest."""
    lines = ["products:"]
    for product in products:
        written = [f"{key}: {scalar(str(product[key]))}" for key in PRODUCT_KEYS if key in product]
        written[1:1] = [f"# {comment}" for comment in product.get("comments", ())]
        if "outputs" in product:
            written.append(f"outputs: [{', '.join(product['outputs'])}]")
        lines += [f"  {'-' if index == 0 else ' '} {line}" for index, line in enumerate(written)]
    return "\n".join(lines) + "\n" if len(lines) > 1 else "products: []\n"


def head_text(catalog: str, include: Sequence[str] = ()) -> str:
    """What a manifest begins with: its version, its name and the files it includes."""
    lines = ["version: 1", f"catalog: {scalar(catalog)}"]
    if include:
        lines += ["include:", *(f"  - {scalar(name)}" for name in include)]
    return "\n".join(lines) + "\n"


def put_file(path: Path, content: bytes) -> None:
    """Write a file in one move, through a symbolic link: readers see the old content or the new. Permissions stay.

    Raises UsageMistakeError when it cannot be written; the old content is there then.
    """
    target = Path(os.path.realpath(path))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(_mode_for(target))
            Path(name).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        hint = "Check the folder's permissions and the space left."
        raise UsageMistakeError(f"{path} cannot be written: {error.strerror}.", hint=hint) from error


def _mode_for(target: Path) -> int:
    """The mode that the file has, or that a new one gets here."""
    with suppress(FileNotFoundError):
        return target.stat().st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
