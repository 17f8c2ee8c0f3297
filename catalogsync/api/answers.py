"""An answer of the remote before anything is believed about it: status, headers, body, and the sentences in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Sentence = tuple[str, str]  # the field it speaks of ("" for none), and the vendor's words

_MOST_SENTENCES = 20
_LONGEST_SENTENCE = 500
_SPOKEN = ("message", "error", "detail")
_NOT_FIELDS = frozenset({*_SPOKEN, "errors", "non_field_errors", "__all__"})
_ENVELOPE = frozenset({"status", "data", "api_hits_available"})
_WHOLE_NUMBER = re.compile(r"-?\d{1,18}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any | None:
        """The body as JSON, None when it is anything else (HTML, empty, cut off)."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def succeeded(self) -> bool:
        """200, 201, 202 and 204 are all success."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the class of HTTP successes


def credits_of(payload: Any) -> int | None:
    """`api_hits_available` of an answer, a number or a numeric string; None when it is not told."""
    told = payload.get("api_hits_available") if isinstance(payload, dict) else None
    if isinstance(told, str) and _WHOLE_NUMBER.fullmatch(told.strip()):
        return int(told)
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    return int(told) if told == told and abs(told) < 10**18 else None  # noqa: PLR0124 - false for NaN alone


def sentences_of(payload: Any) -> tuple[Sentence, ...]:
    """Every sentence of an error answer with its field: a string, lists, dicts of them, nested and mixed."""
    if not isinstance(payload, dict):
        return tuple(_flat("", payload))[:_MOST_SENTENCES]
    spoken = {name: payload[name] for name in _SPOKEN if payload.get(name)}
    others = {name: value for name, value in payload.items() if name not in _ENVELOPE}
    return tuple(_flat("", spoken or others))[:_MOST_SENTENCES]


def in_words(sentences: tuple[Sentence, ...]) -> str:
    """The sentences as one line: `sku_id: Already exists. gtin: Invalid.`"""
    said = (f"{field}: {text}" if field else text for field, text in sentences)
    return " ".join(line if line.endswith((".", "!", "?")) else f"{line}." for line in said)


def flattened(text: str) -> str:
    """Text of others for a terminal: one line, no control characters, of bearable length."""
    flat = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return flat if len(flat) <= _LONGEST_SENTENCE else f"{flat[:_LONGEST_SENTENCE]}…"


def _flat(field: str, value: Any) -> Iterator[Sentence]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(_below(field, str(name)), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _flat(field, inner)
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and (text := flattened(str(value))):
        yield flattened(field), text


def _below(field: str, name: str) -> str:
    if name in _NOT_FIELDS:
        return field
    return f"{field}.{name}" if field else name
