"""What a site answers, taken as documented or refused in words; and the plan that was reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from catalogsync.errors import HostingError

if TYPE_CHECKING:
    from catalogsync.hosting.port import Host


@contextmanager
def understood() -> Iterator[None]:
    """JSON of another shape than the site documents, as a proxy may send it, is a HostingError."""
    try:
        yield
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise HostingError(f"The answer of the site can't be understood ({type(error).__name__}: {error}).") from error


def fetch_reviewed_plan(host: Host, *, artifact: str, file: str) -> bytes:
    """The saved plan of the pull request that this run's commit merged. Raises HostingError."""
    with understood():
        return host.reviewed_plan(artifact, file)
