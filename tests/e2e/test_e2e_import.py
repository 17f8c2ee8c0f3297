"""`import` writes a manifest of what is there: a plan of it adopts and changes nothing, an apply leaves none."""

from __future__ import annotations

import json
import re
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from e2e_command import Command
from e2e_remote import Remote
from e2e_world import serving

from catalogsync.manifest import load
from catalogsync.sandbox.lookup import FINALIZED

NASTY = [
    ("NO", "0012345670000", "NO"),
    ("1e5", "007", "12:30:45"),
    ("0012", "", "2024-01-01"),
    ("a: b # c", None, "quotes \" and ' and \\ and: #"),
    ("a:-b-#-c", None, "a key that another product's would be"),
    ("ÄÖ-漢字-🪑", None, "line\nbreak\tand\u2028more\x07\ufeff"),
    ("'x'", None, "  spaces  "),
    ("-dash", None, "~"),
    ("@at", None, "null"),
    ("{flow}", None, "[x, y]"),
    ("*star", None, ""),
    ("no break", None, "trailing: "),
]
UNNAMED = [(None, "4006381333931", "has only a gtin"), ("", None, "empty"), (" edge", None, "space first")]
MANY = 108


def fill(remote: Remote, rows: list[tuple[str | None, str | None, str]]) -> None:
    """Finished products, put into the sandbox's own books."""
    columns = (
        "unicode, viewer_id, name, main_asset_name, sku_id, gtin, created_at, upload_status, model_name, model_key"
    )
    values = [
        (str(uuid.uuid4()), uuid.uuid4().hex, name, f"asset {name}", sku, gtin, 1e9, FINALIZED, "m.glb", "m")
        for sku, gtin, name in rows
    ]
    with closing(sqlite3.connect(remote.data / "sandbox.db", timeout=20)) as db, db:
        db.executemany(f"INSERT INTO products({columns}) VALUES ({', '.join('?' * 10)})", values)


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Remote]:
    with serving(tmp_path / "remote") as served:
        many = [(f"LAMP-{n:04}" if n % 2 else f"CHAIR-{n:04}", f"{n:013}", f"Lamp {n}") for n in range(MANY)]
        fill(served, [*NASTY, *UNNAMED, *many])
        yield served


@pytest.fixture
def command(tmp_path: Path, remote: Remote) -> Command:
    (tmp_path / "work").mkdir()
    return Command(tmp_path / "work", remote.environment, remote.secrets)


def test_what_was_imported_is_adopted_without_a_change_and_then_nothing_is_left(
    command: Command, remote: Remote
) -> None:
    ran = command("import", "--out", "catalog.yaml")
    assert ran.out.startswith(f"Wrote {len(NASTY) + MANY} products to catalog.yaml (1 file, ")
    assert re.match(r"Reading the list of 123 products \(\d+ credits, 1 of them spent\)\.", ran.err)
    assert ran.err.count("Left out ") == len(UNNAMED)
    assert remote.writes() == []

    planned = command("plan").out
    assert f"\nPlan: {len(NASTY) + MANY} to import, 0 to add, 0 to change, 0 to destroy." in planned
    command("apply", "--auto-approve")
    assert remote.writes() == [], "adopting sends nothing"
    assert command("plan", "--detailed-exitcode").out.startswith("No changes.")

    catalog = load([command.folder / "catalog.yaml"]).catalog
    assert {(p.sku_id, p.gtin or "", p.name or "") for p in catalog.products} >= {
        (sku, gtin or "", name) for sku, gtin, name in NASTY
    }
    assert command("fmt", "--check").out == "", "what import writes is in the form"


def test_a_selection_goes_to_stdout(command: Command) -> None:
    both = command("import", "--sku", "LAMP-000*", "--gtin", "*[13]").out
    assert re.findall("sku_id: (.*)", both) == ["LAMP-0001", "LAMP-0003"]
    assert re.findall("sku_id: (.*)", command("import", "CHAIR-000[02]", "Lamp 1").out) == [
        "CHAIR-0000",
        "CHAIR-0002",
        "LAMP-0001",
    ]
    assert re.findall("sku_id: (.*)", command("import", "--search", "lamp 101").out) == ["LAMP-0101"]
    assert command("import", "nothing-*").out == "version: 1\ncatalog: imported\n\nproducts: []\n"


def test_a_pattern_that_matches_nothing_is_a_warning(command: Command) -> None:
    ran = command("import", "NOBODY-*")
    assert "no product on the remote matches" in ran.err
    assert "products: []" in ran.out


