"""`drift` as a user runs it: what others did on the remote shows, what the manifest says does not."""

from __future__ import annotations

from pathlib import Path

from e2e_command import Command
from e2e_remote import Remote
from e2e_shop import Shop

APPLY = ("apply", "--auto-approve")


def test_what_others_did_is_told_and_what_the_manifest_says_is_not(
    command: Command, remote: Remote, shop: Shop, tmp_path: Path
) -> None:
    command(*APPLY)
    assert "No drift. The remote is as the last run left it.\n" in command("drift", "--detailed-exitcode").out

    theirs = Shop(tmp_path / "theirs", products=[{**entry} for entry in shop.products])
    theirs.products[1]["name"] = "Their chair"
    theirs.write()
    others = Command(theirs.folder, remote.environment, remote.secrets)
    others(*APPLY)
    others("destroy", "--auto-approve", "--target", "product.table")

    shop.products[0]["name"] = "Our new name"
    shop.write()
    before = remote.last()
    ran = command("drift", "--detailed-exitcode", code=2)
    assert '  # product.CHAIR has changed on the remote\n  ~     name = "The chair" -> "Their chair"\n' in ran.out
    assert "  # product.table has vanished from the remote\n" in ran.out
    assert "Our new name" not in ran.out
    assert "\nDrift: 2 of 7 resources.\n" in ran.out
    assert remote.writes(before) == []

    told = command("drift", "--json").document
    assert [(one["address"], one["kind"]) for one in told["drifted"]] == [
        ("product.CHAIR", "field"),
        ("product.table", "vanished"),
    ]
    assert told["credits"]["spent_reading"] == len(remote.log(before)) - told["credits"]["spent_reading"]


def test_drift_needs_no_manifest_and_apply_ends_it(command: Command, shop: Shop) -> None:
    command(*APPLY)
    text = shop.manifest.read_text()
    shop.manifest.write_text("nonsense: [")
    command("drift", "--detailed-exitcode")
    shop.manifest.write_text(text)
    command(*APPLY)
