"""A plan as a page: complete in itself, nothing of others becomes markup, and it works in a browser."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from page_driver import driven, in_browser
from plan_shapes import create, generate, plan_of, render
from render_cases import FULL, VILE, many, vile_review

from catalogsync.cli.render import pagedata, pictures
from catalogsync.cli.render.html import plan_html
from catalogsync.cli.render.pagedata import page_data
from catalogsync.cli.render.printable import printable
from catalogsync.cli.render.review import Review
from catalogsync.plan.changes import Partial, PlannedFile
from catalogsync.plan.guards import Objection

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"


class Page(HTMLParser):
    """Tags and attributes of a page, and what stands in its scripts and style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.inline: dict[str, str] = {}
        self._within = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._within = tag if tag == "style" else dict(attrs).get("id") or tag if tag == "script" else ""

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within:
            self.inline[self._within] = self.inline.get(self._within, "") + data


def policy(page: Page) -> str:
    return next(value for _, value in page.attributes if "default-src" in value)


def test_the_page_allows_its_own_script_and_style_and_nothing_else() -> None:
    page = Page(plan_html(FULL))
    for name, rule in (("script", "script-src"), ("style", "style-src")):
        mark = b64encode(hashlib.sha256(page.inline[name].encode()).digest()).decode()
        assert f"{rule} 'sha256-{mark}'" in policy(page)
    assert policy(page).startswith("default-src 'none'; ")
    assert "unsafe" not in policy(page)


def test_the_page_loads_and_links_nothing() -> None:
    page = Page(plan_html(FULL))
    assert not [value for name, value in page.attributes if name in {"src", "href", "action", "srcset"}]
    assert not {"link", "iframe", "object", "base", "form", "a", "img"} & set(page.tags)
    assert "url(" not in page.inline["style"]
    assert "@import" not in page.inline["style"]
    assert "innerHTML" not in page.inline["script"]


def test_no_name_becomes_markup() -> None:
    review = replace(vile_review("</script><script>alert(1)</script><img src=x onerror=alert(1)>"))
    plain, vile = Page(plan_html(vile_review("A"))), Page(plan_html(review))
    assert sorted(vile.tags) == sorted(plain.tags)
    rows = json.loads(vile.inline["data"])["rows"]
    assert rows[1][4] == "product.</script><script>alert(1)</script><img src=x onerror=alert(1)>"


def test_what_is_said_first_needs_no_script() -> None:
    plan = replace(FULL.plan, partial=Partial(3, 1))
    text = plan_html(replace(FULL, plan=plan)).partition("<noscript>")[0]
    for words in (
        "Plan: 1 to import, 4 to add, 3 to change, 2 to destroy, 1 to forget.",
        "<b>max-deletes</b> 1 of 3 would be destroyed",
        "<code>content.G</code> its AR failed",
        "This plan is partial.",
        "credits expected",
        "995 available",
    ):
        assert words in text


def test_an_empty_plan_says_so_and_shows_no_board() -> None:
    text = plan_html(Review(replace(plan_of([]), spent=1, available=7)))
    assert "No changes. Your catalog matches the manifest." in text
    assert "Credits: 1 spent reading, 7 available." in text
    assert "credits expected" not in text


def test_edges_follow_their_rows_into_reading_order() -> None:
    data = page_data(FULL)
    index = [row[0] for row in data["rows"]]
    pairs = list(zip(data["edges"][::2], data["edges"][1::2], strict=True))
    assert [(index[first], index[then]) for first, then in pairs] == list(FULL.plan.edges)


def test_a_plan_too_long_to_read_is_cut_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pagedata, "MOST_ROWS", 5)
    text = plan_html(Review(many(1_234)))
    assert "1,229 more changes are not in this page" in text
    assert len(json.loads(Page(text).inline["data"])["rows"]) == 5


def test_many_objections_are_counted() -> None:
    text = plan_html(Review(many(1), tuple(Objection("protected", f"no. {number}", "x") for number in range(120))))
    assert "no. 99" in text
    assert "no. 100" not in text
    assert "and 20 more" in text


# ---- Pictures


def with_thumbnail(content: bytes, **more: Any) -> Review:
    file = PlannedFile("lamp.png", "lamp.png", "lamp.png", len(content), hashlib.sha256(content).hexdigest())
    return Review(plan_of([replace(create("A"), thumbnail=replace(file, **more))]))


def shown(review: Review, folder: Path) -> list[str]:
    return page_data(replace(review, files=folder))["pictures"]


def test_a_small_thumbnail_is_in_the_page(tmp_path: Path) -> None:
    (tmp_path / "lamp.png").write_bytes(PNG)
    (url,) = shown(with_thumbnail(PNG), tmp_path)
    assert b64decode(url.removeprefix("data:image/png;base64,")) == PNG


@pytest.mark.parametrize(
    "review",
    [
        with_thumbnail(PNG, sha256="of another"),
        with_thumbnail(PNG, size=7),
        with_thumbnail(PNG, path="gone.png"),
        with_thumbnail(b"<svg onload=alert(1)>"),
        with_thumbnail(PNG, path="lamp\0.png"),
    ],
    ids=["other content", "other size", "gone", "no picture", "no path"],
)
def test_a_file_that_is_not_what_was_planned_is_left_out(review: Review, tmp_path: Path) -> None:
    (tmp_path / "lamp.png").write_bytes(PNG)
    assert shown(review, tmp_path) == []


