"""The kinds of output the remote makes from a product, one row each. A new kind is a new row.

Source of names: the vendor's API document, "Create Product Content Job", "Get Product Content Status" and
"Get Shared Content".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class OutputKind:
    """How one output is called in the manifest, in a job request, in a status and in shared content."""

    name: str
    req_type: str
    image_type: str | None
    status_field: str
    content_field: str
    listed: bool  # its status is a list of images, not one word
    label: str


OUTPUT_KINDS: tuple[OutputKind, ...] = (
    OutputKind("3d_model_viewer", "3d_model_viewer", None, "product_3d_status", "product_3d", False, "3D viewer"),
    OutputKind("ar", "ar", None, "product_ar_status", "product_ar", False, "AR"),
    OutputKind(
        "360_degree_spin",
        "360_degree_spin",
        None,
        "product_threesixty_status",
        "product_threesixty",
        True,
        "360° spin",
    ),
    OutputKind(
        "silo",
        "Product Image",
        "silo",
        "product_silo_images_status",
        "product_silo_images",
        True,
        "silo images",
    ),
)
OUTPUTS: dict[str, OutputKind] = {kind.name: kind for kind in OUTPUT_KINDS}
SILO = "silo"


class Progress(StrEnum):
    """How far an output or image is. The last four are final."""

    NONE = "none"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INFECTED = "infected"
    DISABLED = "disabled"

    @property
    def final(self) -> bool:
        return self in _FINAL


_FINAL = frozenset({Progress.DONE, Progress.FAILED, Progress.INFECTED, Progress.DISABLED})
_WORDS = {
    "done": Progress.DONE,
    "failed": Progress.FAILED,
    "infected": Progress.INFECTED,
    "disabled": Progress.DISABLED,
}
_DOCUMENTED = frozenset({*_WORDS, "not done", "processing", "blender processing"})


def progress_of_word(word: str | None) -> Progress:
    """A status word of the remote as progress. None is "never requested"; an unknown word is in progress."""
    if word is None:
        return Progress.NONE
    return _WORDS.get(word.strip().lower(), Progress.RUNNING)


def unknown_words(said: str) -> tuple[str, ...]:
    """Of status words as they are told (one, or several with commas): those that the API does not document."""
    words = (word.strip() for word in said.split(","))
    return tuple(dict.fromkeys(word for word in words if word and word.lower() not in _DOCUMENTED))


def progress_of_images(images: Sequence[Progress] | None) -> Progress:
    """The progress of a list-valued output.

    None is "never requested"; an empty list after a job is still running; it is done when every image is final and
    at least one is Done, and failed (or infected, disabled) when all ended otherwise.
    """
    if images is None:
        return Progress.NONE
    if not images or not all(image.final for image in images):
        return Progress.RUNNING
    if Progress.DONE in images:
        return Progress.DONE
    return images[0] if len(set(images)) == 1 else Progress.FAILED
