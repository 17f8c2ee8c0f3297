"""Status words from times, and verdicts on models: pure."""

import re
from pathlib import Path
from typing import Any

import pytest

from catalogsync.sandbox import states
from catalogsync.sandbox.models import SIGNATURES, judge


def timed(outcome: str | None = "Done", due_at: float = 100.0) -> dict[str, Any]:
    return {"accepted_at": 0.0, "due_at": due_at, "outcome": outcome}


@pytest.mark.parametrize(
    ("now", "outcome", "viewer", "image", "listed"),
    [
        (0, None, "Not Done", "Not Done", False),
        (19, "Done", "Not Done", "Not Done", False),
        (20, "Done", "Processing", "Processing", True),
        (60, "Done", "Blender Processing", "Processing", True),
        (99, "Done", "Blender Processing", "Processing", True),
        (100, "Done", "Done", "Done", True),
        (100, None, "Blender Processing", "Processing", True),
        (100, "Failed", "Failed", "Failed", True),
        (100, "Infected", "Infected", "Infected", True),
    ],
)
def test_states_follow_from_the_time(now: float, outcome: str | None, viewer: str, image: str, listed: bool) -> None:
    assert states.viewer_status(timed(outcome), now) == viewer
    assert states.image_status(timed(outcome), now) == image
    assert states.is_listed(timed(outcome), now) is listed


def test_a_job_without_duration_is_done_when_its_files_exist() -> None:
    assert states.image_status(timed(None, due_at=0.0), 0) == "Processing"
    assert states.image_status(timed("Done", due_at=0.0), 0) == "Done"


def test_images_become_due_one_after_another_and_the_last_with_the_job() -> None:
    due = [states.image_due(0, 100, position, 4) for position in range(4)]
    assert due == pytest.approx([70, 80, 90, 100])


@pytest.mark.parametrize(
    ("name", "head", "outcome"),
    [
        ("a.GLB", b"glTF\x02", "Done"),
        ("a.glb", b"{}", "Failed"),
        ("a.gltf", b'\xef\xbb\xbf {"asset"', "Done"),
        ("a.gltf", b"glTF", "Failed"),
        ("a.obj", b"# made by hand\nv 0 0 0", "Done"),
        ("a.obj", b"PK\x03\x04", "Failed"),
        ("a.stl", b"solid lamp", "Done"),
        ("a.stl", b"\x89PNG", "Failed"),
        ("a.zip", b"PK\x03\x04", "Done"),
        ("a.usdz", b"PK\x03\x04", "Done"),
        ("a.dae", b"\n<?xml", "Done"),
        ("a.off", b"# note\nOFF\n", "Done"),
        ("a.step", b"ISO-10303-21;", "Done"),
        ("a.ply", b"version https://git-lfs.github.com/spec/v1", "Failed"),
        ("a.iges", b"version https://git-lfs.github.com/spec/v1", "Failed"),
    ],
)
def test_a_model_is_judged_by_its_beginning(tmp_path: Path, name: str, head: bytes, outcome: str) -> None:
    file = tmp_path / "model"
    file.write_bytes(head)
    assert judge(file, name).outcome == outcome


def test_a_vanished_model_fails(tmp_path: Path) -> None:
    assert judge(tmp_path / "gone", "a.glb").outcome == "Failed"


def test_no_signature_takes_an_empty_file() -> None:
    assert [suffix for suffix, signature in SIGNATURES.items() if re.match(signature, b"")] == []
