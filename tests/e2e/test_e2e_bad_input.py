"""Everything that can be wrong before or while a run: a clear word, the right exit code, and nothing lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from e2e_command import PROGRAM, Command
from e2e_remote import CREATE, JOB, RENDER, Remote
from e2e_shop import Shop, product, tiny_glb

APPLY = ("apply", "--auto-approve")
UNCHANGED = ("plan", "--detailed-exitcode")
NO_KEYS = {"CATALOGSYNC_SECRET_KEY": None, "CATALOGSYNC_PUBLIC_KEY": None}

ENVIRONMENTS: dict[str, tuple[dict[str, str | None], tuple[str, ...]]] = {
    "no key": (NO_KEYS, ("neither CATALOGSYNC_PUBLIC_KEY nor CATALOGSYNC_SECRET_KEY is set", "Set CATALOGSYNC_")),
    "wrong key": ({"CATALOGSYNC_PUBLIC_KEY": "pk_wrong"}, ("the public key", "HTTP 401", "Check CATALOGSYNC_")),
    "no origin": ({"CATALOGSYNC_ORIGIN": None}, ("CATALOGSYNC_ORIGIN is not set",)),
    "wrong origin": ({"CATALOGSYNC_ORIGIN": "other.example"}, ('origin "other.example"', "CATALOGSYNC_ORIGIN")),
    "no network": ({"CATALOGSYNC_API_URL": "http://127.0.0.1:9"}, ("No connection to 127.0.0.1:9", "HTTPS_PROXY")),
    "no such host": ({"CATALOGSYNC_API_URL": "http://nowhere.invalid"}, ("No connection to nowhere.invalid",)),
    "no URL": ({"CATALOGSYNC_API_URL": "imagine"}, ("CATALOGSYNC_API_URL is not a URL", "https://host")),
    "a key of two lines": ({"CATALOGSYNC_PUBLIC_KEY": "pk_a\nb"}, ("CATALOGSYNC_PUBLIC_KEY contains characters",)),
    "no duration": ({"CATALOGSYNC_POLL_INITIAL": "soon"}, ("--poll-initial", "write 90, 90s, 15m or 2h")),
}


@pytest.mark.parametrize(("environment", "words"), ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_an_environment_that_cannot_work(
    environment: dict[str, str | None], words: tuple[str, ...], command: Command, remote: Remote
) -> None:
    ran = command(*APPLY, code=1, **environment)
    assert ran.out == ""
    for word in words:
        assert word in ran.err, ran
    assert remote.writes() == []


def test_a_public_key_plans_and_cannot_write(command: Command, remote: Remote) -> None:
    assert "Plan: 7 to add" in command("plan", CATALOGSYNC_SECRET_KEY=None).out
    ran = command(*APPLY, code=3, CATALOGSYNC_SECRET_KEY=None)
    assert "CATALOGSYNC_SECRET_KEY is not set" in ran.out + ran.err
    assert remote.writes() == []
    command(*APPLY)


def missing_model(shop: Shop) -> None:
    (shop.folder / "models/lamp.glb").unlink()


def picture_as_model(shop: Shop) -> None:
    (shop.folder / "models/lamp.glb").write_bytes((shop.folder / "thumbnails/lamp.png").read_bytes())


def cut_off_model(shop: Shop) -> None:
    (shop.folder / "models/lamp.glb").write_bytes(tiny_glb("a lamp that is cut off")[:-4])


def empty_model(shop: Shop) -> None:
    (shop.folder / "models/lamp.glb").write_bytes(b"")


def large_file_pointer(shop: Shop) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12345\n"
    (shop.folder / "models/lamp.glb").write_text(pointer)


def same_sku(shop: Shop) -> None:
    shop.products[1]["sku_id"] = "LAMP"
    shop.manifest.write_text(shop.manifest.read_text().replace('"CHAIR"', '"LAMP"'))


def outside_model(shop: Shop) -> None:
    shop.manifest.write_text(shop.manifest.read_text().replace("models/lamp.glb", "../lamp.glb"))


def empty_manifest(shop: Shop) -> None:
    shop.manifest.write_text("")


def folder_as_manifest(shop: Shop) -> None:
    shop.manifest.unlink()
    shop.manifest.mkdir()


def no_manifest(shop: Shop) -> None:
    shop.manifest.unlink()


def no_yaml(shop: Shop) -> None:
    shop.manifest.write_text("version: [1\n")


def no_text(shop: Shop) -> None:
    shop.manifest.write_bytes(b"\xff\xfe\x00version")


MANIFESTS: dict[str, tuple[Callable[[Shop], None], str]] = {
    "model missing": (missing_model, "[asset-missing]"),
    "model is a picture": (picture_as_model, "[asset-content]"),
    "model cut off": (cut_off_model, "[asset-incomplete]"),
    "model empty": (empty_model, "[asset-empty]"),
    "model is an LFS pointer": (large_file_pointer, "git lfs pull"),
    "model outside": (outside_model, "[asset-outside]"),
    "two products, one sku_id": (same_sku, "[duplicate-sku-id]"),
    "manifest empty": (empty_manifest, "[empty-file]"),
    "manifest is a folder": (folder_as_manifest, "[file-missing]"),
    "no manifest": (no_manifest, "[file-missing]"),
    "manifest is no YAML": (no_yaml, "[yaml-syntax]"),
    "manifest is no text": (no_text, "[encoding]"),
}


@pytest.mark.parametrize(("spoil", "word"), MANIFESTS.values(), ids=MANIFESTS)
def test_a_manifest_or_file_that_is_wrong(
    spoil: Callable[[Shop], None], word: str, command: Command, shop: Shop, remote: Remote
) -> None:
    spoil(shop)
    ran = command(*APPLY, code=1)
    assert ran.out == ""
    assert word in ran.err, ran
    assert "The manifest has 1 error.\n" in ran.err
    assert remote.log() == [], "files are looked at before anything is called"
    assert not shop.state.exists()


def test_the_other_way_round_than_the_account_is_a_conflict_with_ways_out(command: Command, shop: Shop) -> None:
    """A sku_id of the account under another gtin, which is another product's there."""
    command(*APPLY)
    shop.products[0]["gtin"], shop.products[1]["gtin"] = shop.products[1]["gtin"], shop.products[0]["gtin"]
    shop.write()
    ran = command(*UNCHANGED, "--state", "fresh.db", code=6)
    assert "is in conflict\n" in ran.out
    assert "To go on: " in ran.out
    shop.products[0]["gtin"], shop.products[1]["gtin"] = shop.products[1]["gtin"], shop.products[0]["gtin"]
    shop.write()
    command(*UNCHANGED)


