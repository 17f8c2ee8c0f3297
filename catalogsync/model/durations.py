"""How long the remote's jobs take, learned from those that were waited for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil

RENDER = "render"  # the kind of a scene render; the kinds of content are its outputs' names
KEPT = 64  # samples of each kind: enough for a quantile, few enough to follow a remote that changes
ENOUGH = 3  # fewer samples teach nothing
SHARE = 0.75  # of the jobs of a kind are done at the first look: a later look costs time, an earlier one credits
NEARER = 0.9  # where between the look that saw it running and the one that saw it done a job is taken to have ended

Durations = Mapping[str, tuple[float, ...]]


def with_sample(durations: Durations, kind: str, seconds: float) -> dict[str, tuple[float, ...]]:
    """The durations with one more, the oldest ones of its kind forgotten."""
    return {**durations, kind: (*durations.get(kind, ()), seconds)[-KEPT:]}


def sample_of(running_at: float, done_at: float) -> float:
    """Seconds that a job took which was seen running at one time after its submission and done at another.

    It ended somewhere between. Taking it to be a little before the later look lets the first looks of later jobs
    creep towards the true time, wherever they began.
    """
    return running_at + NEARER * (done_at - running_at)


def first_look(durations: Durations, kinds: Iterable[str]) -> float | None:
    """Seconds after the submission at which to look first, None while one of these kinds is not known enough."""
    looks = []
    for kind in kinds:
        samples = sorted(durations.get(kind, ()))
        if len(samples) < ENOUGH:
            return None
        looks.append(samples[ceil(SHARE * len(samples)) - 1])
    return max(looks, default=None)
