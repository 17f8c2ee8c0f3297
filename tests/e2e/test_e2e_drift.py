"""`drift` as a user runs it: what others did on the remote shows, what the manifest says does not."""

from __future__ import annotations

import json
from pathlib import Path

from e2e_command import Command
from e2e_remote import Remote
from e2e_shop import Shop
from jsonschema import Draft202012Validator

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
    schema = json.loads(command("schema", "drift").out)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(told)
    assert set(told) == set(schema["properties"])
    assert set(told["drifted"][0]) == set(schema["properties"]["drifted"]["items"]["properties"])
    assert [(one["address"], one["kind"]) for one in told["drifted"]] == [
        ("product.CHAIR", "field"),
        ("product.table", "vanished"),
    ]
    assert told["credits"]["spent_reading"] == len(remote.log(before)) - told["credits"]["spent_reading"]


def test_a_selection_is_read_alone_and_says_that_it_is_partial(command: Command, remote: Remote, shop: Shop) -> None:
    command(*APPLY)
    before = remote.last()
    ran = command("drift", "--target", "CHAIR")
    assert len(remote.log(before)) == 2, "the product, and its status"
    assert "\nThis is partial: 5 resources are outside the selection.\n" in ran.out
    (shop.folder / "targets.txt").write_text("LAMP # the lamp\n")
    told = command("drift", "--target-file", "targets.txt", "--exclude", "content.*", "--json").document
    assert (told["resources"], told["outside"]) == (1, 6)
    assert "Nothing is called CHAIRS" in command("drift", "--target", "CHAIRS", code=1).err


def test_drift_needs_no_manifest_and_apply_ends_it(command: Command, shop: Shop) -> None:
    command(*APPLY)
    text = shop.manifest.read_text()
    shop.manifest.write_text("nonsense: [")
    command("drift", "--detailed-exitcode")
    shop.manifest.write_text(text)
    command(*APPLY)


def test_a_state_that_remembers_nothing_is_not_taken_for_no_drift(command: Command) -> None:
    assert command("drift").out.startswith("Nothing to compare: the state remembers no resource.")
