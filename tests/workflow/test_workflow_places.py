"""Where the manifest speaks of a change: the entry of its product or render, or the manifest as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from plan_shapes import await_render, create, delete, forget, generate, plan_of, replacement

from catalogsync.errors import Place
from catalogsync.manifest import load
from catalogsync.workflow.places import main_file, path_namer, places_of

MAIN = """\
version: 1
catalog: shop
include: [products/lamps.csv]
products:
  - sku_id: A
    key: chair
    model: a.glb
renders:
  - name: hero
    scene_id: 1
    cameras_to_render: [1]
    products: [{sku_id: A}]
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A manifest in a folder of a repository, with products in a second file."""
    folder = tmp_path / "shops" / "main"
    (folder / "products").mkdir(parents=True)
    (folder / "catalog.yaml").write_text(MAIN, encoding="utf-8")
    (folder / "products" / "lamps.csv").write_text("sku_id,model\nL1,../a.glb\n", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    return folder


def test_a_change_is_at_the_entry_that_speaks_of_it(shop: Path) -> None:
    main = shop / "catalog.yaml"
    plan = plan_of(
        [create("chair"), generate("chair"), replacement("L1"), delete("OLD"), forget("OLDER"), await_render("hero")]
    )
    places = places_of(plan, load([main]).catalog, main)
    assert places == {
        "product.chair": Place("shops/main/catalog.yaml", 5, 5),
        "content.chair": Place("shops/main/catalog.yaml", 5, 5),
        "product.L1": Place("shops/main/products/lamps.csv", 2),
        "product.OLD": Place("shops/main/catalog.yaml"),
        "product.OLDER": Place("shops/main/catalog.yaml"),
        "render.hero": Place("shops/main/catalog.yaml", 9, 5),
    }


def test_a_worktree_is_a_repository_too(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop / ".git").write_text("gitdir: elsewhere\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert path_namer()("shops/main/catalog.yaml") == "catalog.yaml"


def test_a_folder_is_spoken_for_by_its_first_file(tmp_path: Path) -> None:
    assert main_file((tmp_path,)) == tmp_path
    for name in ("b.yml", "a.yaml"):
        (tmp_path / name).touch()
    assert main_file((tmp_path,)) == tmp_path / "a.yaml"
    assert main_file((tmp_path / "b.yml", tmp_path)) == tmp_path / "b.yml"
