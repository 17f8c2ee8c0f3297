"""Anchors, merge keys, defaults, includes and CSV: how files become one catalog."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from rule_cases import HEAD

from catalogsync.errors import ManifestError, Place
from catalogsync.manifest import load


def test_aliases_repeat_a_value_and_stand_where_they_are_written(loaded):
    text = (
        HEAD
        + "products:\n  - {sku_id: A, outputs: &o [ar], model: &m m.glb}\n  - {sku_id: B, outputs: *o, model: *m}\n"
    )
    a, b = loaded(text).catalog.products
    assert b.outputs == a.outputs == ("ar",)
    assert (b.model.written, b.model.place) == ("m.glb", Place("catalog.yaml", 5, 37))


def test_merge_keys_fill_in_what_a_mapping_does_not_say(loaded):
    text = HEAD + (
        "x-base: &base {protect: true, name: base}\nx-other: &other {name: other, main_asset_name: m}\n"
        "products:\n  - {<<: *base, sku_id: A}\n  - {sku_id: B, name: own, <<: [*base, *other]}\n"
    )
    a, b = loaded(text).catalog.products
    assert (a.protect, a.name) == (True, "base")
    assert (b.protect, b.name, b.main_asset_name) == (True, "own", "m")


def test_a_quoted_merge_key_is_an_ordinary_key(loaded):
    with pytest.raises(ManifestError) as caught:
        loaded(HEAD + 'products: [{sku_id: A, "<<": x}]\n')
    assert [problem.rule for problem in caught.value.problems] == ["unknown-key"]


def test_an_alias_can_be_a_key(loaded):
    assert loaded(HEAD + "x-k: &k sku_id\nproducts: [{*k : A}]\n").catalog.products[0].sku_id == "A"


def test_one_value_is_a_number_here_and_text_there(loaded):
    text = HEAD + (
        "products: [{sku_id: A, name: &n 7}]\nrenders:\n"
        "  - {name: r, scene_id: *n, cameras_to_render: &c [1, 2], products: [{sku_id: A}]}\n"
    )
    catalog = loaded(text).catalog
    assert (catalog.products[0].name, catalog.renders[0].scene_id) == ("7", 7)


def test_outputs_of_a_product_replace_those_of_defaults(loaded):
    text = HEAD + (
        "defaults: {product: {outputs: {ar: true, silo: {archive: [x]}}, protect: true}}\nproducts:\n"
        "  - {sku_id: A}\n  - {sku_id: B, outputs: []}\n  - {sku_id: C, outputs: {3d_model_viewer: true, ar: false}}\n"
        "  - {sku_id: D, protect: false, outputs: {silo: true}}\n"
    )
    wanted = [(p.outputs, p.archive, p.protect) for p in loaded(text).catalog.products]
    assert wanted == [
        (("ar", "silo"), ("x",), True),
        ((), (), True),
        (("3d_model_viewer",), (), True),
        (("silo",), (), False),
    ]


def test_defaults_of_an_included_file_hold_there_and_win_key_by_key(loaded):
    catalog = loaded(
        HEAD + "defaults: {product: {outputs: [ar], protect: true}}\ninclude: [a.yaml, b.yaml]\n",
        **{
            "a.yaml": "defaults: {product: {outputs: [silo]}}\nproducts: [{sku_id: A}]\n",
            "b.yaml": "products: [{sku_id: B}]\n",
        },
    ).catalog
    assert [(p.sku_id, p.outputs, p.protect) for p in catalog.products] == [
        ("A", ("silo",), True),
        ("B", ("ar",), True),
    ]


def test_paths_are_relative_to_the_file_they_are_written_in(loaded, folder):
    catalog = loaded(
        HEAD + "include: [deep/*.yaml]\n",
        **{
            "deep/b.yaml": "include: [../more.csv]\nproducts: [{sku_id: B, model: m.glb}]\n",
            "deep/a.yaml": "products: [{sku_id: A, model: ../m.glb}]\n",
            "more.csv": "sku_id,model\nC,m.glb\n",
        },
    ).catalog
    found = {product.sku_id: product.model.path for product in catalog.products}
    assert found == {"A": f"{folder}/m.glb", "B": f"{folder}/deep/m.glb", "C": f"{folder}/m.glb"}
    assert [product.sku_id for product in catalog.products] == ["A", "B", "C"]


def test_a_file_is_read_once_however_often_it_is_included(loaded):
    files = {"a.yaml": "include: [c.yaml]\n", "b.yaml": "include: [c.yaml]\n", "c.yaml": "products: [{sku_id: C}]\n"}
    assert len(loaded(HEAD + "include: ['*.yaml']\n", **files).catalog.products) == 1


def test_a_folder_means_its_yaml_files(write, folder):
    write({"b.yml": "include: [a.yaml]\n", "a.yaml": HEAD + "products: [{sku_id: A}]\n", "c.csv": "x", "d.txt": "x"})
    catalog = load([Path()]).catalog
    assert ([p.sku_id for p in catalog.products], catalog.root) == (["A"], str(folder))


def test_a_csv_can_be_given_beside_a_manifest(write):
    write({"catalog.yaml": HEAD, "more.csv": "sku_id\nA\n"})
    assert [p.sku_id for p in load([Path("catalog.yaml"), Path("more.csv")]).catalog.products] == ["A"]


def test_csv_rows_are_products(loaded):
    text = (
        "\ufeffsku_id, gtin,name,outputs,protect,salsify_id\r\n"
        '0042,0012345670008,"Lamp ""big"",\r\ntwo lines",silo; ar,true,1e5\r\n'
        "\r\n"
        "NO,,,,,\r\n"
    )
    first, second = loaded(
        HEAD + "include: [more.csv]\ndefaults: {product: {outputs: [ar]}}\n", **{"more.csv": text}
    ).catalog.products
    assert (first.sku_id, first.gtin, first.name) == ("0042", "0012345670008", 'Lamp "big",\r\ntwo lines')
    assert (first.outputs, first.protect, first.place) == (("ar", "silo"), True, Place("more.csv", 2, 1))
    assert (first.salsify_id, second.salsify_id) == ("1e5", None)
    assert (second.sku_id, second.gtin, second.outputs, second.place.line) == ("NO", None, ("ar",), 5)


def test_symbolic_links_are_followed_to_see_whether_a_file_is_outside(problems, folder):
    (folder.parent / "secret").mkdir()
    (folder / "models").symlink_to(folder.parent / "secret")
    (folder / "near.glb").write_text("")
    (folder / "far.glb").symlink_to(folder.parent / "secret" / "m.glb")
    (folder / "link.glb").symlink_to(folder / "near.glb")
    names = ["models/m.glb", "far.glb", "link.glb", "near.glb"]
    rows = "".join(f"  - {{sku_id: '{number}', model: {name}}}\n" for number, name in enumerate(names))
    said = problems({"catalog.yaml": HEAD + "products:\n" + rows})
    assert [line.partition(" ")[0] for line in said] == ["catalog.yaml:4:26", "catalog.yaml:5:26"]
    assert not problems({}, allow_outside=True)


def test_files_outside_the_current_directory_are_shown_by_their_whole_path(problems, folder, monkeypatch):
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")
    said = problems({"catalog.yaml": HEAD + "x: 1\n"}, str(folder / "catalog.yaml"))
    assert said[0].startswith(f"{folder}/catalog.yaml:3:1 error[unknown-key]")


@pytest.mark.parametrize("on", [True, False])
def test_the_garbage_collector_is_left_as_it_was_found(problems, on):
    (gc.enable if on else gc.disable)()
    try:
        problems({"catalog.yaml": "["})
        assert gc.isenabled() is on
    finally:
        gc.enable()
