"""The main loop against `sandbox serve`: validate, plan, apply, plan again, and everything that looks on."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e_command import PROGRAM, Command
from e2e_remote import Remote
from e2e_shop import Shop, tiny_glb
from e2e_truth import assert_as_wanted

from catalogsync.plan.codec import FORMAT_VERSION
from catalogsync.sandbox import Endpoints

# What tfcmt and Atlantis look for in the output of Terraform.
HEADLINE = re.compile(
    r"^Plan: (?:(\d+) to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy(?:, (\d+) to forget)?\.",
    re.MULTILINE,
)
NO_CHANGES = re.compile(r"^No changes\.", re.MULTILINE)
COMPLETE = re.compile(r"^Apply complete!", re.MULTILINE)
CREATED = re.compile(r"# (.*) will be created$", re.MULTILINE)

CHANGES = {"product.LAMP", "product.CHAIR", "product.table", "content.LAMP", "content.CHAIR", "content.table"}
CHANGES |= {"render.hero"}


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Remote]:
    """`sandbox serve`, as a user starts it."""
    data = tmp_path / "served"
    arguments = ["sandbox", "serve", "--port", "0", "--data", str(data), "--sandbox-job-seconds", "0.2", "--json"]
    with subprocess.Popen([*PROGRAM, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Remote(Endpoints(**json.loads(process.stdout.readline())), data)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_from_nothing_to_no_changes(command: Command, remote: Remote, shop: Shop) -> None:
    assert command("validate").out == "Success! 3 products and 1 render are valid.\n"
    planned = command("plan", "--detailed-exitcode", code=2).out
    assert HEADLINE.search(planned).groups() == (None, "7", "0", "0", None)
    assert set(CREATED.findall(planned)) == CHANGES
    assert re.search(r"^Plan: .*\nCredits: \d+ expected \(\d+ to [\d,]+\), 9,999 available\.$", planned, re.MULTILINE)
    assert remote.writes() == [], "a plan writes nothing"

    applied = command("apply", "--auto-approve")
    assert HEADLINE.search(applied.out)
    assert COMPLETE.search(applied.out)
    assert "Apply complete! Resources: 7 added, 0 changed, 0 destroyed.\n" in applied.out
    for address in CHANGES:
        assert f"{address}: Creating...\n" in applied.err
        assert re.search(rf"^{address}: Creation complete after \d+s( \[id=\S+\])?$", applied.err, re.MULTILINE)

    before = remote.last()
    again = command("plan", "--detailed-exitcode")
    assert NO_CHANGES.search(again.out)
    assert again.out.startswith("No changes. Your catalog matches the manifest.\nCredits: 1 spent reading, ")
    assert NO_CHANGES.search(command("apply", "--auto-approve").out)
    assert NO_CHANGES.search(command("apply").out), "nothing to approve, so nobody is asked"
    assert remote.writes(before) == []
    assert_looks_on(command, remote)


def assert_looks_on(command: Command, remote: Remote) -> None:
    """The commands that only look, as text and as JSON."""
    before = remote.last()
    assert re.search(r"^product\.LAMP .+ Done +20\S+Z$", command("status").out, re.MULTILINE)
    assert remote.last() == before, "all is done, so nothing is read"
    status = command("status", "--refresh=full").out
    assert re.search(r"^product\.LAMP +LAMP +Done +- +- +Done \(5\)$", status, re.MULTILINE), (
        "one image of six is archived"
    )
    assert "render.hero  Done (1 image)\n" in status
    document = command("status", "LAMP", "--json", "--refresh=none").document
    assert document["products"][0]["outputs"] == {"3d_model_viewer": "done", "silo": "done"}
    assert set(document) == {"products", "renders", "credits"}

    outputs = command("outputs", "LAMP").out
    assert re.search(r"^  3D viewer +http://127\.0\.0\.1:", outputs, re.MULTILINE)
    document = command("outputs", "--json").document
    lamp = next(entry for entry in document["products"] if entry["sku_id"] == "LAMP")
    assert set(lamp) == {"address", "sku_id", "unicode", "thumbnail_url", "urls", "images"}
    assert not any("Black bg" in image["name"] for image in lamp["images"])
    assert len(lamp["images"]) == 5
    assert document["renders"][0]["images"][0]["file"].startswith("http://127.0.0.1:")

    assert set(command("state", "list").out.split()) == CHANGES
    assert set(command("state", "list", "--json").document) == CHANGES
    assert command("state", "list", "render.*").out == "render.hero\n"
    missed = command("state", "list", "product.LAMB", code=1).err
    assert missed.startswith("Error: The state has nothing of product.LAMB.\n  Did you mean product.LAMP")
    assert "The journal has nothing of *.9." in command("state", "history", "render.*", "*.9", code=1).err
    shown = command("state", "show", "product.table", "--json").document
    assert (shown["stage"], shown["fields"]["sku_id"]) == ("finalized", "TABLE")
    assert 'stage = "finalized"' in command("state", "show", "product.table").out

    assert command("graph").out.startswith("digraph catalogsync {")
    who = command("whoami", "--json").document
    assert who["usable"]
    assert [key["kind"] for key in who["keys"]] == ["secret", "public", "zapier"]
    assert set(who) == {"api_url", "origin", "keys", "credits_available", "products", "usable"}
    assert "Products 3\n" in command("whoami").out

    feed = [json.loads(line) for line in command("feed").out.splitlines()]
    assert len(feed) == 6, "five silo images and one render"
    assert {"id", "image_name", "file"} <= set(feed[0])
    assert len(command("feed", "--limit", "2").out.splitlines()) == 2
    assert command("schema").document["$schema"].endswith("2020-12/schema")
    assert remote.writes(before) == [], "looking writes nothing"


def test_the_plan_as_json_names_every_change_with_its_price(command: Command) -> None:
    document = command("plan", "--json").document
    assert set(document) == {
        *(
            "format_version",
            "plan_id",
            "partial",
            "destroy",
            "trusted",
            "places",
            "made_from",
            "changes",
            "edges",
            "notices",
            "summary",
            "credits",
            "objections",
        ),
        "applicable",
    }
    assert document["format_version"] == FORMAT_VERSION
    assert document["applicable"] is True
    assert {change["address"]: change["action"] for change in document["changes"]} == {
        **{f"product.{key}": "create" for key in ("LAMP", "CHAIR", "table")},
        **{f"content.{key}": "generate" for key in ("LAMP", "CHAIR", "table")},
        "render.hero": "render",
    }
    assert document["summary"] == {"adopted": 0, "added": 7, "changed": 0, "destroyed": 0, "forgotten": 0}
    total = sum(change["credits"]["expected"] for change in document["changes"])
    assert document["credits"]["expected"] == total
    addresses = [change["address"] for change in document["changes"]]
    order = {(addresses[edge["first"]], addresses[edge["then"]]) for edge in document["edges"]}
    assert {("product.LAMP", "content.LAMP"), ("product.LAMP", "render.hero")} <= order


def test_apply_as_json_tells_the_plan_and_the_result(command: Command) -> None:
    ran = command("apply", "--auto-approve", "--json")
    assert {line["change"]["resource"]["addr"] for line in ran.only("planned_change")} == CHANGES
    plan, end = ran.only("change_summary")
    numbers = {"add": 7, "change": 0, "import": 0, "remove": 0, "forget": 0}
    assert plan["changes"] == {**numbers, "operation": "plan"}
    assert end["changes"] == {**numbers, "operation": "apply"}
    assert (end["failed"], end["skipped"], end["still_processing"]) == (0, 0, 0)
    again = command("apply", "--json", "--auto-approve")
    assert again.only("planned_change") == []
    assert again.only("change_summary")[-1]["changes"]["add"] == 0


def test_validate_as_json_has_the_keys_of_terraform(command: Command, shop: Shop) -> None:
    good = command("validate", "--json").document
    assert good == {"format_version": "1.0", "valid": True, "error_count": 0, "warning_count": 0, "diagnostics": []}
    shop.products[0]["nam"] = "Arc lamp"
    shop.write()
    bad = command("validate", "--json", code=1).document
    (diagnostic,) = bad["diagnostics"]
    assert (bad["valid"], bad["error_count"]) == (False, 1)
    assert (diagnostic["severity"], diagnostic["rule"]) == ("error", "unknown-key")
    assert diagnostic["range"]["start"]["line"] > 1


def test_edits_removals_and_new_products_in_one_plan(command: Command, remote: Remote, shop: Shop) -> None:
    command("apply", "--auto-approve")
    shop.products[0]["name"] = "Arc lamp, brass"
    del shop.products[1]
    shop.products.append({**shop.products[1], "sku_id": "VASE", "key": "vase", "model": "models/vase.glb"})
    shop.write()
    planned = command("plan", "--detailed-exitcode", code=2).out
    assert HEADLINE.search(planned).groups() == (None, "2", "1", "1", None)
    assert "# product.LAMP will be updated in-place\n" in planned
    assert "# product.CHAIR will be destroyed\n" in planned
    assert '~ name = "The lamp" -> "Arc lamp, brass"\n' in planned
    applied = command("apply", "--auto-approve")
    assert "Apply complete! Resources: 2 added, 1 changed, 1 destroyed.\n" in applied.out
    assert "product.LAMP: Modifications complete after" in applied.err
    assert "product.CHAIR: Destruction complete after" in applied.err
    assert NO_CHANGES.search(command("plan", "--detailed-exitcode").out)
    names = dict(remote.books("SELECT sku_id, name FROM products WHERE deleted_at IS NULL"))
    assert names == {"LAMP": "Arc lamp, brass", "TABLE": "The table", "VASE": "The table"}


def test_a_changed_model_replaces_the_product_without_a_gap(command: Command, remote: Remote, shop: Shop) -> None:
    shop.products, shop.renders = shop.products[:1], []
    shop.write()
    command("apply", "--auto-approve")
    ((old,),) = remote.books("SELECT unicode FROM products")
    (shop.folder / "models/lamp.glb").write_bytes(tiny_glb("a lamp of another shape"))
    planned = command("plan", "--detailed-exitcode", code=2).out
    assert "  # product.LAMP must be replaced\n" in planned
    assert "  +/- product.LAMP" in planned
    assert HEADLINE.search(planned).groups() == (None, "1", "0", "1", None)
    applied = command("apply", "--auto-approve")
    assert "Apply complete! Resources: 1 added, 0 changed, 1 destroyed.\n" in applied.out
    assert "product.LAMP: Replacement complete after" in applied.err
    assert_as_wanted(command, remote, shop)
    assert remote.books(f"SELECT deleted_at IS NULL FROM products WHERE unicode = '{old}'") == [(0,)]
