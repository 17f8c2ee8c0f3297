"""A product that is there under other identifiers is found by the id that Salsify has for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from e2e_command import Command
from e2e_remote import LIST, Remote
from e2e_shop import Shop, product
from e2e_world import assert_no_key_on_disk

from catalogsync.manifest import load
from catalogsync.model.remote import RemoteProduct
from catalogsync.workflow.importing import entries_of
from catalogsync.workflow.manifest_files import manifest_files


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """One product, which is on the remote as OLD-LAMP already."""
    made = Shop(tmp_path / "shop", [product("OLD-LAMP", gtin="4006381333931", outputs=[])], [])
    made.write()
    return made


@pytest.fixture
def found(command: Command, shop: Shop, remote: Remote) -> Command:
    command("apply", "--auto-approve")
    remote.ask("PATCH", "/sandbox/products", {"sku_id": "OLD-LAMP", "salsify_id": "S-1"})
    shop.state.unlink()
    shop.products = [product("LAMP", model="models/old-lamp.glb", outputs=[], salsify_id="S-1")]
    shop.write()
    return command


def test_it_is_adopted_and_renamed_and_then_costs_no_further_look(found: Command, remote: Remote, shop: Shop) -> None:
    ran = found("plan")
    assert "Reading who has 1 salsify_id that is in doubt (1 credit)." in ran.err
    assert "Reading the shared content of 1 product to see its salsify_id (1 credit)." in ran.err
    assert "# product.LAMP will be adopted\n  # (because it exists with this salsify_id" in ran.out
    assert '~ sku_id = "OLD-LAMP" -> "LAMP"' in ran.out
    found("apply", "--auto-approve")
    assert remote.books("SELECT sku_id, salsify_id FROM products") == [("LAMP", "S-1")]
    before = remote.last()
    assert found("plan").out.startswith("No changes.")
    assert len(remote.log(before)) == len(remote.calls(LIST, before)) == 1
    assert_no_key_on_disk(shop, remote)


def test_a_sku_id_of_one_product_and_a_salsify_id_of_another_is_a_conflict(
    found: Command, shop: Shop, remote: Remote
) -> None:
    shop.products = [product("LAMP", outputs=[])]
    shop.write()
    found("apply", "--auto-approve")
    shop.state.unlink()
    shop.products = [product("LAMP", outputs=[], salsify_id="S-1")]
    shop.write()
    ran = found("plan", code=6)
    assert "sku_id LAMP is remote product LAMP (" in ran.out
    assert "but salsify_id S-1 is OLD-LAMP (" in ran.out
    assert len(remote.finalized()) == 2


def test_two_products_with_one_salsify_id_are_an_error(command: Command, shop: Shop) -> None:
    shop.products = [product("A", salsify_id="S"), product("B", salsify_id="S")]
    shop.write()
    assert "error[duplicate-salsify-id]" in command("validate", code=1).err


def test_import_writes_it_where_the_remote_shows_it() -> None:
    seen = RemoteProduct("u", "A", "1", "Lamp", "", salsify_id="0042")
    (entry,) = entries_of([seen], {}, {})
    assert entry == {"sku_id": "A", "gtin": "1", "salsify_id": "0042", "name": "Lamp"}
    assert '\n    salsify_id: "0042"\n' in manifest_files([entry], catalog="c", main="c.yaml", split=None)["c.yaml"]


def test_a_csv_has_it_too(command: Command, shop: Shop) -> None:
    (shop.folder / "more.csv").write_text("sku_id,salsify_id\nCHAIR,0042\n")
    shop.more = {"include": ["more.csv"]}
    shop.write()
    catalog = load([shop.manifest]).catalog
    assert [one.salsify_id for one in catalog.products] == [None, "0042"]
    assert command("validate").out.startswith("Success! 2 products")
