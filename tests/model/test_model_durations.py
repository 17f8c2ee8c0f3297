"""What waiting teaches: when the next job of a kind is first looked at."""

from __future__ import annotations

import random

import pytest

from catalogsync.model.durations import ENOUGH, KEPT, Durations, first_look, sample_of, with_sample

FLOOR, INTERVAL = 180.0, 150.0


@pytest.mark.parametrize(
    ("durations", "kinds", "look"),
    [
        ({}, ("ar",), None),
        ({"ar": (1.0, 2.0)}, ("ar",), None),
        ({"ar": (1.0, 2.0, 3.0)}, ("ar",), 3.0),
        ({"ar": (4.0, 1.0, 3.0, 2.0)}, ("ar",), 3.0),
        ({"ar": (1.0, 2.0, 3.0), "silo": (5.0, 6.0, 7.0)}, ("ar", "silo"), 7.0),
        ({"ar": (1.0, 2.0, 3.0)}, ("ar", "silo"), None),
        ({"ar": (1.0, 2.0, 3.0)}, (), None),
    ],
    ids=["nothing", "not enough", "enough", "three of four are done", "the slowest", "one is not known", "no job"],
)
def test_the_first_look_is_when_most_jobs_are_done(
    durations: Durations, kinds: tuple[str, ...], look: float | None
) -> None:
    assert first_look(durations, kinds) == look


def test_only_the_latest_samples_count() -> None:
    durations: Durations = {}
    for seconds in [1000.0] * KEPT + [10.0] * KEPT:
        durations = with_sample(durations, "ar", seconds)
    assert durations == {"ar": (10.0,) * KEPT}


def test_a_job_ended_between_the_last_look_that_saw_it_running_and_the_first_that_saw_it_done() -> None:
    assert sample_of(180.0, 330.0) == 315.0
    assert sample_of(0.0, 200.0) == 180.0


def looks_at(durations: Durations, took: float) -> tuple[int, float]:
    """Waiting for one job as the schedule does: how many looks, and the sample."""
    running, at, looks = 0.0, max(FLOOR, first_look(durations, ("ar",)) or 0.0), 1
    while at < took:
        running, at, looks = at, at + INTERVAL, looks + 1
    return looks, sample_of(running, at)


@pytest.mark.parametrize("typical", [60.0, 200.0, 400.0, 900.0])
def test_once_learned_a_job_is_looked_at_less_than_one_and_a_half_times(typical: float) -> None:
    chance = random.Random(7)
    durations: Durations = {}
    looks = []
    for _ in range(20):  # runs of ten products: all of a run are scheduled with what earlier runs taught
        told = [looks_at(durations, typical * chance.lognormvariate(0, 0.25)) for _ in range(10)]
        for number, sample in told:
            durations = with_sample(durations, "ar", sample)
            looks.append(number)
    learned = looks[10 * ENOUGH :]
    assert sum(learned) / len(learned) <= 1.5
