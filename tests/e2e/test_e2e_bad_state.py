"""A state that is damaged, a disk that is full, a folder that cannot be written: said in words, and nothing lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future

import pytest
from e2e_command import PROGRAM, Command
from e2e_remote import CREATE, JOB, RENDER, Remote
from e2e_shop import Shop
from e2e_world import World, side_by_side

Runs = Mapping[str, Future[None]]
APPLY = ("apply", "--auto-approve")
UNCHANGED = ("plan", "--detailed-exitcode")

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda content: content[:5000],
    "cut in its header": lambda content: content[:10],
    "overwritten": lambda content: content[:4096] + bytes(len(content) - 4096),
    "something else": lambda _: b"Hello, this is not a database at all.\n",
}


def live_with_damage(world: World, spoil: Callable[[bytes], bytes]) -> None:
    world.shop.renders = []
    world.shop.write()
    world.apply()
    state, before = world.shop.state, world.remote.last()
    state.write_bytes(spoil(state.read_bytes()))
    ran = world.apply(code=1)
    assert "The state .catalogsync/state.db cannot be read" in ran
    assert "move it away (mv " in ran
    assert world.remote.log(before) == []
    state.rename(state.with_name("state.db.damaged"))
    assert "Apply complete! Resources: 3 imported, " in world.apply()
    world.assert_as_wanted()


@pytest.fixture(scope="module")
def damages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    with side_by_side(request, tmp_path_factory, DAMAGES, live_with_damage) as futures:
        yield futures


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_state_is_refused_and_moving_it_away_loses_nothing(name: str, damages: Runs) -> None:
    damages[name].result()


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
