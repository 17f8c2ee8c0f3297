"""The expressions of GitHub workflows, as far as ours use them: paths, strings, ==, !=, &&, ||, !, status functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

TOKEN = re.compile(r"\s*(?:(&&|\|\||==|!=|!|\(|\))|'((?:[^']|'')*)'|([A-Za-z_][\w.-]*))")
Contexts = Mapping[str, Any]


def interpolated(text: str, contexts: Contexts) -> str:
    """A string of a workflow with its `${{ }}` replaced."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: _text(evaluated(found[1], contexts)), text, flags=re.DOTALL)


def holds(condition: str | None, contexts: Contexts) -> bool:
    """An `if:`. Without a status function it holds only as long as nothing failed."""
    text = re.sub(r"^\s*\$\{\{(.*)\}\}\s*$", r"\1", condition or "success()")
    alone = not re.search(r"\b(always|failure|success|cancelled)\(\)", text)
    return (not alone or contexts["status"] == "success") and bool(evaluated(text, contexts))


def evaluated(text: str, contexts: Contexts) -> Any:
    tokens, at = [], 0
    while text[at:].strip():
        found = TOKEN.match(text, at)
        assert found, f"an expression that the stand-in does not know: {text}"
        tokens.append((found[1], found[2], found[3]))
        at = found.end()
    value, rest = _either(tokens, contexts)
    assert not rest, text
    return value


Tokens = list[tuple[str | None, str | None, str | None]]
Parser = Callable[[Tokens, Contexts], tuple[Any, Tokens]]


def _either(tokens: Tokens, contexts: Contexts) -> tuple[Any, Tokens]:
    return _chain(tokens, contexts, "||", _both, lambda left, right: left or right)


def _both(tokens: Tokens, contexts: Contexts) -> tuple[Any, Tokens]:
    return _chain(tokens, contexts, "&&", _compared, lambda left, right: left and right)


def _chain(
    tokens: Tokens, contexts: Contexts, sign: str, part: Parser, join: Callable[[Any, Any], Any]
) -> tuple[Any, Tokens]:
    value, tokens = part(tokens, contexts)
    while tokens and tokens[0][0] == sign:
        right, tokens = part(tokens[1:], contexts)
        value = join(value, right)
    return value, tokens


def _compared(tokens: Tokens, contexts: Contexts) -> tuple[Any, Tokens]:
    left, tokens = _single(tokens, contexts)
    if not tokens or tokens[0][0] not in {"==", "!="}:
        return left, tokens
    sign = tokens[0][0]
    right, tokens = _single(tokens[1:], contexts)
    same = _text(left).lower() == _text(right).lower()
    return same if sign == "==" else not same, tokens


def _single(tokens: Tokens, contexts: Contexts) -> tuple[Any, Tokens]:
    sign, string, name = tokens[0]
    if sign == "!":
        value, rest = _single(tokens[1:], contexts)
        return not value, rest
    if sign == "(":
        value, rest = _either(tokens[1:], contexts)
        return value, rest[1:]
    if string is not None:
        return string.replace("''", "'"), tokens[1:]
    assert name
    if len(tokens) > 2 and tokens[1][0] == "(" and tokens[2][0] == ")":
        return _status(name, contexts["status"]), tokens[3:]
    return _looked_up(name, contexts), tokens[1:]


def _status(function: str, status: str) -> bool:
    return {"always": True, "success": status == "success", "failure": status == "failure", "cancelled": False}[
        function
    ]


def _looked_up(path: str, contexts: Contexts) -> Any:
    if path in {"true", "false"}:
        return path == "true"
    value: Any = contexts
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
