"""For any catalog: written as YAML it loads to the same values. For any text: a catalog or problems, never a crash."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum import ean

from catalogsync.errors import ManifestError, Problem
from catalogsync.manifest import load
from catalogsync.manifest.gtin import is_gtin, what_is_wrong
from catalogsync.manifest.reader import read_yaml
from catalogsync.manifest.tree import place_of
from catalogsync.model.outputs import OUTPUTS

CALM = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
AMBIGUOUS = ["NO", "1e5", "0012", "12:30:45", "2024-01-01", "true", "~", "null", "0x1F", "=", "<<"]
letters = st.characters(codec="utf-8", categories=["L", "N", "P", "S"])
words = st.sampled_from(AMBIGUOUS) | st.text(letters, min_size=1, max_size=12)
printable = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co", "Zl", "Zp"])
texts = words | st.text(printable, max_size=20)
outputs = st.lists(st.sampled_from(list(OUTPUTS)), unique=True)
products = st.fixed_dictionaries(
    {"sku_id": words},
    optional={"name": texts, "main_asset_name": texts, "protect": st.booleans(), "outputs": outputs},
)
catalogs = st.lists(products, max_size=6, unique_by=lambda product: product["sku_id"])


def dumped(document, style: str) -> str:
    if style == "json":
        return json.dumps(document, ensure_ascii=False)
    return yaml.safe_dump(document, allow_unicode=True, default_flow_style=style == "flow", width=40)


def problems_of(name: str) -> tuple[Problem, ...]:
    try:
        return load([Path(name)]).warnings
    except ManifestError as error:
        return error.problems


@CALM
@given(catalogs, st.sampled_from(["block", "flow", "json"]))
def test_a_dumped_catalog_loads_to_the_same_values(folder, wanted, style):
    document = {"version": 1, "catalog": "shop", "products": wanted}
    Path("catalog.yaml").write_text(dumped(document, style), encoding="utf-8")
    loaded = load([Path("catalog.yaml")]).catalog
    assert [(p.sku_id, p.key, p.name, p.main_asset_name, p.protect, list(p.outputs)) for p in loaded.products] == [
        (
            p["sku_id"],
            p["sku_id"],
            p.get("name"),
            p.get("main_asset_name"),
            p.get("protect", False),
            [name for name in OUTPUTS if name in p.get("outputs", ())],
        )
        for p in wanted
    ]


@CALM
@given(catalogs)
def test_each_value_stands_where_its_place_says(folder, wanted):
    text = dumped({"products": wanted}, "json")
    tree = read_yaml(text.encode(), lambda *problem: None)
    for product in tree["products"]:
        for key in product:
            place = place_of("x", product.key_mark(key))
            assert text.splitlines()[place.line - 1][place.column - 1 :].startswith(f'"{key}"')


TOP = ["settings", "defaults", "products", "renders", "moved", "removed", "include", "catalog"]
nonsense = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["version", "catalog", "settings", "guards", "max_deletes", "defaults", "product", "products",
                         "outputs", "silo", "archive", "sku_id", "gtin", "salsify_id", "key", "model", "protect",
                         "renders", "name", "moved", "from", "to", "removed", "include"]) | words,
        inner,
        max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip


@CALM
@given(st.dictionaries(st.sampled_from(TOP), nonsense))
def test_any_document_is_a_catalog_or_problems(folder, document):
    Path("catalog.yaml").write_text(dumped(document, "block"), encoding="utf-8")
    assert all(problem.message and problem.fix for problem in problems_of("catalog.yaml"))


@CALM
@given(st.binary(max_size=60) | st.text("{}[]&*<:-|>'\"!%@` \t\n#,ab1?", max_size=60).map(str.encode))
def test_any_bytes_are_a_catalog_or_problems(folder, data):
    for name in ("catalog.yaml", "more.csv"):
        Path(name).write_bytes(data)
        assert all(problem.message and problem.fix for problem in problems_of(name))


digits = st.text("0123456789", min_size=7, max_size=13)


@given(digits.map(lambda text: text + ean.calc_check_digit(text)) | st.text("0123456789- x", max_size=15))
def test_the_fast_gtin_check_agrees_with_stdnum(text):
    strict = text.isdigit() and ean.is_valid(text)
    assert is_gtin(text) == strict
    if not strict and text:
        assert all(what_is_wrong(text))
