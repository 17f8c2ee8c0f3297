"""What the Zapier host says. Apart from remote.py, since only `feed` and `whoami` ask it."""

from __future__ import annotations

from dataclasses import dataclass

from catalogsync.model.remote import ImageId


@dataclass(frozen=True, slots=True)
class FeedImage:
    """One image of the account-wide Zapier list."""

    id: ImageId
    angle_name: str
    image_name: str
    file: str
    filmic_file: str
    color_pass_file: str
    tags: tuple[str, ...]
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class ZapierAccount:
    """The answer to a token verification."""

    id: ImageId
    name: str
