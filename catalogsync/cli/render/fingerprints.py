"""Names for problems that stay the same when lines move, so that a code host knows one again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256

from catalogsync.errors import Place, Problem

_POSITION = re.compile(r":\d+:\d+\b|\bline \d+\b")  # of another place that a message names


def fingerprints(problems: Sequence[Problem], places: Sequence[Place]) -> Iterator[str]:
    """SHA-256 in hex of rule, file and message; problems that agree in these are told apart by their order."""
    met: Counter[tuple[str, str, str]] = Counter()
    for problem, place in zip(problems, places, strict=True):
        what = (problem.rule, place.file, _POSITION.sub("", problem.message))
        met[what] += 1
        yield sha256("\0".join((*what, str(met[what]))).encode("utf-8", "surrogatepass")).hexdigest()
