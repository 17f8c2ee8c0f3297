"""Scalars are kept as written, and become numbers and booleans only where the schema has them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rule_cases import HEAD

from catalogsync.errors import ManifestError, Place
from catalogsync.model.catalog import Asset, Limit, Placement, Product, Render, Settings

WHOLE = """\
version: 1
catalog: lighting
settings:
  guards: {max_deletes: 10%, max_replaces: 3, max_credits: 5000}
  polling: {initial: 90, interval: 1.5, timeout: 1e3}
  parallelism: 4
  upload_parallelism: 2
defaults:
  product: {outputs: [silo, ar]}
products:
  - sku_id: LAMP-01
    key: lamp
    gtin: "4006381333931"
    salsify_id: 0012e5
    name: Arc lamp
    main_asset_name: arc_lamp
    model: models/arc.GLB
    thumbnail: ./thumbs/arc.jpg
    outputs:
      silo: {archive: ["* - Black bg - *"]}
      360_degree_spin: false
      3d_model_viewer: true
    protect: true
  - sku_id: LAMP-02
renders:
  - name: room
    scene_id: 7550
    cameras_to_render: [8152584, 8152586]
    units: inches
    products:
      - {sku_id: LAMP-01, position: [0, -1.5, 1e1], rotation: [0, 0, 90], material_id: 500}
      - {sku_id: LAMP-02}
moved: [{from: product.OLD, to: product.lamp}]
removed: [product.RETIRED, render.old]
"""


def test_a_whole_manifest_becomes_a_catalog(loaded, folder):
    catalog = loaded(WHOLE).catalog
    lamp = Product(
        key="lamp",
        sku_id="LAMP-01",
        gtin="4006381333931",
        name="Arc lamp",
        main_asset_name="arc_lamp",
        model=Asset("models/arc.GLB", f"{folder}/models/arc.GLB", Place("catalog.yaml", 17, 12)),
        thumbnail=Asset("./thumbs/arc.jpg", f"{folder}/thumbs/arc.jpg", Place("catalog.yaml", 18, 16)),
        outputs=("3d_model_viewer", "silo"),
        archive=("* - Black bg - *",),
        protect=True,
        place=Place("catalog.yaml", 11, 5),
        salsify_id="0012e5",
    )
    plain = Product(
        key="LAMP-02",
        sku_id="LAMP-02",
        gtin=None,
        name=None,
        main_asset_name=None,
        model=None,
        thumbnail=None,
        outputs=("ar", "silo"),
        archive=(),
        protect=False,
        place=Place("catalog.yaml", 24, 5),
    )
    assert catalog.products == (lamp, plain)
    placements = (
        Placement("lamp", "LAMP-01", (0.0, -1.5, 10.0), (0.0, 0.0, 90.0), 500),
        Placement("LAMP-02", "LAMP-02", None, None, None),
    )
    room = Render("room", 7550, (8152584, 8152586), "inches", placements, Place("catalog.yaml", 26, 5))
    assert catalog.renders == (room,)
    assert (catalog.name, catalog.root) == ("lighting", str(folder))
    assert catalog.moved == {"product.lamp": "product.OLD"}
    assert catalog.removed == {"product.RETIRED", "render.old"}
    assert catalog.settings == Settings(Limit(10, percent=True), Limit(3), 5000, 90, 1.5, 1000.0, 4, 2)


def test_what_a_manifest_leaves_out_is_none(loaded):
    catalog = loaded(HEAD).catalog
    assert catalog == replace(catalog, products=(), renders=(), moved={}, removed=frozenset(), settings=Settings())


VERBATIM = [
    "0012345670000", "1e5", "NO", "no", "off", "12:30:45", "2024-01-01", "0x1F", "1_000", "true", "True", "null", "~",
    ".inf", "-0", "1.10", "+1", "0o17", "yes", "<<", "=", "日本語", "it's", "a#b", "Größe 40",
]  # fmt: skip


@pytest.mark.parametrize("text", VERBATIM)
def test_text_stays_as_written(loaded, text):
    assert loaded(f"{HEAD}products:\n  - sku_id: A\n    name: {text}\n").catalog.products[0].name == text


@pytest.mark.parametrize("text", VERBATIM)
def test_a_sku_id_stays_as_written(loaded, text):
    product = loaded(f"{HEAD}products:\n  - sku_id: {text}\n    key: k\n").catalog.products[0]
    assert product.sku_id == text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("''", ""),
        ('" x "', " x "),
        ("|-\n      two\n      lines", "two\nlines"),
        (">-\n      one\n      line", "one line"),
    ],
)
def test_quoted_and_block_text_is_what_yaml_says(loaded, written, read):
    assert loaded(f"{HEAD}products:\n  - sku_id: A\n    name: {written}\n").catalog.products[0].name == read


def test_an_empty_text_clears_and_a_left_out_key_is_not_managed(loaded):
    product = loaded(HEAD + 'products: [{sku_id: A, gtin: "", name: ""}]\n').catalog.products[0]
    assert product.managed_fields() == {"sku_id": "A", "gtin": "", "name": ""}


@pytest.mark.parametrize(("written", "read"), [("true", True), ("TRUE", True), ("False", False), ("!!bool true", True)])
def test_booleans_of_yaml_1_2(loaded, written, read):
    assert loaded(f"{HEAD}products: [{{sku_id: A, protect: {written}}}]\n").catalog.products[0].protect is read


@pytest.mark.parametrize("written", ["yes", "on", "1", "'true'", "!!str true", "tRUE", "null"])
def test_other_spellings_are_not_booleans(loaded, written):
    with pytest.raises(ManifestError) as caught:
        loaded(f"{HEAD}products: [{{sku_id: A, protect: {written}}}]\n")
    assert [problem.rule for problem in caught.value.problems] == ["wrong-type"]


@pytest.mark.parametrize(("written", "read"), [("010", 10), ("+7", 7), ("!!int 3", 3)])
def test_integers_are_decimal(loaded, written, read):
    assert loaded(f"{HEAD}settings: {{parallelism: {written}}}\n").catalog.settings.parallelism == read


@pytest.mark.parametrize("written", ["1.0", "0x10", "0o10", "1_000", "'5'", "1e1", "9" * 30, "٣"])
def test_other_spellings_are_not_integers(loaded, written):
    with pytest.raises(ManifestError) as caught:
        loaded(f"{HEAD}settings: {{parallelism: {written}}}\n")
    assert [problem.rule for problem in caught.value.problems] == ["wrong-type"]


@pytest.mark.parametrize("written", [".inf", ".nan", "1e999", "1:30", "."])
def test_other_spellings_are_not_numbers(loaded, written):
    with pytest.raises(ManifestError) as caught:
        loaded(f"{HEAD}settings: {{polling: {{initial: {written}}}}}\n")
    assert [problem.rule for problem in caught.value.problems] == ["wrong-type"]
