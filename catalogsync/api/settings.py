"""What a client needs to know, and what its calls cost so far. Keys are never part of a repr."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from catalogsync.errors import CreditLimitError, UsageMistakeError
from catalogsync.model.calls import CallWatcher, unwatched
from catalogsync.model.charges import charge


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Hosts, keys and limits. Times are in seconds; keys are shown by no repr."""

    url: str = "https://api.imagine.io"
    zapier_url: str = "https://prod.imagine.io"
    origin: str = ""
    secret_key: str = field(default="", repr=False)
    public_key: str = field(default="", repr=False)
    zapier_token: str = field(default="", repr=False)
    connections: int = 8
    upload_connections: int = 4
    attempts: int = 5  # tries of an idempotent call
    backoff: float = 0.5  # first pause; doubled, jittered, at most 30
    longest_pause: float = 600.0  # that a call waits when the remote says how long; it ends with an error beyond it
    max_credits: int | None = None  # what all calls of one client may cost, None for any number
    on_call: CallWatcher = field(default=unwatched, repr=False)  # is told of every try and pause; must not raise


class CreditMeter:
    """Counts what the calls of one client cost, and holds it to a limit.

    `spent` counts answered API calls, whatever their status ("each API hit deducts one credit"); `available` is the
    balance after the last call, None before an answer told one. Answers overtake each other, so of calls that are
    under way together the lowest balance is the one after all of them.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.spent = 0
        self.available: int | None = None
        self._limit = limit
        self._under_way = 0
        self._alone = True  # no answer came yet since the last time that nothing was under way

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """The credit of one call while it is under way. Raises CreditLimitError when none is left for it."""
        if self._limit is not None and self.spent + self._under_way >= self._limit:
            raise CreditLimitError(
                f"The limit of {self._limit} credits for this run is reached.",
                hint="Apply again with a higher --max-credits: it goes on from here.",
            )
        self._alone = self._alone or self._under_way == 0
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def note(self, available: int | None, operation: str) -> None:
        """A call of this operation was answered; `available` is the balance it told, None when it told none."""
        self.spent += 1
        charge(1, operation)
        if available is not None:
            known = available if self._alone or self.available is None else self.available
            self.available = min(available, known)
            self._alone = False

    def __repr__(self) -> str:
        return f"CreditMeter(spent={self.spent}, available={self.available})"


def base_of(url: str, variable: str) -> str:
    """A configured base URL without its trailing slash. Raises UsageMistakeError, naming the variable."""
    text = url.strip()
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    else:
        usable = usable and not (parts.username or parts.password or parts.query or parts.fragment)
    if not usable:
        raise UsageMistakeError(
            f"{variable} is not a URL that can be called.",
            hint="Write it as https://host or https://host/path: no user, password, query or fragment.",
        )
    return text.rstrip("/")


def header_value(value: str, variable: str) -> str:
    """A setting that goes into a header. Raises UsageMistakeError naming the variable, never the value."""
    text = value.strip()
    if not text:
        raise UsageMistakeError(f"{variable} is not set.", hint=f"Set {variable} in the environment.")
    if not (text.isascii() and text.isprintable()):
        raise UsageMistakeError(
            f"{variable} contains characters that no HTTP header can carry.",
            hint=f"Copy the value again and set {variable} to it: one line, plain ASCII.",
        )
    return text


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a call speaks as: the headers it sends, and how messages name them without telling a key."""

    headers: Mapping[str, str] = field(repr=False)
    key_name: str  # "public key", "secret key" or "Zapier token"
    variables: str  # where a wrong one is corrected
    origin: str
    secrets: tuple[str, ...] = field(default=(), repr=False)  # never to be shown, even when the remote echoes them

    @property
    def label(self) -> str:
        """`the secret key or the origin "example.com"`."""
        return f'the {self.key_name} or the origin "{self.origin}"' if self.origin else f"the {self.key_name}"

    def redact(self, text: str) -> str:
        """`text` without our keys, should the remote have echoed one."""
        for secret in self.secrets:
            text = text.replace(secret, f"<{self.key_name}>")
        return text


def writer(settings: ApiSettings) -> Identity:
    """The identity of calls that change something: the secret key. Raises UsageMistakeError when it is missing."""
    key = header_value(settings.secret_key, "CATALOGSYNC_SECRET_KEY")
    return _api_identity(settings, key, "secret key", "CATALOGSYNC_SECRET_KEY")


def reader(settings: ApiSettings) -> Identity:
    """The identity of reads: the public key when there is one, so that reading needs no power to write."""
    if settings.public_key.strip():
        key = header_value(settings.public_key, "CATALOGSYNC_PUBLIC_KEY")
        return _api_identity(settings, key, "public key", "CATALOGSYNC_PUBLIC_KEY")
    if settings.secret_key.strip():
        return writer(settings)
    raise UsageMistakeError(
        "There is no API key: neither CATALOGSYNC_PUBLIC_KEY nor CATALOGSYNC_SECRET_KEY is set.",
        hint="Set CATALOGSYNC_PUBLIC_KEY to read, and CATALOGSYNC_SECRET_KEY to write as well.",
    )


def refuse_without_writer(settings: ApiSettings) -> None:
    """Raises UsageMistakeError when calls that change something cannot be made: better before the first call."""
    if settings.public_key.strip() and not settings.secret_key.strip():
        raise UsageMistakeError(
            "Only the public key is set, which can read but change nothing: set CATALOGSYNC_SECRET_KEY to apply.",
            hint="`catalogsync plan` needs no more than the public key.",
        )
    writer(settings)


def zapier(settings: ApiSettings, *, needed: bool = True) -> Identity:
    """The identity of the Zapier host: a token and no Origin. Without `needed` a missing token is no mistake."""
    if not needed and not settings.zapier_token.strip():
        return Identity({}, "Zapier token", "CATALOGSYNC_ZAPIER_TOKEN", "")
    token = header_value(settings.zapier_token, "CATALOGSYNC_ZAPIER_TOKEN")
    headers = {"Authorization": f"Zapier {token}"}
    return Identity(headers, "Zapier token", "CATALOGSYNC_ZAPIER_TOKEN", "", (token,))


def _api_identity(settings: ApiSettings, key: str, key_name: str, variable: str) -> Identity:
    origin = header_value(settings.origin, "CATALOGSYNC_ORIGIN")
    headers = {"Authorization": f"Imagine-key {key}", "Origin": origin}
    return Identity(headers, key_name, f"{variable} and CATALOGSYNC_ORIGIN", origin, (key,))
