"""A part of the catalog: targets, exclusions, what changed since a commit, and destroying, as a user runs them."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from e2e_command import Command
from e2e_remote import Remote
from e2e_shop import Shop, product, tiny_glb

from catalogsync.plan.guards import GUARDS

APPLY = ("apply", "--auto-approve")
ROW = re.compile(r"^  # (\w+\.\S+) ", re.MULTILINE)
IDENTITY = ("-c", "user.name=t", "-c", "user.email=t@example.test", "-c", "commit.gpgsign=false")


def rows(text: str) -> set[str]:
    return set(ROW.findall(text))


def git(folder: Path, *arguments: str) -> str:
    ran = subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return ran.stdout.strip()


def committed(folder: Path) -> str:
    git(folder, "add", "--all", ".")
    git(folder, "commit", "--quiet", "--message", "a commit")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(shop: Shop) -> Path:
    git(shop.folder, "init", "--quiet")
    (shop.folder / ".gitignore").write_text(".catalogsync/\n")
    committed(shop.folder)
    return shop.folder


def test_a_target_is_applied_with_what_it_needs_and_the_rest_later(command: Command, remote: Remote) -> None:
    planned = command("plan", "--target", "render.hero").out
    assert planned.startswith(
        "This plan is partial: 5 resources are outside the selection, with 5 changes due there.\n"
    )
    assert rows(planned) == {"product.LAMP", "render.hero"}
    assert "Note: product.LAMP: is part of this plan because render.hero depends on it\n" in planned
    command(*APPLY, "--target", "render.hero")
    assert remote.finalized() == ["LAMP"]
    assert "No changes. The selection matches the manifest." in command("plan", "--target", "render.hero").out
    command(*APPLY)
    command("plan", "--detailed-exitcode", code=0)


def test_an_exclusion_takes_its_dependents_along(command: Command) -> None:
    planned = command("plan", "--exclude", "product.LAMP").out
    assert rows(planned) == {"product.CHAIR", "product.table", "content.CHAIR", "content.table"}
    assert "Note: render.hero: is left out: it depends on product.LAMP, which is excluded\n" in planned


def test_targets_come_from_a_file(command: Command, shop: Shop) -> None:
    (shop.folder / "wanted.txt").write_text("# of today\nCHAIR\n\nproduct.ta*  # the table\n")
    assert rows(command("plan", "--target-file", "wanted.txt").out) == {
        "product.CHAIR",
        "content.CHAIR",
        "product.table",
    }
    (shop.folder / "wanted.txt").write_text("# none today\n")
    assert "names no target" in command("plan", "--target-file", "wanted.txt", code=1).err


def test_a_target_that_is_not_there_is_an_error_with_what_may_be_meant(command: Command) -> None:
    ran = command("plan", "--target", "product.LAMB", code=1)
    assert "Nothing is called product.LAMB" in ran.err
    assert "product.LAMP" in ran.err


def test_the_graph_of_a_selection(command: Command) -> None:
    drawn = command("graph", "--target", "content.CHAIR").out
    assert "product.CHAIR" in drawn
    assert "product.LAMP" not in drawn


def test_only_what_changed_since_a_commit(command: Command, shop: Shop, repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    assert rows(command("plan", "--changed-since", "HEAD").out) == set()
    shop.products[1]["name"] = "Another name"
    (repository / "models/table.glb").write_bytes(tiny_glb("another table"))
    shop.products.append(product("NEW"))
    shop.write()
    wanted = {"product.CHAIR", "content.CHAIR", "product.table", "content.table", "product.NEW", "content.NEW"}
    assert rows(command("plan", "--changed-since", "HEAD").out) == wanted
    committed(repository)
    assert rows(command("plan", "--changed-since", "HEAD").out) == set()
    assert rows(command("plan", "--changed-since", first).out) == wanted
    assert rows(command("plan", "--changed-since", first, "--target", "product.*").out) == {
        "product.CHAIR",
        "product.table",
        "product.NEW",
    }


def test_a_product_taken_out_since_a_commit_is_deleted(command: Command, shop: Shop, repository: Path) -> None:
    command(*APPLY)
    shop.products.pop()
    shop.write()
    assert rows(command("plan", "--changed-since", "HEAD", "--max-deletes", "1").out) == {"product.table"}
    assert repository.is_dir()


@pytest.mark.parametrize("revision", ["nowhere", "--output=x"])
def test_an_unknown_commit_is_an_error(command: Command, repository: Path, revision: str) -> None:
    assert "git knows no such commit" in command("plan", f"--changed-since={revision}", code=1).err
    assert not (repository / "x").exists()


def test_without_a_repository_or_without_git_there_is_an_error(command: Command, tmp_path: Path) -> None:
    assert "not a git repository" in command("plan", "--changed-since", "HEAD", code=1, LC_ALL="C").err
    empty = tmp_path / "nothing"
    empty.mkdir()
    assert (
        "git, which is not installed" in command("plan", "--changed-since", "HEAD", code=1, PATH=os.fspath(empty)).err
    )


def test_destroy_deletes_what_is_managed_and_the_next_apply_makes_it_anew(
    command: Command, remote: Remote, shop: Shop
) -> None:
    command(*APPLY)
    assert "3 to destroy" in command("plan", "--destroy").out
    assert "1 to destroy" in command("destroy", "--target", "product.CHAIR", code=1).out, "nobody is there to approve"
    ran = command("destroy", "--auto-approve", "--target", "product.CHAIR")
    assert "0 added, 0 changed, 1 destroyed" in ran.out
    assert "2 destroyed" in command("destroy", "--auto-approve").out
    assert "No changes. There is nothing to destroy.\n" in command("destroy", "--auto-approve").out
    assert shop.manifest.exists()
    command(*APPLY)
    command("plan", "--detailed-exitcode", code=0)
    assert len(remote.finalized()) >= 3


def test_what_is_protected_is_not_destroyed(command: Command, remote: Remote, shop: Shop) -> None:
    assert "protected" in GUARDS
    command(*APPLY)
    shop.products[0]["protect"] = True
    shop.write()
    before = remote.last()
    assert "[protected] product.LAMP" in command("destroy", "--auto-approve", code=6).out
    assert remote.writes(before) == []
    assert "2 destroyed" in command("destroy", "--auto-approve", "--exclude", "LAMP").out
    assert (
        "[max-deletes]"
        in command("destroy", "--auto-approve", "--allow", "protected", "--max-deletes", "0", code=6).out
    )


def test_a_selection_is_saved_with_its_plan(command: Command, remote: Remote) -> None:
    command("plan", "--target", "product.CHAIR", "--out", "part.json")
    command("apply", "part.json")
    assert remote.finalized() == ["CHAIR"]
