"""The settings that can be changed while a sandbox runs, until it ends or its faults are cleared."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catalogsync.sandbox.settings import SandboxSettings

SWITCHES = ("hold_deleted", "list_unfinished", "list_deleted", "unique_empty", "foreign_links")
CHOICES = {"origin_status": (401, 403), "no_credits_status": (402, 403, 429)}
AMOUNTS = ("job_seconds", "url_lag_seconds")
COUNTS = {"form_seconds": 0, "page_size": 1, "max_upload_bytes": 1, "grace_days": 0, "media_days": 0}
LIMITS = ("rate_limit",)
CHANGEABLE = (*SWITCHES, *CHOICES, *AMOUNTS, *COUNTS, *LIMITS)
MOST = 2**53


def changed(settings: SandboxSettings, values: Mapping[str, Any]) -> SandboxSettings:
    """The settings with other values for some variants. Raises ValueError naming what is wrong."""
    for name, value in values.items():
        if name not in CHANGEABLE:
            raise ValueError(f"{name} cannot be changed while the sandbox runs; {', '.join(CHANGEABLE)} can")
        check(name, value)
    return replace(settings, **values)


def shown(settings: SandboxSettings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in CHANGEABLE}


def check(name: str, value: object) -> None:
    """Raise ValueError unless this is a value for the variant."""
    if name in SWITCHES and not isinstance(value, bool):
        raise ValueError(f"{name} is true or false")
    if name in CHOICES and (type(value) is not int or value not in CHOICES[name]):
        raise ValueError(f"{name} is one of {', '.join(map(str, CHOICES[name]))}")
    if name in AMOUNTS and not (type(value) in (int, float) and is_within(value, 0)):
        raise ValueError(f"{name} is a number, not negative")
    if name in COUNTS and not (type(value) is int and is_within(value, COUNTS[name])):
        raise ValueError(f"{name} is an integer, at least {COUNTS[name]}")
    if name in LIMITS and value is not None and not (type(value) is int and is_within(value, 0)):
        raise ValueError(f"{name} is a number of calls, or null")


def is_within(value: object, least: int) -> bool:
    return isinstance(value, int | float) and least <= value <= MOST