def test_several_files_are_included_by_the_first(command: Command) -> None:
    told = command("import", "LAMP-*", "CHAIR-*", "--out", "new/all.yaml", "--split", "by-prefix", "--json").document
    assert told["files"] == ["new/all.yaml", "new/products/chair.yaml", "new/products/lamp.yaml"]
    assert (told["products"], told["left_out"]) == (MANY, [])
    assert len(load([command.folder / "new/all.yaml"]).catalog.products) == MANY
    parts = command("import", "LAMP-*", "--out", "n.yaml", "--split", "20", "--catalog", "lamps", "--json").document
    assert len(parts["files"]) == 1 + 3
    assert command("validate", "-f", "n.yaml").out.startswith(f"Success! {MANY // 2} products")


def test_a_file_that_is_there_is_kept_unless_forced(command: Command, remote: Remote) -> None:
    path = command.folder / "catalog.yaml"
    path.write_text("mine")
    assert "exists already" in command("import", "--out", "catalog.yaml", code=1).err
    assert (path.read_text(), remote.last()) == ("mine", 0), "nothing was spent on a reading that goes nowhere"
    command("import", "--out", "catalog.yaml", "--force")
    assert path.read_text().startswith("version: 1\n")


def listing(remote: Remote, *rows: tuple[str, str, str]) -> None:
    """From now on these are all products that the list shows: unicode, sku_id and gtin of each."""
    results = [{"unicode": u, "sku_id": sku, "gtin": gtin, "name": f"Lamp {u}"} for u, sku, gtin in rows]
    body = json.dumps({"count": len(rows), "total_pages": 1, "current_page_number": 1, "results": results})
    remote.fault(("GET", "/v1/product/details/"), "status", status=200, body=body, times=None)


def test_an_identifier_that_two_products_have_is_a_comment_and_a_warning_and_nothing_is_lost(
    command: Command, remote: Remote
) -> None:
    listing(remote, ("u1", "LAMP-1", "4006381333931"), ("u2", "LAMP-2", "4006381333931"), ("u3", "LAMP-3", ""))
    ran = command("import", "--out", "catalog.yaml", "--json")
    assert (
        "Warning: gtin 4006381333931 is held by 2 products, LAMP-1 (u1), LAMP-2 (u2): it is a comment in the "
        "manifest, and not managed until you say whose it is.\n"
    ) in ran.err
    assert len(ran.document["doubles"]) == 1
    text = (command.folder / "catalog.yaml").read_text()
    assert '  - sku_id: LAMP-1\n    # gtin: "4006381333931" is also that of LAMP-2\n    name: Lamp u1\n' in text
    assert command("fmt", "--check").out == ""
    command("apply", "--auto-approve")
    assert remote.writes() == []
    assert command("plan", "--detailed-exitcode").out.startswith("No changes.")


def test_a_second_one_of_the_same_sku_id_and_what_a_replacement_left_is_left_out(
    command: Command, remote: Remote
) -> None:
    listing(remote, ("u1", "LAMP", ""), ("u2", "LAMP", ""), ("u3", "LAMP~0123abcd", ""), ("u4", "released-u4", ""))
    ran = command("import", "--out", "catalog.yaml")
    assert "Left out 'Lamp u2' (u2): u1 has its sku_id 'LAMP' too.\n" in ran.err
    assert "(u3): its sku_id LAMP~0123abcd is that of an unfinished replacement, see `state sweep`.\n" in ran.err
    assert "(u4): its sku_id released-u4 is that of a product that was to be deleted, see `state sweep`.\n" in ran.err
    assert (command.folder / "catalog.yaml").read_text().count("sku_id") == 1


def test_outputs_are_those_that_the_remote_has_and_their_price_is_said_before(command: Command, remote: Remote) -> None:
    with closing(sqlite3.connect(remote.data / "sandbox.db", timeout=20)) as db, db:
        row = db.execute("SELECT id FROM products WHERE sku_id = 'LAMP-0001'").fetchone()
        db.execute(
            "INSERT INTO jobs(product_id, output, accepted_at, due_at, outcome) VALUES (?, 'ar', 1e9, 1e9, 'Done')", row
        )
    ran = command("import", "LAMP-000?", "--with-outputs", "--out", "catalog.yaml", "--json")
    assert "Reading the content status of 5 products (5 credits).\n" in ran.err
    assert json.loads(ran.out)["credits"]["spent"] > 5
    wanted = {p.sku_id: p.outputs for p in load([command.folder / "catalog.yaml"]).catalog.products}
    assert wanted["LAMP-0001"] == ("ar",)
    assert wanted["LAMP-0003"] == ()
    command("apply", "--auto-approve")
    assert remote.writes() == []
    assert command("plan", "--detailed-exitcode").out.startswith("No changes.")