def damage(how: str, state: Path) -> None:
    content = state.read_bytes()
    spoiled = {
        "cut": content[:5000],
        "cut in its header": content[:10],
        "overwritten": content[:4096] + bytes(len(content) - 4096),
        "something else": b"Hello, this is not a database at all.\n",
    }
    state.write_bytes(spoiled[how])


@pytest.mark.parametrize("how", ["cut", "cut in its header", "overwritten", "something else"])
def test_a_damaged_state_is_refused_and_moving_it_away_loses_nothing(
    how: str, command: Command, shop: Shop, remote: Remote
) -> None:
    shop.renders = []
    shop.write()
    command(*APPLY)
    damage(how, shop.state)
    before = remote.last()
    ran = command(*APPLY, code=1)
    assert f"The state {shop.state.relative_to(shop.folder)} cannot be read" in ran.err
    assert "move it away (mv " in ran.err
    assert remote.log(before) == []
    shop.state.rename(shop.state.with_name("state.db.damaged"))
    assert "Plan: 3 to import, " in command("plan").out
    adopted = command(*APPLY)
    assert "Apply complete! Resources: 3 imported, " in adopted.out
    command(*UNCHANGED)
    assert remote.calls(CREATE, before) == remote.calls(JOB, before) == []


def test_a_state_of_zero_bytes_is_a_new_one(command: Command, shop: Shop, remote: Remote) -> None:
    """So does a run leave it that is killed at its very first write; the account's products are adopted."""
    command(*APPLY)
    shop.state.write_bytes(b"")
    assert "3 imported" in command(*APPLY).out
    command(*UNCHANGED)
    assert len(remote.calls(CREATE)) == len(remote.calls(JOB)) == 3


def limited(blocks: int) -> list[str]:
    """Runs a command that can write no file longer than `blocks` of 512 bytes: the portable full disk."""
    return ["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh"]


@pytest.mark.parametrize("blocks", [0, 80, 120])
def test_a_state_that_cannot_grow_ends_the_run_and_the_next_one_goes_on(
    blocks: int, command: Command, remote: Remote
) -> None:
    ran = command(*APPLY, code=1, wrap=limited(blocks))
    assert "state.db" in ran.err
    assert blocks == 0 or "could not be read or written: disk I/O error" in ran.out + ran.err
    command(*APPLY)
    command(*UNCHANGED)
    assert remote.finalized() == ["CHAIR", "LAMP", "TABLE"]
    assert_once(remote)


