"""When running jobs are looked at: few looks, by what is learned, and scouts where nothing is."""

from __future__ import annotations

import heapq
import math
import random
from dataclasses import replace
from statistics import mean

import pytest

from catalogsync.apply.choices import WaitTiming
from catalogsync.apply.looks import BEHIND, SCOUTS, Looks, ages_of
from catalogsync.model.durations import sample_of, with_sample
from catalogsync.model.outputs import OUTPUTS, Progress
from catalogsync.model.state import ContentBinding, Intent, OutputRecord, RenderBinding, State
from catalogsync.plan.steps import StepKind

TIMING = WaitTiming(initial=20.0, interval=10.0, timeout=1000.0)
WAIT, COLLECT = StepKind.WAIT_CONTENT, StepKind.COLLECT
AR = ("ar",)


def watching(number: int, durations: dict[str, tuple[float, ...]], age: float | None = 0.0) -> Looks:
    looks = Looks(TIMING, durations)
    for index in range(number):
        looks.begin(index, WAIT, AR, 0.0, 1000.0, age=age)
    return looks


def test_where_nothing_is_known_scouts_are_looked_at_and_the_others_wait_for_what_they_teach():
    durations: dict[str, tuple[float, ...]] = {}
    looks = watching(5, durations)
    assert looks.due(20.0) == [(0, WAIT), (1, WAIT), (2, WAIT)]
    for index in range(SCOUTS):
        looks.again(index, WAIT, 20.0)
    assert looks.due(22.5) == []  # the scouts are looked at again at 30, so the others after that
    assert looks.due(30.0) == [(0, WAIT), (1, WAIT), (2, WAIT)]
    durations["ar"] = (24.0, 60.0, 61.0)
    for index in range(SCOUTS):
        looks.ended(index)
    assert looks.due(30.0 + BEHIND * TIMING.interval) == []
    assert looks.next == 60.0
    assert looks.due(60.0) == [(3, WAIT), (4, WAIT)]


def test_a_scout_that_ends_without_teaching_leaves_its_place_to_another():
    looks = watching(4, {})
    looks.due(20.0)
    for index in range(SCOUTS):
        looks.again(index, WAIT, 20.0)
    looks.ended(0)
    assert looks.due(23.0) == [(3, WAIT)]


def test_what_is_known_decides_about_the_first_look_and_never_before_the_configured_time():
    assert watching(9, {"ar": (70.0,) * 3}).next == 70.0
    assert watching(9, {"ar": (7.0,) * 3}).next == TIMING.initial


@pytest.mark.parametrize(
    ("age", "first"),
    [
        pytest.param(50.0, 20.0, id="its first look is still to come"),
        pytest.param(90.0, 10.0, id="its first look was made for the plan"),
        pytest.param(None, 10.0, id="nobody knows when it was submitted"),
    ],
)
def test_a_job_of_an_earlier_run_is_looked_at_in_its_own_time(age: float | None, first: float):
    assert watching(9, {"ar": (70.0,) * 3}, age).next == first


def test_the_age_of_jobs_is_told_by_what_remembers_them():
    at = "2026-11-24T12:00:{:02}+00:00".format
    running, done = Progress.RUNNING, Progress.DONE
    records = {
        "ar": OutputRecord("sha", running, at(10)),
        "silo": OutputRecord("sha", running, at(20)),
        "3d_model_viewer": OutputRecord("sha", done, at(25)),
    }
    state = State(
        "lineage",
        1,
        contents={
            "content.A": ContentBinding("content.A", "a", records),
            "content.B": ContentBinding("content.B", "b", {"ar": OutputRecord("sha", running)}),
        },
        renders={
            name: RenderBinding(name, "1", "mark", ("A",), progress, at(5))
            for name, progress in {"render.room": running, "render.hero": done}.items()
        },
    )
    assert ages_of(state, at(30)) == {"content.A": 10.0, "render.room": 25.0}


def test_a_job_that_was_not_answered_is_as_old_as_its_call():
    calls = [
        Intent("1", "run", "content.A", "submit-job", {}, "2026-01-01T12:00:00Z"),
        Intent("2", "run", "content.A", "submit-job", {}, "2026-01-01T12:00:10Z"),
        Intent("3", "run", "content.B", "submit-job", {}, ""),
        Intent("4", "run", "product.C", "create", {}, "2026-01-01T12:00:00Z"),
    ]
    assert ages_of(State("lineage", 1, intents=tuple(calls)), "2026-01-01T12:00:30Z") == {"content.A": 20.0}


