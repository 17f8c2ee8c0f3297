"""Status words from times: what a job or an image shows `now`. Pure.

A job passes through its states between `accepted_at` and `due_at`; it ends there with the outcome that the worker
wrote ("Done", "Failed" or "Infected"), or waits for the worker in the last state before the end. An outcome that a
fault wrote beforehand may be any word.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any

Timed = sqlite3.Row | Mapping[str, Any]

NEVER = ""
QUEUED_UNTIL = 0.2
BLENDER_FROM = 0.6
IMAGES_FROM = 0.6


def progress(timed: Timed, now: float) -> float:
    """How much of the time from acceptance to due has passed; at least 1 when due."""
    span = timed["due_at"] - timed["accepted_at"]
    return 1.0 if span <= 0 else float((now - timed["accepted_at"]) / span)


def viewer_status(timed: Timed, now: float) -> str:
    """The status of a 3D viewer or AR job, which pass through one state more than images."""
    status = image_status(timed, now)
    return "Blender Processing" if status == "Processing" and progress(timed, now) >= BLENDER_FROM else status


def image_status(timed: Timed, now: float) -> str:
    """The status of an image or a 360 spin."""
    part = progress(timed, now)
    if part >= 1 and timed["outcome"]:
        return str(timed["outcome"])
    return "Not Done" if part < QUEUED_UNTIL else "Processing"


def is_listed(timed: Timed, now: float) -> bool:
    """Whether a list-valued status shows this entry already: right after acceptance the list is empty."""
    return timed["outcome"] != NEVER and progress(timed, now) >= QUEUED_UNTIL


def has_urls(timed: Timed, now: float, lag: float) -> bool:
    """Whether the URLs of a job or an image are given out: it is Done, and has been for `lag` seconds."""
    return image_status(timed, now) == "Done" and now >= timed["due_at"] + lag


def image_due(accepted_at: float, job_seconds: float, position: int, count: int) -> float:
    """When the image at `position` (from 0) of `count` is due: one after another, the last with the job."""
    return accepted_at + job_seconds * (IMAGES_FROM + (1 - IMAGES_FROM) * (position + 1) / count)
