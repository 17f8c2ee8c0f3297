"""Scripted faults: which request is to suffer what, and how often. Pure, apart from counting down.

A rule is what `POST /sandbox/faults` takes (see docs/sandbox.md); the first matching rule of a request is used.
"""

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from types import NoneType
from typing import Any

ACTS = ("status", "lose", "reset", "cut", "delay", "s3", "outcome", "shift")
PLAYED_BY_HANDLERS = ("outcome", "shift")
S3_CODES = {400: "RequestTimeout", 403: "AccessDenied", 500: "InternalError", 503: "SlowDown"}
MATCHES = ("method", "path", "query")
NUMBERS = {"times": (int, NoneType), "after": (int,), "status": (int,), "seconds": (int, float), "share": (int, float)}
STATUSES = range(200, 600)


@dataclass(slots=True)
class Rule:
    """One fault. `method`, `path` and `query` are shell patterns; `after` matching requests pass first, then `times`
    suffer (None: all), of which only a `share` does, drawn by `seed`.
    """

    do: str
    name: str = ""
    method: str = "*"
    path: str = "*"
    query: str = "*"
    times: int | None = 1
    after: int = 0
    share: float = 1.0
    seed: int = 0
    status: int = 503
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    code: str = ""
    outcome: str = "Failed"
    by: int = 1
    drawn: int = field(default=0, repr=False)

    def matches(self, method: str, path: str, query: str) -> bool:
        met = fnmatchcase(method, self.method) and fnmatchcase(path, self.path) and fnmatchcase(query, self.query)
        return met and self.is_left()

    def is_left(self) -> bool:
        return self.times is None or self.times > 0

    def hits(self) -> bool:
        """Count a matching request, and say whether it is one that suffers. The same seed draws the same ones."""
        if self.after > 0:
            self.after -= 1
            return False
        if self.share < 1:
            self.drawn += 1
            if random.Random(f"{self.seed}:{self.drawn}").random() >= self.share:  # noqa: S311 - chance, no secret
                return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """The rules in force, in the order they were given."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def add(self, rules: object) -> None:
        """Take `{"rules": [...]}`'s list. Raises TypeError or ValueError naming what is wrong; then none is taken."""
        if not isinstance(rules, list):
            raise TypeError("rules: a list is required")
        self._rules += [read_rule(rule) for rule in rules]

    def clear(self) -> None:
        self._rules = []

    def as_json(self) -> list[dict[str, Any]]:
        """The rules with what is left of `times` and `after`."""
        shown = [asdict(rule) for rule in self._rules if rule.is_left()]
        return [{name: value for name, value in rule.items() if name != "drawn"} for rule in shown]

    def take(self, method: str, path: str, query: str = "") -> Rule | None:
        """The fault that this request is to suffer, counted as used."""
        return next((rule for rule in self._rules if rule.matches(method, path, query) and rule.hits()), None)


def read_rule(rule: object) -> Rule:
    """A rule from JSON. Raises TypeError or ValueError naming what is wrong."""
    if not isinstance(rule, dict) or not isinstance(rule.get("match", {}), dict):
        raise TypeError("rules: each rule is an object, and so is its match")
    given = {**{name: value for name, value in rule.items() if name != "match"}, **rule.get("match", {})}
    unknown = sorted(set(given) - {one.name for one in fields(Rule)} | set(given) & {"drawn"})
    if unknown:
        raise ValueError(f"rules: unknown {', '.join(unknown)}")
    if given.get("do") not in ACTS:
        raise ValueError(f"rules: do is one of {', '.join(ACTS)}")
    if "share" in given:
        # Of a share one wants to see many: without a number it goes on.
        given.setdefault("times", None)
    check_values(given)
    return Rule(**given)


def check_values(given: Mapping[str, Any]) -> None:
    """Every value of a rule is of its kind and in its range."""
    for name, kinds in NUMBERS.items():
        value = given.get(name, 0)
        if type(value) not in kinds or (value is not None and not 0 <= value < float("inf")):
            raise ValueError(f"rules: {name} is a number, not negative")
    for name in ("name", *MATCHES, "body", "code", "outcome"):
        if not isinstance(given.get(name, ""), str):
            raise TypeError(f"rules: {name} is a text")
    for name in ("seed", "by"):
        if type(given.get(name, 0)) is not int:
            raise TypeError(f"rules: {name} is an integer")
    if given.get("share", 1) > 1:
        raise ValueError("rules: share is between 0 and 1")
    if given.get("status", 500) not in STATUSES:
        raise ValueError("rules: status is between 200 and 599")
    headers = given.get("headers", {})
    if not isinstance(headers, dict) or not all(isinstance(part, str) for pair in headers.items() for part in pair):
        raise TypeError("rules: headers is an object of texts")
