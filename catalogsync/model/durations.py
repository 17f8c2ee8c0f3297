"""How long the remote's jobs take, learned from those that were waited for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, sqrt

RENDER = "render"  # the kind of a scene render; the kinds of content are its outputs' names
KEPT = 64  # samples of each kind: enough for a quantile, few enough to follow a remote that changes
ENOUGH = 3  # fewer samples teach nothing
SHARE = 0.65  # of the jobs are done at the first look: a later look costs time, an earlier one credits
GROWTH = 0.5  # of a job's age passes before a look about which nothing is known
FURTHEST = 2.0  # times its age: one sample that took for ever is no reason to look that late
NEARER = 0.8  # where between the look that saw it running and the one that saw it done a job is taken to have ended

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
    wanted = tuple(kinds)
    if not wanted or any(len(durations.get(kind, ())) < ENOUGH for kind in wanted):
        return None
    return max(_quantile(durations[kind], wanted) for kind in wanted)


def next_look(durations: Durations, kinds: Iterable[str], age: float) -> float:
    """Seconds after the submission at which to look again at a job that still ran at `age`.

    Of jobs that ran so long, most are done then; one that outlasts all that are known is looked at ever more rarely.
    """
    wanted = tuple(kinds)
    longer = [found for kind in wanted if (found := [s for s in durations.get(kind, ()) if s > age])]
    if not longer:
        return age * (1 + GROWTH)
    return min(age * FURTHEST, max(_quantile(samples, wanted) for samples in longer))


def _quantile(samples: Sequence[float], kinds: tuple[str, ...]) -> float:
    """When `SHARE` of jobs with all these kinds are done: their kinds end neither together nor quite independently."""
    share: float = SHARE ** (1 / sqrt(len(kinds)))
    return sorted(samples)[ceil(share * len(samples)) - 1]