def test_where_looks_cost_nothing_every_job_is_looked_at_at_every_interval():
    looks = Looks(replace(TIMING, frugal=False), {"ar": (70.0,) * 3})
    for index in range(9):
        looks.begin(index, WAIT, AR, 0.0, 1000.0, age=0.0)
    assert len(looks.due(TIMING.initial)) == 9
    looks.again(0, WAIT, 20.0)
    assert looks.due(20.0 + TIMING.interval) == [(0, WAIT)]


def test_the_deadline_has_a_look_whatever_is_known():
    looks = Looks(TIMING, {"ar": (5000.0,) * 3})
    looks.begin(0, WAIT, AR, 0.0, 100.0, age=0.0)
    assert looks.due(100.0) == [(0, WAIT)]


def test_fruits_that_cannot_be_had_yet_are_asked_for_at_the_interval():
    looks = watching(1, {})
    looks.due(20.0)
    looks.again(0, COLLECT, 500.0)
    assert looks.next == 510.0
    assert looks.due(510.0) == [(0, COLLECT)]


def test_nothing_is_due_of_what_ended_or_was_cleared():
    looks = watching(2, {})
    looks.ended(0)
    assert looks.clear() == [1]
    assert looks.next is None


class Remote:
    """Jobs of four outputs around a minute; `together` whether their outputs end at once."""

    def __init__(self, seed: int, sigma: float, *, together: bool) -> None:
        self.chance = random.Random(seed)
        self.sigma = sigma
        self.together = together
        self.durations: dict[str, tuple[float, ...]] = {}

    def took(self) -> dict[str, float]:
        whole = self.chance.lognormvariate(math.log(60.0), self.sigma)
        return {
            name: whole if self.together else self.chance.lognormvariate(math.log(60.0), self.sigma) for name in OUTPUTS
        }

    def run(self, number: int, timing: WaitTiming) -> float:
        """A run that submits so many jobs within ten seconds. Returns how often each was looked at on average."""
        looks, made = Looks(timing, self.durations), 0
        began = sorted((self.chance.uniform(0.0, 10.0), index) for index in range(number))
        jobs = {index: (at, self.took(), set[str]()) for at, index in began}
        running = {index: at for at, index in began}
        heapq.heapify(began)
        while began or looks.next is not None:
            if began and (looks.next is None or began[0][0] <= looks.next):
                now, index = heapq.heappop(began)
                looks.begin(index, WAIT, tuple(OUTPUTS), now, now + timing.timeout, age=0.0)
                continue
            now = looks.next or 0.0
            for index, _ in looks.due(now):
                made += 1
                since, took, done = jobs[index]
                for name in {n for n in OUTPUTS if since + took[n] <= now} - done:
                    done.add(name)
                    sample = sample_of(running[index] - since, now - since)
                    self.durations.update(with_sample(self.durations, name, sample))
                if len(done) == len(OUTPUTS):
                    looks.ended(index)
                else:
                    running[index] = now
                    looks.again(index, WAIT, now)
        return made / number


TIMINGS = [WaitTiming(180.0, 150.0), WaitTiming(30.0, 15.0), WaitTiming(20.0, 10.0), WaitTiming(5.0, 5.0)]


@pytest.mark.parametrize("together", [True, False], ids=["outputs end together", "each on its own"])
@pytest.mark.parametrize("sigma", [0.3, 0.5, 0.8])
@pytest.mark.parametrize("timing", TIMINGS, ids=["default", "30 15", "20 10", "5 5"])
def test_forty_jobs_need_at_most_three_looks_each_before_they_are_known_and_one_and_a_half_after(
    timing: WaitTiming, sigma: float, together: bool
) -> None:
    remotes = [Remote(seed, sigma, together=together) for seed in range(5)]
    first, *later = [mean(remote.run(40, timing) for remote in remotes) for _ in range(6)]
    assert first <= 3.0
    assert mean(later) <= 1.5
