"""The hooks do what pre-commit expects of them: it runs entry and args, without file names, in the repository."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from subprocess import PIPE, STDOUT, run
from typing import Any

import pytest
import yaml
from ci_github import ROOT
from ci_shop import write_shop

from catalogsync.model.formats import MODEL_EXTENSIONS, THUMBNAIL_EXTENSIONS

HOOKS = {one["id"]: one for one in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}


def called(hook: str, folder: Path, *args: str) -> tuple[int, str]:
    definition: dict[str, Any] = HOOKS[hook]
    assert definition["language"] == "python"
    assert definition["pass_filenames"] is False
    program, *rest = shlex.split(definition["entry"])
    command = [str(Path(sys.executable).parent / program), *rest, *args]
    done = run(command, cwd=folder, stdout=PIPE, stderr=STDOUT, text=True, check=False, timeout=60)
    return done.returncode, done.stdout


def test_validate_fails_for_a_mistake_alone(tmp_path: Path) -> None:
    write_shop(tmp_path, "STOOL-1")
    assert called("catalogsync-validate", tmp_path)[0] == 0
    (tmp_path / "models/STOOL-1.glb").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    code, said = called("catalogsync-validate", tmp_path)
    assert code == 1
    assert "git lfs pull" in said


def test_the_example_names_hooks_and_options_that_there_are(tmp_path: Path) -> None:
    write_shop(tmp_path, "STOOL-1")
    example = yaml.safe_load((ROOT / "examples/ci/pre-commit-config.yaml").read_text(encoding="utf-8"))
    for hook in example["repos"][0]["hooks"]:
        assert called(hook["id"], tmp_path, *hook.get("args", []))[0] == 0


def test_fmt_changes_the_file_so_that_pre_commit_fails_once(tmp_path: Path) -> None:
    write_shop(tmp_path / "shop", "STOOL-1")
    manifest = tmp_path / "shop/catalog.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("version: 1", "version:   1"), encoding="utf-8")
    before = manifest.read_bytes()
    assert called("catalogsync-fmt", tmp_path, "--file", "shop/catalog.yaml")[0] == 0
    formatted = manifest.read_bytes()
    assert formatted != before
    assert called("catalogsync-fmt", tmp_path, "--file", "shop/catalog.yaml") == (0, "")
    assert manifest.read_bytes() == formatted


@pytest.mark.parametrize("extension", sorted(MODEL_EXTENSIONS | THUMBNAIL_EXTENSIONS | {".yaml", ".yml", ".csv"}))
def test_a_commit_of_any_file_that_a_manifest_may_name_is_checked(extension: str) -> None:
    pattern = HOOKS["catalogsync-validate"]["files"]
    assert re.search(pattern, f"models/lamp{extension}")
    assert re.search(pattern, f"models/LAMP{extension.upper()}")


def test_a_commit_of_something_else_is_not() -> None:
    assert not re.search(HOOKS["catalogsync-validate"]["files"], "docs/README.md")