def assert_once(remote: Remote) -> None:
    """No job and no render was made twice."""
    assert remote.books("SELECT product_id, output FROM jobs GROUP BY 1, 2 HAVING count(*) > 1") == []
    assert len([call for call in remote.calls(RENDER) if call["status"] == 202]) == 1


FULL_DISK = """
mount -t tmpfs -o size=16m tmpfs "$1" || exit 77
head -c 16678912 /dev/zero >"$1/filler" # all but 96 KiB
filler=$1/filler
shift
"$@"; echo "first $?"
rm "$filler"
"$@"; echo "second $?"
"$@"; echo "third $?"
"""


def may_mount() -> bool:
    if sys.platform != "linux":
        return False
    probe = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=16k tmpfs /mnt"]
    try:
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not may_mount(), reason="needs a file system of its own: Linux with user namespaces")
def test_a_full_disk_ends_the_run_and_room_lets_it_go_on(command: Command, shop: Shop, remote: Remote) -> None:
    shop.state.parent.mkdir()
    process = subprocess.run(
        ["unshare", "-rm", "sh", "-c", FULL_DISK, "sh", str(shop.state.parent), *PROGRAM, *APPLY],
        cwd=shop.folder,
        env=command.env(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "first 1\n" in process.stdout, process.stdout + process.stderr
    assert "There is no room left on the disk for the state" in process.stdout + process.stderr
    assert "second 0\n" in process.stdout, process.stdout + process.stderr
    assert "No changes." in process.stdout
    assert "third 0\n" in process.stdout
    assert "Traceback" not in process.stderr
    assert remote.finalized() == ["CHAIR", "LAMP", "TABLE"]
    assert_once(remote)


WITHOUT_POWER = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
for capability in (1, 2):  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: what lets root write anywhere
    libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
os.execv(sys.argv[1], sys.argv[1:])
"""


def without_power() -> list[str]:
    """Runs a command that file permissions hold for, even for root."""
    return [sys.executable, "-c", WITHOUT_POWER] if os.geteuid() == 0 else []


@pytest.mark.skipif(sys.platform != "linux", reason="root is held to file permissions by Linux's capabilities")
def test_a_folder_that_cannot_be_written_is_said(command: Command, shop: Shop) -> None:
    shop.folder.chmod(0o555)
    try:
        plan = command("plan", code=1, wrap=without_power())
        assert "The state .catalogsync/state.db cannot be opened for writing: Permission denied." in plan.err
        assert "must be writable by the user who runs catalogsync" in plan.err
        sandbox = command("--sandbox", "plan", code=1, wrap=without_power())
        assert "Permission denied" in sandbox.err
        init = command("init", "new", code=1, wrap=without_power())
        assert "Error: new/catalog.yaml cannot be written: Permission denied." in init.err
        assert "Success!" in command("validate", wrap=without_power()).out
    finally:
        shop.folder.chmod(0o755)
    command(*APPLY)


def test_a_sandbox_that_has_no_room_says_so(command: Command) -> None:
    ran = command("--sandbox", "plan", code=1, wrap=limited(0))
    assert "Error: The sandbox cannot use .catalogsync/sandbox: disk I/O error." in ran.err
    command("--sandbox", "plan")


def test_a_file_that_changes_while_it_is_uploaded_is_never_finalized(
    command: Command, shop: Shop, remote: Remote
) -> None:
    shop.products, shop.renders = [product("LAMP", outputs=[])], []
    shop.write()
    remote.fault(CREATE, "delay", seconds=0.5)
    with command.started(*APPLY) as process:
        remote.wait_for_fault()
        (shop.folder / "models/lamp.glb").write_bytes(tiny_glb("another lamp"))
        ran = command.ended(process)
    assert ran.code == 3
    assert "changed" in ran.out
    assert remote.finalized() == []
    command(*APPLY)
    assert remote.finalized() == ["LAMP"]
    (key,) = remote.books("SELECT model_key FROM products WHERE deleted_at IS NULL")[0]
    assert remote.object(key) == shop.file_of("LAMP")


def test_a_key_is_in_no_file_and_no_output(command: Command, remote: Remote, shop: Shop) -> None:
    """The fixtures look for keys after every run and in every file; here is that they would find one."""
    command(*APPLY)
    with pytest.raises(AssertionError, match="a key was shown"):
        command("--help", code=0, wrap=["sh", "-c", f"echo {remote.endpoints.secret_key}; exit 0"])
