"""Every error of catalogsync, in one tree, each with the exit code a shell sees.

CatalogSyncError                 1
  UsageMistakeError              1   options that do not go together, a missing setting
  MissingExtraError              1   an optional dependency is not installed
  ManifestError                  1   the manifest or a file it names is wrong (all problems at once)
  ObservationError               1   the remote could not be read completely: "could not read" is never "absent"
  SavedPlanError                 1   a file is no saved plan, was edited, or is of a newer format
  StalePlanError                 8   what a saved plan was made from is no longer so
  StateError                     1   the state cannot be read or written
    StateLockedError             7   another run holds the state
    StateDamagedError            1   the file is no state any more: cut off, overwritten, not understood
    StorageFullError             1   no space left for the state
  HostingError                   1   GitHub or GitLab refused a report, or has no reviewed plan
  RemoteError                    1   talking to the remote failed
    UnreachableError             1   the request certainly did not arrive
    CreditLimitError             5   not sent: the run has spent the credits it was given
    AnswerLostError              1   it may have arrived: the outcome is unknown
    UnexpectedAnswerError        1   an answer that is not what the API documents
    UploadRefusedError           1   the bucket refused a file
    RefusedError                 1   the API answered with an error status
      InvalidRequestError        1   400 and other 4xx: wrong fields
      CredentialsError           1   401: key or origin
      ForbiddenError             1   403: scope or origin
      NotFoundError              1   404
      CreditsExhaustedError      5   402, or a refusal at zero credits
      RateLimitedError           1   429
        PauseTooLongError        1   it asks for a pause that is longer than a run waits
      ServerFaultError           1   5xx: the outcome of a write is unknown
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class ExitCode(IntEnum):
    """What a process of catalogsync ends with. Stable: scripts depend on it."""

    OK = 0
    ERROR = 1
    CHANGES_PRESENT = 2
    SOME_CHANGES_FAILED = 3
    STILL_PROCESSING = 4
    CREDIT_LIMIT = 5
    GUARD_REFUSED = 6
    STATE_LOCKED = 7
    STALE_PLAN = 8
    INTERRUPTED = 130


class Severity(StrEnum):
    """How bad a problem is: an error stops, a warning is said."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text file. `line` and `column` count from 1; 0 means "the file as a whole"."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the manifest: where, which rule spoke, what is wrong and the way out."""

    place: Place
    rule: str
    message: str
    fix: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{self.place} {self.severity}[{self.rule}] {self.message} ({self.fix})"


class CatalogSyncError(Exception):
    """Base of all our errors. `str()` is the sentence for the user; `hint` is the way out."""

    exit_code = ExitCode.ERROR

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageMistakeError(CatalogSyncError):
    """Options or settings that are missing or do not go together."""


class MissingExtraError(CatalogSyncError):
    """An optional dependency is needed and not installed."""

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs packages that are not installed.",
            hint=f"Install them with: pip install 'catalogsync[{extra}]'",
        )
        self.extra = extra


class ManifestError(CatalogSyncError):
    """The manifest, or files it names, are wrong. Carries every problem found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        errors = sum(problem.severity is Severity.ERROR for problem in problems)
        super().__init__(f"The manifest has {errors} error{'' if errors == 1 else 's'}.")
        self.problems = tuple(problems)


class ObservationError(CatalogSyncError):
    """The remote could not be read completely, so no plan can be made from it."""


class SavedPlanError(CatalogSyncError):
    """A file is no saved plan, is broken or was edited, or has a format that this version does not know."""


class StalePlanError(CatalogSyncError):
    """What a saved plan was made from is no longer so. The message names each row that differs."""

    exit_code = ExitCode.STALE_PLAN


class StateError(CatalogSyncError):
    """The state cannot be read or written."""


class StateLockedError(StateError):
    """Another run holds the state's lock."""

    exit_code = ExitCode.STATE_LOCKED


class StateDamagedError(StateError):
    """The file of the state cannot be trusted any more."""


class StorageFullError(StateError):
    """The disk has no room for the state: no new work is started, what is journalled stays true."""


class HostingError(CatalogSyncError):
    """The code-hosting site refused, was not reached, or lacks what was asked for. `status` is 0 without an answer."""

    def __init__(self, message: str, *, status: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class RemoteError(CatalogSyncError):
    """Talking to the remote failed."""


class UnreachableError(RemoteError):
    """No connection: the request certainly did not reach the remote, nothing was done or charged."""


class CreditLimitError(RemoteError):
    """Not sent, since it would cost more than the run may spend. Nothing was done or charged."""

    exit_code = ExitCode.CREDIT_LIMIT


class AnswerLostError(RemoteError):
    """The request may have reached the remote but no answer came: its outcome is unknown."""


class UnexpectedAnswerError(RemoteError):
    """The remote answered something its API does not document."""


class UploadRefusedError(RemoteError):
    """The bucket refused a file. `code` is S3's own error code, "" when there was none."""

    def __init__(self, message: str, *, status: int, code: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code

    @property
    def form_unusable(self) -> bool:
        """True when this form can never take the file: expired, or its signature is not accepted.

        S3 answers AccessDenied and SignatureDoesNotMatch with 403, but ExpiredToken with 400.
        """
        return self.status == 403 or self.code == "ExpiredToken"  # noqa: PLR2004 - S3's own


class RefusedError(RemoteError):
    """The API answered with an error status.

    `sentences` are the vendor's own, each with the field it speaks of ("" for none).
    """

    def __init__(self, message: str, *, status: int, sentences: Iterable[tuple[str, str]] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.sentences = tuple(sentences)


class InvalidRequestError(RefusedError):
    """400 and other 4xx: the request's fields are wrong. Never retried."""

    def says_taken(self, field: str) -> bool:
        """True when the vendor says that the value of `field` (sku_id or gtin) already exists."""
        words = {"sku_id": ("sku id", "sku_id", "sku"), "gtin": ("gtin",)}[field]
        return any(
            "already exists" in sentence.lower() and (named == field or any(w in sentence.lower() for w in words))
            for named, sentence in self.sentences
        )


class CredentialsError(RefusedError):
    """401: the key is wrong, or the origin is not registered for it."""


class ForbiddenError(RefusedError):
    """403: the key lacks a scope, or the origin is not allowed."""


class NotFoundError(RefusedError):
    """404: no such product, render or page."""


class CreditsExhaustedError(RefusedError):
    """The account has no credits left."""

    exit_code = ExitCode.CREDIT_LIMIT


class RateLimitedError(RefusedError):
    """429. `retry_after` is in seconds, None when the server did not say."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 429,
        sentences: Iterable[tuple[str, str]] = (),
        retry_after: float | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, status=status, sentences=sentences, hint=hint)
        self.retry_after = retry_after


class PauseTooLongError(RateLimitedError):
    """The remote asks to wait longer than a run waits for a call: nothing more is to be sent now."""


class ServerFaultError(RefusedError):
    """5xx: the server failed; whether a write took effect is unknown. `retry_after` is in seconds, None if not told."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        sentences: Iterable[tuple[str, str]] = (),
        retry_after: float | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, status=status, sentences=sentences, hint=hint)
        self.retry_after = retry_after