def test_pictures_keep_to_their_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = []
    for number in range(5):
        content = PNG + bytes([number])
        (tmp_path / f"{number}.png").write_bytes(content)
        file = PlannedFile(f"{number}.png", "", "", len(content), hashlib.sha256(content).hexdigest())
        changes += [replace(create(f"{key}{number}"), thumbnail=file) for key in "AB"]
    monkeypatch.setattr(pictures, "BUDGET", 3 * len(PNG) + 3)
    data = page_data(Review(plan_of(changes), files=tmp_path))
    assert (len(data["pictures"]), data["picturesLeftOut"]) == (3, 2)
    assert "2 thumbnails are not shown" in plan_html(Review(plan_of(changes), files=tmp_path))
    assert [row[11] for row in data["rows"]] == [0, 0, 1, 1, 2, 2, -1, -1, -1, -1]


# ---- In a browser


@in_browser
def test_changes_are_searched_filtered_ordered_and_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = """
      const listed = () => [...document.querySelectorAll(".what > code")].map((one) => one.textContent);
      seen.all = listed();
      press("/");
      seen.focused = document.activeElement.id;
      byId("search").value = "ARC 4006"; byId("search").dispatchEvent(new Event("input"));
      seen.searched = listed();
      seen.count = byId("found").textContent;
      press("ArrowDown", byId("search"));
      seen.row = document.activeElement.tagName;
      press("Escape", byId("search"));
      seen.cleared = listed().length;
      document.querySelector("#actions .delete").click();
      seen.filtered = listed();
      document.querySelector(".row").open = true; await rest();
      seen.opened = document.querySelector(".row .more").textContent;
      document.querySelector("#actions .delete").click();
      byId("order").value = "plan"; byId("order").dispatchEvent(new Event("change"));
      seen.planned = listed()[0];
      const content = [...document.querySelectorAll(".row")].find((one) => one.textContent.includes("content.A"));
      content.open = true; await rest();
      document.querySelector(".links button").click();
      seen.followed = listed()[0];
    """
    seen = driven(FULL, steps, tmp_path, monkeypatch)
    assert seen["all"][:3] == ["product.H", "product.B", "product.E"]
    assert len(seen["all"]) == seen["cleared"] == len(FULL.plan.changes)
    assert (seen["focused"], seen["row"]) == ("search", "SUMMARY")
    assert seen["searched"] == ["product.C"]
    assert seen["count"] == "1 of 12 changes"
    assert seen["filtered"] == ["product.B"]
    assert "manifestshop/catalog.yaml:8" in seen["opened"]
    assert (seen["planned"], seen["followed"]) == ("product.A", "product.A")


@in_browser
def test_the_graph_draws_groups_that_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = [one for number in range(60) for one in (create(f"S{number}"), generate(f"S{number}"))]
    plan = plan_of([*changes, render("hero", "S1", "S2")])
    steps = """
      const boxes = () => [...document.querySelectorAll(".box title")].map((one) => one.textContent);
      byId("tab-graph").click();
      seen.closed = boxes();
      seen.edges = document.querySelectorAll(".edge").length;
      document.querySelector(".box.create").dispatchEvent(new Event("click"));
      seen.opened = boxes().length;
      seen.rest = boxes().find((one) => one.startsWith("and "));
      byId("zoom-in").click();
      byId("close").click();
      seen.again = boxes().length;
      [...document.querySelectorAll(".box")].at(-1).dispatchEvent(new Event("click"));
      seen.read = document.querySelector(".what > code").textContent;
      byId("tab-costs").click();
      const cells = (row) => row.children[0].textContent + row.children[3].textContent;
      seen.costs = [...document.querySelectorAll("#costs tbody tr")].map(cells);
    """
    seen = driven(Review(plan), steps, tmp_path, monkeypatch)
    assert seen["closed"][0] == "60 \u00d7 create product: 120 credits, press to open"
    assert seen["closed"][1].startswith("60 \u00d7 generate content: ")
    assert seen["closed"][2].startswith("render.hero: ")
    assert seen["edges"] == 2
    assert (seen["opened"], seen["again"]) == (40 + 1 + 2, 3)
    assert seen["rest"].startswith("and 20 \u00d7 create product")
    assert seen["read"] == "render.hero"
    assert seen["costs"][1] == "create120"


@in_browser
def test_a_name_that_tries_to_break_out_is_shown_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = """
      seen.addresses = [...document.querySelectorAll(".what > code")].map((one) => one.textContent);
      seen.pictures = document.images.length;
      byId("tab-graph").click();
      seen.boxes = document.querySelectorAll(".box").length;
    """
    seen = driven(vile_review(), steps, tmp_path, monkeypatch)
    assert seen == {"addresses": ["product.B", printable(f"product.{VILE}")], "pictures": 0, "boxes": 2}


@in_browser
def test_a_long_list_is_drawn_as_one_scrolls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = """
      seen.first = document.querySelectorAll(".row").length;
      seen.left = byId("more").textContent;
      byId("search").value = "sku-004999"; byId("search").dispatchEvent(new Event("input"));
      seen.found = document.querySelectorAll(".row").length;
    """
    seen = driven(Review(many(5_000)), steps, tmp_path, monkeypatch)
    assert seen == {"first": 150, "left": "4,850 more below", "found": 1}
