"""A Markdown text made to fit: whole lines from its beginning, and a word that something is missing."""

from __future__ import annotations

CUT = "\n\n**The rest is left out: a comment holds no more.** The whole plan is in the saved plan of this run.\n"
_FENCES = ("```", "~~~")


def fitted(text: str, limit: int) -> str:
    """`text`, or as many of its first lines as fit into `limit` characters, with what they opened closed again."""
    if len(text) <= limit:
        return text
    kept: list[str] = []
    fence, details, used = "", 0, 0
    for line in text.splitlines():
        after = _fence_after(fence, line), details + _opened(fence, line)
        if used + len(line) + 1 + len(_closing(*after)) + len(CUT) > limit:
            break
        kept.append(line)
        used += len(line) + 1
        fence, details = after
    return "\n".join(kept) + _closing(fence, details) + CUT


def _closing(fence: str, details: int) -> str:
    return (f"\n{fence}" if fence else "") + "\n\n</details>" * max(details, 0)


def _opened(fence: str, line: str) -> int:
    return 0 if fence else line.count("<details") - line.count("</details>")


def _fence_after(fence: str, line: str) -> str:
    """The fence that is open after this line, "" for none. It is closed by itself alone, at least as long."""
    stripped = line.strip()
    if fence:
        return "" if stripped.startswith(fence) and not stripped.strip(fence[0]) else fence
    for mark in _FENCES:
        if stripped.startswith(mark):
            return stripped[: len(stripped) - len(stripped.lstrip(mark[0]))]
    return ""
