"""Every rule speaks at the right place, in the right words, and all of them at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_cases import CASES, HEAD, Case

from catalogsync.assets.rules import RULES as FILE_RULES
from catalogsync.manifest.rules import RULES

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_rule_says_where_it_was_broken_and_the_way_out(case: Case, problems, folder):
    expected = [line.replace("{above}", str(folder.parent)) for line in case.says]
    assert problems(case.files, *case.paths, **case.options) == expected


def test_every_rule_has_a_case():
    assert set().union(*(case.rules for case in CASES)) == set(RULES)


def test_the_docs_list_every_rule_and_no_other():
    headings = [line for line in (DOCS / "rules.md").read_text().splitlines() if line.startswith("### ")]
    assert [heading.removeprefix("### ").strip("`") for heading in headings] == [*RULES, *FILE_RULES]


def test_the_docs_say_which_rules_only_warn():
    text = (DOCS / "rules.md").read_text()
    sections = {section.partition("\n")[0].strip("`"): section for section in text.split("### ")[1:]}
    warnings = {name for name, section in sections.items() if "**Warning.**" in section}
    assert warnings == {name for name, rule in RULES.items() if rule.severity == "warning"}


def test_a_broken_file_does_not_hide_problems_in_others(problems):
    said = problems(
        {
            "catalog.yaml": HEAD + "include: [b.yaml, a.yaml]\nproducts: [{sku_id: A, nmae: x}]\n",
            "a.yaml": "products: [\n",
            "b.yaml": "products: [{sku_id: B, key: 'a b'}]\n",
        }
    )
    assert [line.partition(" ")[0] for line in said] == ["a.yaml:2:1", "b.yaml:1:29", "catalog.yaml:4:24"]


def test_names_from_a_broken_file_are_not_reported_as_unknown(problems):
    said = problems(
        {
            "catalog.yaml": HEAD + "include: [a.yaml]\nmoved: [{from: product.X, to: product.B}]\nrenders:\n"
            "  - {name: r, scene_id: 1, cameras_to_render: [1], products: [{sku_id: B}]}\n",
            "a.yaml": "products: [{sku_id: B}\n",
        }
    )
    assert [line.partition(" ")[0] for line in said] == ["a.yaml:2:1"]


def test_one_product_can_break_many_rules_at_once(problems):
    text = "products:\n  - {sku_id: A, gtin: x, nmae: y, protect: 1, model: a.txt, thumbnail: b.png, outputs: [z]}\n"
    said = problems({"catalog.yaml": HEAD + text})
    rules = [line.partition("[")[2].partition("]")[0] for line in said]
    assert rules == ["gtin-check", "unknown-key", "wrong-type", "model-extension", "not-allowed"]


def test_misshapen_settings_and_defaults_are_problems_not_crashes(problems):
    said = problems({"catalog.yaml": HEAD + "settings: {guards: 5}\ndefaults: {product: x}\nproducts: [{sku_id: A}]\n"})
    assert [line.partition(" ")[0] for line in said] == ["catalog.yaml:3:20", "catalog.yaml:4:21"]
