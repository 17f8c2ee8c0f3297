"""What a code-hosting site has to offer. Each site is one class in a file of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Note:
    """A comment or an issue: its id as the site's paths have it, its text, and whether our token's owner wrote it."""

    id: str
    body: str
    own: bool
    url: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """Where something was posted, and whether it took the place of what was posted before."""

    url: str
    updated: bool


class Thread(Protocol):
    """Comments of one pull request, or the open issues under one label. Every method raises HostingError."""

    def notes(self) -> tuple[Note, ...]:
        """All of them, every page, oldest first."""

    def create(self, title: str, body: str) -> Note:
        """Comments have no title."""

    def update(self, note: Note, title: str, body: str) -> Note: ...

    def close(self, note: Note) -> None:
        """Issues only."""


class Host(Protocol):
    """One project on a code-hosting site."""

    @property
    def limit(self) -> int:
        """Characters that a comment or an issue may have."""

    def comments(self, number: int | None) -> Thread:
        """Comments of a pull or merge request; None: the one that this run belongs to, or that it merged.

        Raises HostingError when there is none.
        """

    def issues(self, label: str) -> Thread: ...

    def reviewed_plan(self, artifact: str, file: str) -> bytes:
        """The saved plan that was made for the pull request which the commit of this run merged.

        `artifact` is the artifact's name (GitHub) or the job's (GitLab), `file` the name inside.
        Raises HostingError when there is no such pull request, run, artifact or file.
        """
