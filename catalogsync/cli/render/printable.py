"""Text from manifests and from the remote, made harmless for a line of a terminal, a log or a table."""

from __future__ import annotations

import re

# What moves the cursor, ends a line, changes the direction of writing, or is no character at all; and what begins a
# command of GitHub's runner in the middle of a line.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]|(?<=##)\\[")
_COMMAND = re.compile(r"^(\s*:):", re.MULTILINE)


def printable(text: str) -> str:
    """The text on one line, with what cannot be seen written as an escape, as Python writes it."""
    return _UNSEEN.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return "\\x5b" if found[0] == "[" else found[0].encode("unicode_escape", "surrogatepass").decode("ascii")


def harmless(text: str) -> str:
    """The same for text of several lines, of which none begins a command of GitHub's runner (`::name::`)."""
    return _COMMAND.sub(r"\1\\x3a", "\n".join(printable(line) for line in text.split("\n")))


def shortened(text: str, most: int) -> str:
    """At most `most` characters, the last of which says that some are missing."""
    return text if len(text) <= most else text[: most - 1] + "…"
