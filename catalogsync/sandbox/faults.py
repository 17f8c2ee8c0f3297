"""Scripted faults: which request is to suffer what, and how often. Pure, apart from counting down.

A rule is what `POST /sandbox/faults` takes (see docs/sandbox.md); the first matching rule of a request is used.
"""

from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

ACTS = ("status", "lose", "reset", "delay", "s3")
S3_CODES = {400: "RequestTimeout", 403: "AccessDenied", 500: "InternalError", 503: "SlowDown"}


@dataclass(slots=True)
class Rule:
    """One fault. `method` and `path` are shell patterns; `after` matching requests pass first, then `times` suffer."""

    do: str
    method: str = "*"
    path: str = "*"
    times: int = 1
    after: int = 0
    status: int = 503
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    code: str = ""

    def matches(self, method: str, path: str) -> bool:
        return self.times > 0 and fnmatchcase(method, self.method) and fnmatchcase(path, self.path)


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
        return [asdict(rule) for rule in self._rules if rule.times > 0]

    def take(self, method: str, path: str) -> Rule | None:
        """The fault that this request is to suffer, counted as used."""
        for rule in self._rules:
            if not rule.matches(method, path):
                continue
            if rule.after > 0:
                rule.after -= 1
                continue
            rule.times -= 1
            return rule
        return None


def read_rule(rule: object) -> Rule:
    if not isinstance(rule, dict):
        raise TypeError("rules: each rule is an object")
    match = rule.get("match", {})
    fields = {**{name: value for name, value in rule.items() if name != "match"}, **match}
    unknown = sorted(set(fields) - set(Rule.__dataclass_fields__))
    if unknown:
        raise ValueError(f"rules: unknown {', '.join(unknown)}")
    if fields.get("do") not in ACTS:
        raise ValueError(f"rules: do is one of {', '.join(ACTS)}")
    return Rule(**fields)
