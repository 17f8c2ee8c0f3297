"""Lost answers, broken servers and full queues over real HTTP: a run converges, and nothing is there twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from e2e_remote import BUCKET, CREATE, FINALIZE, JOB, LIST, RENDER, STATUS
from e2e_world import World, side_by_side, world

HTML = {"status": 502, "body": "<html><h1>502 Bad Gateway</h1></html>"}
TOO_MANY = {"status": 429, "body": '{"message": "Slow down."}', "headers": {"Retry-After": "1"}}
Runs = Mapping[str, Future[None]]


@dataclass(frozen=True)
class Fault:
    """A call that suffers, what it suffers, and how the remote reads what its document leaves open."""

    call: tuple[str, str]
    do: str
    more: dict[str, Any] = field(default_factory=dict)
    reading: dict[str, Any] = field(default_factory=dict)


READINGS: list[dict[str, Any]] = [
    {"hold_deleted": True},
    {"list_unfinished": False},
    {"list_deleted": True},
    {"unique_empty": True},
    {"url_lag_seconds": 0.5},
    {"foreign_links": True, "page_size": 2},
    {"rate_limit": 20},
]

FAULTS = {
    "create is not answered": Fault(CREATE, "lose"),
    "create is not answered, three times": Fault(CREATE, "lose", {"times": 3}),
    "create is reset": Fault(CREATE, "reset"),
    "create is a bad gateway": Fault(CREATE, "status", HTML),
    "create is refused by rate": Fault(CREATE, "status", TOO_MANY),
    "job is not answered": Fault(JOB, "lose"),
    "create-images is not answered": Fault(RENDER, "lose"),
    "finalize is not answered": Fault(FINALIZE, "lose"),
    "upload is not answered": Fault(BUCKET, "lose"),
    "upload is asked to slow down": Fault(BUCKET, "s3", {"status": 503}),
    "upload form is refused": Fault(BUCKET, "s3", {"status": 403}),
    "status is a bad gateway": Fault(STATUS, "status", HTML),
    "list is a bad gateway": Fault(LIST, "status", HTML),
    "job is a bad gateway": Fault(JOB, "status", HTML),
    "job is refused by rate": Fault(JOB, "status", TOO_MANY),
    "create-images is a bad gateway": Fault(RENDER, "status", HTML),
    **{f"create is not answered, {' '.join(reading)}": Fault(CREATE, "lose", reading=reading) for reading in READINGS},
}


def overcome(world: World, fault: Fault) -> None:
    """By the run itself, not by the next one."""
    world.remote.fault(fault.call, fault.do, **fault.more)
    assert "Apply complete!" in world.apply()
    assert world.remote.fault_used()
    world.assert_as_wanted()


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    with side_by_side(request, tmp_path_factory, FAULTS, overcome, lambda fault: fault.reading) as futures:
        yield futures


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_on_the_way_is_overcome(name: str, runs: Runs) -> None:
    runs[name].result()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def test_a_server_that_stays_broken_is_given_up_and_the_next_run_goes_on(here: World) -> None:
    here.remote.fault(JOB, "status", status=400, body='{"message": "Not today."}', times=99)
    assert "Not today." in here.apply(code=3)
    here.remote.ask("DELETE", "/sandbox/faults")
    here.apply()
    here.assert_as_wanted()


def test_forms_that_expired_while_the_run_was_away_are_made_anew(here: World) -> None:
    here.remote.fault(BUCKET, "s3", status=400, code="EntityTooLarge", times=99)
    here.apply(code=3)
    here.remote.ask("DELETE", "/sandbox/faults")
    here.remote.advance(3601)
    assert "Note: product.LAMP: " in here.apply()
    here.assert_as_wanted()


def test_forms_that_always_expire_end_the_run(tmp_path: Path) -> None:
    """Making the product anew is tried again, but not for ever."""
    with world(tmp_path, form_seconds=-1) as hasty:
        assert "the form has expired" in hasty.apply(code=3)
        assert len(hasty.remote.calls(CREATE)) <= 3 * 3
