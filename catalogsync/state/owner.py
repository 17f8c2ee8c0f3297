"""Who holds a lock: a record of its owner with a lease that a heartbeat renews."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

LEASE = timedelta(seconds=60)
_RUN_URL_VARIABLES = ("CI_JOB_URL", "BUILD_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True, slots=True)
class Owner:
    """Times are ISO 8601 in UTC. `machine` tells one kernel from another, `token` one holding from another."""

    token: str
    command: str
    who: str  # user@host
    pid: int
    machine: str
    since: str
    until: str  # the end of the lease
    run_url: str = ""

    def renewed(self, now: str) -> Owner:
        return replace(self, until=_lease_from(now))

    def is_foreign(self) -> bool:
        """Of another machine, about whose processes this machine's kernel knows nothing."""
        return self.machine != machine()

    def has_lease(self, now: str) -> bool:
        return datetime.fromisoformat(now) < datetime.fromisoformat(self.until)

    def described(self, now: str) -> str:
        """The command and, in brackets, its process, since when and for how long it holds, and its page."""
        held = _duration(datetime.fromisoformat(now) - datetime.fromisoformat(self.since))
        run = f", {self.run_url}" if self.run_url else ""
        return f"`{self.command}` (pid {self.pid} on {self.who}, since {self.since}, for {held}{run})"


def new_owner(command: str, now: str) -> Owner:
    """The process that asks, as an owner."""
    import uuid  # a plan holds no lock

    return Owner(
        token=uuid.uuid4().hex,
        command=command,
        who=f"{_user()}{socket.gethostname()}",
        pid=os.getpid(),
        machine=machine(),
        since=now,
        until=_lease_from(now),
        run_url=run_url(os.environ),
    )


def owner_text(owner: Owner) -> str:
    """As JSON. Renewing a lease leaves its length as it is, so that it can be written over in place."""
    return json.dumps(asdict(owner))


def owner_of(text: bytes) -> Owner | None:
    """The owner of a record, None for one that names nobody or is none."""
    try:
        owner = Owner(**json.loads(text))
        datetime.fromisoformat(owner.until) - datetime.fromisoformat(owner.since)
    except (ValueError, TypeError):
        return None
    return owner


def machine() -> str:
    """One value for each running kernel: only within one does its lock say who is alive."""
    with suppress(OSError):
        return _BOOT_ID.read_text().strip()
    return socket.gethostname()


def run_url(environment: Mapping[str, str]) -> str:
    """The page of the CI run that this process belongs to, "" outside of CI."""
    if run_id := environment.get("GITHUB_RUN_ID"):
        server = environment.get("GITHUB_SERVER_URL", "https://github.com")
        return f"{server}/{environment.get('GITHUB_REPOSITORY', '')}/actions/runs/{run_id}"
    return next((environment[name] for name in _RUN_URL_VARIABLES if environment.get(name)), "")


def _user() -> str:
    import getpass

    try:
        return f"{getpass.getuser()}@"
    except (OSError, KeyError):  # a container may run as a user without a name
        return ""


def _lease_from(now: str) -> str:
    end = datetime.fromisoformat(now) + LEASE
    return end.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _duration(held: timedelta) -> str:
    seconds = max(0, int(held.total_seconds()))
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size), _UNITS[-1])
    count = seconds // size
    return f"{count} {unit}{'' if count == 1 else 's'}"
