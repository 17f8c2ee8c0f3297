"""Formatting: one form, reached at once, that means what was written and keeps what people wrote beside it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogsync.manifest.formatting import format_files, format_text, key_orders
from catalogsync.manifest.writing import put_file, scalar

CASES = {
    "keys come in the order of the schema": (
        "products:\n- name: a\n  sku_id: b\n",
        "products:\n  - sku_id: b\n    name: a\n",
    ),
    "a comment above a key goes with it": (
        "products:\n  - name: a # eol\n    # about\n    sku_id: b\n",
        "products:\n  # about\n  - sku_id: b\n    name: a # eol\n",
    ),
    "blank lines and comments between products stay": (
        "products:\n- sku_id: a\n\n# second\n- sku_id: b\n",
        "products:\n  - sku_id: a\n\n  # second\n  - sku_id: b\n",
    ),
    "scalars are verbatim": (
        "products:\n- sku_id: NO\n  gtin: 0012345670000\n  name: 12:30:45\n- sku_id: 1e5\n  name: ~\n  gtin: 0o17\n",
        (
            "products:\n  - sku_id: NO\n    gtin: 0012345670000\n    name: 12:30:45\n"
            "  - sku_id: 1e5\n    gtin: 0o17\n    name: ~\n"
        ),
    ),
    "a mapping of one key keeps its braces in a list": (
        "renders:\n- {name: n, products: [ {sku_id: a} ]}\n",
        "renders:\n  - {name: n, products: [{sku_id: a}]}\n",
    ),
    "quotes stay": (
        "products:\n- {sku_id: \"a\", name: 'b', gtin: 007}\n",
        "products:\n  - {sku_id: \"a\", name: 'b', gtin: 007}\n",
    ),
    "a block of text keeps its lines, also one that looks like a comment": (
        "products:\n  - name: |\n      x\n      # y\n    sku_id: a\n",
        "products:\n  - sku_id: a\n    name: |\n      x\n      # y\n",
    ),
    "anchors, aliases and merge keys stay": (
        "x-a: &a {protect: true}\nproducts:\n- sku_id: s\n  <<: *a\n",
        "x-a: &a {protect: true}\nproducts:\n  - <<: *a\n    sku_id: s\n",
    ),
    "line ends stay": ("version: 1\r\ncatalog:   a\r\n", "version: 1\r\ncatalog: a\r\n"),
    "renders and settings are sorted too": (
        "settings:\n  parallelism: 1\n  guards: {max_deletes: 1}\nrenders:\n- scene_id: 1\n  name: n\n",
        "settings:\n  guards: {max_deletes: 1}\n  parallelism: 1\nrenders:\n  - name: n\n    scene_id: 1\n",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_form(case: str) -> None:
    before, after = (text.encode() for text in CASES[case])
    assert format_text(before).decode() == after.decode()
    assert format_text(after) == after


def test_products_are_sorted_by_sku_id_when_asked_to_with_their_comments() -> None:
    text = b"products:\n  # b\n  - sku_id: B\n    name: x\n  # a\n  - sku_id: A\n"
    wanted = b"products:\n  # a\n  - sku_id: A\n  # b\n  - sku_id: B\n    name: x\n"
    assert format_text(text, by_sku=True) == wanted
    assert format_text(text) == text


def test_an_alias_is_not_moved_before_its_anchor() -> None:
    with pytest.raises(ValueError, match=r"cannot be formatted|would have changed"):
        format_text(b"products:\n- name: &n x\n  sku_id: *n\n")


def test_the_orders_are_those_of_the_schema() -> None:
    orders = key_orders()
    assert orders["products[]"][:4] == ("sku_id", "key", "gtin", "salsify_id")
    assert orders["renders[].products[]"][0] == "sku_id"
    assert orders["settings.polling"] == ("initial", "interval", "timeout")


def test_a_broken_file_is_reported_and_the_others_are_formatted(tmp_path: Path) -> None:
    main, broken, more = tmp_path / "catalog.yaml", tmp_path / "broken.yaml", tmp_path / "more.yml"
    main.write_text("version:   1\ncatalog: a\ninclude: [broken.yaml, more.yml, list.csv]\n")
    broken.write_text("products: [\n")
    more.write_text("products:\n- sku_id: a\n  nmae: wrong key\n")
    (tmp_path / "list.csv").write_text("sku_id\nx\n")
    formatted, problems = format_files([main])
    assert {one.path.name for one in formatted} == {"catalog.yaml", "more.yml"}
    assert all(one.changed for one in formatted)
    assert [problem.rule for problem in problems] == ["yaml-syntax"]


def test_a_file_keeps_its_permissions_and_its_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "link.yaml"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    put_file(link, b"new")
    assert (real.read_bytes(), real.stat().st_mode & 0o777, link.is_symlink()) == (b"new", 0o640, True)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["link.yaml", "real.yaml"]


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1, max_size=12)
VALUE = TEXT.map(scalar) | st.sampled_from(["NO", "0012", "1e5", "12:30:45", "2024-01-01", "''", "'x # y'", "~"])
COMMENT = st.sampled_from(["", "", "  # eol", "\n    # above the next"])


@st.composite
def manifests(draw: st.DrawFn) -> str:
    lines = ["# top", "version: 1", "products:"]
    for _ in range(draw(st.integers(1, 4))):
        keys = draw(st.permutations(["sku_id", "gtin", "name", "main_asset_name"]))[: draw(st.integers(1, 4))]
        for index, key in enumerate(keys):
            lines.append(f"{'-' if index == 0 else ' '} {key}: {draw(VALUE)}{draw(COMMENT)}")
        lines += [""] * draw(st.integers(0, 1))
    return "\n".join([*lines, "# tail", ""])


def loaded(data: bytes) -> Any:
    return yaml.load(data, yaml.CBaseLoader)


@settings(max_examples=60, deadline=None)
@given(manifests(), st.booleans())
def test_formatting_twice_is_formatting_once_and_changes_no_value(text: str, by_sku: bool) -> None:
    after = format_text(text.encode(), by_sku=by_sku)
    assert format_text(after, by_sku=by_sku) == after
    before, now = loaded(text.encode()), loaded(after)
    if by_sku:
        assert [p.get("sku_id", "") for p in now["products"]] == sorted(p.get("sku_id", "") for p in now["products"])
    else:
        assert before == now
    assert text.count("# above") == after.decode().count("# above")


@given(st.text(st.characters(codec="utf-8")))
def test_a_scalar_is_read_back_letter_by_letter_and_is_in_the_form(text: str) -> None:
    written = f"x-a: {scalar(text)}\n".encode()
    assert loaded(written) == {"x-a": text}
    assert format_text(written) == written
