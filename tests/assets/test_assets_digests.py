"""Digests: right for any file, remembered for an untouched one, made anew when in doubt."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from catalogsync.assets import CachedDigest, digests, file_facts
from catalogsync.errors import ManifestError, Place
from catalogsync.model.catalog import Asset, Catalog, FileFacts, Product

LONG_AGO = time.time_ns() - 3600 * 10**9


class Memory:
    """A cache in a dict that counts what is asked of it."""

    def __init__(self) -> None:
        self.entries: dict[str, CachedDigest] = {}
        self.puts: list[str] = []

    def get(self, path: str) -> CachedDigest | None:
        return self.entries.get(path)

    def put(self, path: str, entry: CachedDigest) -> None:
        self.entries[path] = entry
        self.puts.append(path)


def catalog_of(*paths: Path) -> Catalog:
    place = Place("catalog.yaml", 1, 1)
    bare = Product("k", "k", None, None, None, None, None, (), (), protect=False, place=place)
    products = (replace(bare, model=Asset(path.name, str(path), place)) for path in paths)
    return Catalog("shop", "/", tuple(products), ())


@pytest.fixture
def old(tmp_path):
    """A file that was last changed an hour ago."""
    path = tmp_path / "a.glb"
    path.write_bytes(b"model")
    os.utime(path, ns=(LONG_AGO, LONG_AGO))
    return path


def facts_of(content: bytes) -> FileFacts:
    return FileFacts(len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("size", [0, 1, digests.BLOCK - 1, digests.BLOCK, digests.BLOCK + 1, 3 * digests.BLOCK])
def test_size_and_digest_of_any_file(tmp_path, size):
    paths = [tmp_path / f"{number}.glb" for number in range(3)]
    contents = [os.urandom(size) for _ in paths]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    expected = {str(path): facts_of(content) for path, content in zip(paths, contents, strict=True)}
    assert file_facts(catalog_of(*paths), None) == expected


def test_an_untouched_file_is_not_read_again(old):
    memory = Memory()
    first = file_facts(catalog_of(old), memory)
    memory.entries[str(old)] = replace(memory.entries[str(old)], sha256="remembered")
    again = file_facts(catalog_of(old), memory)
    assert (first[str(old)], again[str(old)].sha256, memory.puts) == (facts_of(b"model"), "remembered", [str(old)])


def test_rehash_reads_every_file(old):
    memory = Memory()
    file_facts(catalog_of(old), memory)
    memory.entries[str(old)] = replace(memory.entries[str(old)], sha256="remembered")
    assert file_facts(catalog_of(old), memory, rehash=True)[str(old)] == facts_of(b"model")


@pytest.mark.parametrize("change", ["size", "mtime_ns", "inode"])
def test_any_difference_in_what_the_disk_says_reads_the_file(old, change):
    memory = Memory()
    file_facts(catalog_of(old), memory)
    entry = memory.entries[str(old)]
    memory.entries[str(old)] = replace(entry, sha256="remembered", **{change: getattr(entry, change) + 1})
    assert file_facts(catalog_of(old), memory)[str(old)] == facts_of(b"model")


@pytest.mark.parametrize(
    ("age_ns", "trusted"), [(-1, False), (0, False), (1_999_999_999, False), (2_000_000_000, True)]
)
def test_a_digest_made_within_two_seconds_of_a_change_is_not_trusted(old, age_ns, trusted):
    memory = Memory()
    file_facts(catalog_of(old), memory)
    entry = replace(memory.entries[str(old)], sha256="remembered", hashed_at_ns=old.stat().st_mtime_ns + age_ns)
    memory.entries[str(old)] = entry
    assert (file_facts(catalog_of(old), memory)[str(old)].sha256 == "remembered") is trusted


def test_a_file_that_changes_while_it_is_read_is_not_remembered(old, monkeypatch):
    real = os.fstat

    def growing(descriptor: int) -> os.stat_result:
        status = real(descriptor)
        with old.open("ab") as file:
            file.write(b"!")
        return status

    monkeypatch.setattr(digests.os, "fstat", growing)
    memory = Memory()
    file_facts(catalog_of(old), memory)
    assert memory.puts == []


def test_every_file_that_cannot_be_read_is_reported(tmp_path, monkeypatch):
    (tmp_path / "folder.glb").mkdir()
    (tmp_path / "gone.glb").write_bytes(b"x")
    real = digests._digest

    def lose(asset):
        Path(asset.path).unlink()
        return real(asset)

    monkeypatch.setattr(digests, "_digest", lose)
    with pytest.raises(ManifestError) as caught:
        file_facts(catalog_of(tmp_path / "no.glb", tmp_path / "folder.glb", tmp_path / "gone.glb"), Memory())
    assert [(problem.rule, problem.message.partition(" ")[0]) for problem in caught.value.problems] == [
        ("asset-missing", "no.glb"),
        ("asset-not-a-file", "folder.glb"),
        ("asset-missing", "gone.glb"),
    ]
