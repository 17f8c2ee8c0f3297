"""The example shop in the embedded sandbox, as its README tells a newcomer to try it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from e2e_command import Command
from e2e_shop import Shop

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def embedded(tmp_path: Path) -> Command:
    """The command in a copy of examples/, with no account and no settings at all but shorter jobs."""
    folder = tmp_path / "examples"
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns(".catalogsync", "__pycache__"))
    return Command(folder, {"CATALOGSYNC_SANDBOX_JOB_SECONDS": "0.2"})


def test_the_examples_go_from_nothing_to_no_changes(embedded: Command) -> None:
    assert embedded("validate").out == "Success! 11 products and 2 renders are valid.\n"
    assert "\nPlan: 24 to add, 0 to change, 0 to destroy.\n" in embedded("--sandbox", "plan").out
    applied = embedded("--sandbox", "apply", "--auto-approve").out
    assert "Apply complete! Resources: 24 added, 0 changed, 0 destroyed.\n" in applied
    assert embedded("--sandbox", "plan", "--detailed-exitcode").out.startswith("No changes.")
    outputs = embedded("--sandbox", "outputs", "--json").document
    assert len(outputs["products"]) == 11
    assert all(entry["urls"]["3d_model_viewer"] for entry in outputs["products"])
    assert [len(render["images"]) for render in outputs["renders"]] == [1, 2]
    shelf = next(entry for entry in outputs["products"] if entry["sku_id"] == "SHELF-ARCH-01")
    assert not any("Black bg" in image["name"] for image in shelf["images"])


def test_the_sandbox_has_a_state_of_its_own(embedded: Command) -> None:
    """Trying something out never touches the real state."""
    embedded("plan", CATALOGSYNC_SANDBOX="1")
    assert (embedded.folder / ".catalogsync/sandbox/state.db").exists()
    assert not (embedded.folder / ".catalogsync/state.db").exists()
    assert "neither CATALOGSYNC_PUBLIC_KEY nor" in embedded("plan", code=1).err


def test_two_commands_share_the_embedded_sandbox(shop: Shop) -> None:
    """The second joins the first one's server."""
    command = Command(shop.folder, {"CATALOGSYNC_SANDBOX_JOB_SECONDS": "1"})
    with command.started("--sandbox", "apply", "--auto-approve") as process:
        assert process.stderr.readline().startswith("Reading all 0 products")
        assert "Sandbox team" in command("--sandbox", "whoami").out
        assert command.ended(process).code == 0
