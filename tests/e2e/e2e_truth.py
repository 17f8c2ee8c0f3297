"""What must hold at the remote when a run has come to its end, whatever happened on the way."""

from __future__ import annotations

from e2e_command import Command
from e2e_remote import Remote
from e2e_shop import Shop


def assert_as_wanted(command: Command, remote: Remote, shop: Shop) -> None:
    """Everything is there, nothing twice, every file is its manifest's, and there is nothing left to do."""
    planned = command("plan", "--detailed-exitcode")
    assert planned.out.startswith("No changes."), planned
    assert_products(remote, shop)
    assert_jobs(remote, shop)
    assert_files(remote, shop)


def assert_products(remote: Remote, shop: Shop) -> None:
    living = "SELECT sku_id FROM products WHERE deleted_at IS NULL ORDER BY sku_id"
    skus = [sku_id for (sku_id,) in remote.books(living)]
    assert skus == sorted(entry["sku_id"] for entry in shop.products), "one living product for each sku_id"
    assert remote.finalized() == skus


def assert_live(remote: Remote, sku_id: str) -> None:
    """A complete product has the sku_id, or it is just changing hands and the one that takes it is complete."""
    held = remote.finalized()
    handed_over = any(one.startswith(f"{sku_id}~") for one in held) and any(one.startswith("released-") for one in held)
    assert sku_id in held or handed_over, held


def assert_jobs(remote: Remote, shop: Shop) -> None:
    """A product that was replaced had jobs of its own: they are counted for each product, not for each sku_id."""
    twice = "SELECT product_id, output, count(*) FROM jobs GROUP BY 1, 2 HAVING count(*) > 1"
    assert remote.books(twice) == [], "one job for each output"
    living = "SELECT DISTINCT sku_id FROM jobs JOIN products p ON product_id = p.id WHERE deleted_at IS NULL"
    made = {sku_id for (sku_id,) in remote.books(living)}
    assert made == {entry["sku_id"] for entry in shop.products if entry["outputs"]}
    assert remote.books("SELECT count(*) FROM renders") == [(len(shop.renders),)], "one job for each render"


def assert_files(remote: Remote, shop: Shop) -> None:
    kept = remote.books("SELECT sku_id, model_key, thumbnail_key FROM products WHERE deleted_at IS NULL")
    for sku_id, model_key, thumbnail_key in kept:
        assert remote.object(model_key) == shop.file_of(sku_id), f"the model of {sku_id} is its file"
        thumbnail = shop.file_of(sku_id, "thumbnail")
        assert thumbnail is None or remote.object(thumbnail_key) == thumbnail, f"the thumbnail of {sku_id}"
