"""What waiting teaches: when the next job of a kind is first looked at."""

from __future__ import annotations

import pytest

from catalogsync.model.durations import KEPT, Durations, first_look, next_look, sample_of, with_sample


@pytest.mark.parametrize(
    ("durations", "kinds", "look"),
    [
        ({}, ("ar",), None),
        ({"ar": (1.0, 2.0)}, ("ar",), None),
        ({"ar": (1.0, 2.0, 3.0)}, ("ar",), 2.0),
        ({"ar": (4.0, 1.0, 3.0, 2.0)}, ("ar",), 3.0),
        ({"ar": (4.0, 1.0, 3.0, 2.0), "silo": (1.0,) * 4}, ("ar", "silo"), 3.0),
        (dict.fromkeys("abcdefghi", (4.0, 1.0, 3.0, 2.0)), tuple("abcdefghi"), 4.0),
        ({"ar": (1.0, 2.0, 3.0), "silo": (5.0, 6.0, 7.0)}, ("ar", "silo"), 7.0),
        ({"ar": (1.0, 2.0, 3.0)}, ("ar", "silo"), None),
        ({"ar": (1.0, 2.0, 3.0)}, (), None),
    ],
    ids=[
        "nothing",
        "not enough",
        "enough",
        "most are done",
        "two kinds",
        "many kinds, of which one may be late",
        "the slowest",
        "one is not known",
        "no job",
    ],
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
    assert sample_of(180.0, 330.0) == 300.0
    assert sample_of(0.0, 200.0) == 160.0


@pytest.mark.parametrize(
    ("samples", "age", "look"),
    [
        ((50.0, 60.0, 70.0, 80.0, 90.0), 65.0, 80.0),
        ((50.0, 60.0, 70.0, 80.0, 90.0), 85.0, 90.0),
        ((50.0, 60.0, 70.0), 70.0, 105.0),
        ((50.0, 60.0, 5000.0), 65.0, 130.0),
        ((), 40.0, 60.0),
    ],
    ids=["most of the longer ones", "the last of them", "longer than any", "an outlier does not count", "unknown"],
)
def test_a_job_that_still_runs_is_looked_at_again_when_most_that_ran_so_long_are_done(
    samples: tuple[float, ...], age: float, look: float
) -> None:
    assert next_look({"ar": samples}, ("ar",), age) == look
