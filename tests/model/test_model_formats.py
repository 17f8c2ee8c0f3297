"""File extensions: read from the last dot of the file's own name, whatever its letter case."""

from __future__ import annotations

import pytest

from catalogsync.model.formats import MODEL_EXTENSIONS, THUMBNAIL_EXTENSIONS, extension_of


@pytest.mark.parametrize(
    ("path", "extension"),
    [
        ("lamp.glb", ".glb"),
        ("LAMP.GLB", ".glb"),
        ("models/lamp.v2.FBX", ".fbx"),
        ("models.old/lamp", ""),
        ("models/.glb", ""),
        ("lamp.", "."),
        ("", ""),
    ],
)
def test_the_extension_of(path: str, extension: str) -> None:
    assert extension_of(path) == extension


def test_extensions_are_written_as_they_are_compared() -> None:
    for extension in MODEL_EXTENSIONS | THUMBNAIL_EXTENSIONS:
        assert extension_of(f"file{extension.upper()}") == extension
    assert not MODEL_EXTENSIONS & THUMBNAIL_EXTENSIONS
