"""How far an output is, from the remote's words."""

from __future__ import annotations

import pytest

from catalogsync.model.outputs import (
    OUTPUT_KINDS,
    OUTPUTS,
    Progress,
    progress_of_images,
    progress_of_word,
    unknown_words,
)

NONE, RUNNING, DONE = Progress.NONE, Progress.RUNNING, Progress.DONE
FAILED, INFECTED, DISABLED = Progress.FAILED, Progress.INFECTED, Progress.DISABLED


@pytest.mark.parametrize(
    ("word", "progress"),
    [
        (None, NONE),
        ("", RUNNING),
        ("Pending", RUNNING),
        ("Processing", RUNNING),
        ("a word of next year", RUNNING),
        ("Done", DONE),
        (" DONE ", DONE),
        ("Failed", FAILED),
        ("infected", INFECTED),
        ("Disabled", DISABLED),
    ],
)
def test_a_word_is_progress_and_an_unknown_one_is_not_taken_for_an_end(word: str | None, progress: Progress) -> None:
    assert progress_of_word(word) is progress


@pytest.mark.parametrize(
    ("images", "progress"),
    [
        (None, NONE),
        ([], RUNNING),
        ([RUNNING], RUNNING),
        ([DONE, RUNNING], RUNNING),
        ([DONE, NONE], RUNNING),
        ([FAILED, RUNNING], RUNNING),
        ([DONE], DONE),
        ([DONE, DONE], DONE),
        ([FAILED, DONE], DONE),
        ([DONE, INFECTED, DISABLED], DONE),
        ([FAILED], FAILED),
        ([INFECTED, INFECTED], INFECTED),
        ([DISABLED], DISABLED),
        ([INFECTED, DISABLED], FAILED),
    ],
)
def test_a_list_is_done_when_all_ended_and_one_is_done(images: list[Progress] | None, progress: Progress) -> None:
    assert progress_of_images(images) is progress


@pytest.mark.parametrize("progress", Progress)
def test_all_but_never_requested_and_running_are_final(progress: Progress) -> None:
    assert progress.final == (progress not in {NONE, RUNNING})


def test_names_of_outputs_are_unique_in_every_place_they_are_used() -> None:
    assert list(OUTPUTS) == [kind.name for kind in OUTPUT_KINDS]
    for column in ("name", "req_type", "status_field", "content_field", "label"):
        assert len({getattr(kind, column) for kind in OUTPUT_KINDS}) == len(OUTPUT_KINDS)


@pytest.mark.parametrize(
    ("said", "unknown"),
    [
        ("", ()),
        ("Done", ()),
        ("Blender Processing, Not Done, processing", ()),
        ("Done, Paused, Held, Paused", ("Paused", "Held")),
    ],
)
def test_words_that_the_api_does_not_document_are_told_apart(said, unknown):
    assert unknown_words(said) == unknown
