"""The schema describes itself, and both validators agree about it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from catalogsync import manifest
from catalogsync.manifest import schema as schema_module
from catalogsync.manifest import schema_text
from catalogsync.manifest.csvfile import COLUMNS
from catalogsync.manifest.schema import gate, schema_for
from catalogsync.manifest.words import SPEAKERS
from catalogsync.model.outputs import OUTPUTS

SCHEMA = json.loads(schema_text())
PRODUCTS: list[Any] = [
    {"sku_id": "A"},
    {"sku_id": ""},
    {"sku_id": " A"},
    {"sku_id": "A\u00a0"},
    {"sku_id": "A\x07"},
    {"sku_id": "Größe 1"},
    {"sku_id": "日本"},
    {"sku_id": 5},
    {"sku_id": None},
    {"sku_id": "A", "x": 1},
    {},
    [],
    "A",
    None,
    *({"sku_id": "A", "key": key} for key in ("k", "", "a b", "a\tb", "a\u2003b", "k.k", 1)),
    *({"sku_id": "A", "model": model} for model in ("a.glb", "", {"path": "a"}, None)),
    *({"sku_id": "A", "protect": protect} for protect in (True, False, "true", 0, None)),
    *(
        {"sku_id": "A", "outputs": outputs}
        for outputs in (
            [], ["ar"], ["ar", "ar"], ["x"], [1], {}, {"ar": True}, {"ar": "yes"}, {"x": True}, {"silo": {}},
            {"silo": {"archive": ["*"]}}, {"silo": {"archive": "*"}}, {"silo": {"archive": [""]}},
            {"ar": {"archive": []}},
            "ar", None,
        )
    ),
]  # fmt: skip
RENDER = {"name": "r", "scene_id": 1, "cameras_to_render": [1], "products": [{"sku_id": "A"}]}
RENDERS: list[Any] = [
    RENDER,
    *({**RENDER, "scene_id": scene} for scene in (0, 1.0, 1.5, "1", True, -1, 10**17)),
    *({**RENDER, "cameras_to_render": cameras} for cameras in ([], [1, 1], [1, 2], [1.0, 1], ["1"], None)),
    *(
        {**RENDER, "products": [{"sku_id": "A", "position": position}]}
        for position in ([0, 0], [0, 0.5, 1], ["0", 0, 0])
    ),
    *({key: value for key, value in RENDER.items() if key != left_out} for left_out in RENDER),
]
DOCUMENTS: list[Any] = [
    {},
    {"version": 1},
    {"version": 2},
    {"version": True},
    {"x-anything": {"a": [1]}},
    {"catalog": "a b"},
    {"include": ["a", ""]},
    *(
        {"settings": {"guards": {"max_deletes": limit}}}
        for limit in (1, 0, -1, "10%", "100%", "101%", "9.5%", "x", "5", 1.5, None)
    ),
    *({"settings": {"polling": {"interval": seconds}}} for seconds in (0, 0.1, -1, "1")),
    {"moved": [{"from": "product.A", "to": "product.B"}]},
    {"moved": [{"from": "content.A"}]},
    {"removed": ["product.A", "product.A"]},
    {"removed": ["render.a b"]},
]
CORPUS = [
    *(("product", value) for value in PRODUCTS),
    *(("render", value) for value in RENDERS),
    *(("document", value) for value in DOCUMENTS),
]


@pytest.mark.parametrize(("part", "value"), CORPUS)
def test_the_gate_and_the_explainer_agree(part, value):
    assert gate(part)(value) == jsonschema.Draft202012Validator(schema_for(part)).is_valid(value)


def test_the_corpus_has_right_and_wrong_values_of_each_part():
    assert {(part, gate(part)(value)) for part, value in CORPUS} == {
        (part, right) for part in ("product", "render", "document") for right in (True, False)
    }


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def properties(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, value in node.get("properties", {}).items():
            yield f"{path}.{key}", value
        for key, value in node.items():
            yield from properties(value, f"{path}.{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from properties(value, f"{path}[{index}]")


def keywords(node: Any) -> Iterator[str]:
    """The keywords of a schema and of all schemas in it."""
    if isinstance(node, list):
        for inner in node:
            yield from keywords(inner)
    elif isinstance(node, dict):
        yield from node
        for key, value in node.items():
            if key in {"properties", "patternProperties", "$defs"}:
                for inner in value.values():
                    yield from keywords(inner)
            elif key in {"items", "anyOf"}:
                yield from keywords(value)


def test_every_keyword_that_can_refuse_has_words():
    silent = {"$schema", "$defs", "$ref", "title", "description", "properties", "patternProperties", "items"}
    assert set(keywords(SCHEMA)) - silent - {"patternErrorMessage"} == set(SPEAKERS)


def described(value: dict[str, Any]) -> bool:
    target = SCHEMA["$defs"][value["$ref"].rpartition("/")[2]] if "$ref" in value else value
    return "description" in value or "description" in target


def test_every_property_has_a_description():
    assert [path for path, value in properties(SCHEMA) if not described(value)] == []


def test_the_schema_knows_the_outputs_of_the_model():
    as_list, as_mapping = SCHEMA["$defs"]["outputs"]["anyOf"]
    assert as_list["items"]["enum"] == list(OUTPUTS) == list(as_mapping["properties"])


def test_csv_columns_are_the_keys_of_a_product():
    assert list(COLUMNS) == list(SCHEMA["$defs"]["product"]["properties"])


def test_the_docs_name_every_key():
    text = (Path(__file__).parents[2] / "docs" / "manifest.md").read_text()
    keys = {path.rpartition(".")[2] for path, _ in properties(SCHEMA)}
    assert sorted(key for key in keys if key not in text) == []


def test_the_schema_of_an_installed_package_is_found_beside_its_modules(tmp_path, monkeypatch):
    home = tmp_path / "catalogsync" / "manifest"
    (tmp_path / "catalogsync" / "schemas").mkdir(parents=True)
    (tmp_path / "catalogsync" / "schemas" / "catalog.schema.json").write_text('{"installed": true}')
    monkeypatch.setattr(schema_module, "__file__", str(home / "schema.py"))
    assert manifest.schema_text() == '{"installed": true}'
