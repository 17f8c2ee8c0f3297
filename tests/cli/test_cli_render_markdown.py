"""A plan as Markdown: what matters first, nothing breaks out, and a comment can hold it."""

import re
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from plan_shapes import create, delete, plan_of
from render_cases import FULL, VILE, many, vile_review

from catalogsync.cli.render.details import details_of
from catalogsync.cli.render.markdown import LIMIT, OPEN_ROWS, marker, plan_markdown
from catalogsync.cli.render.markup import web_address
from catalogsync.cli.render.printable import printable, shortened
from catalogsync.cli.render.review import Review
from catalogsync.plan.changes import Notice
from catalogsync.plan.guards import Objection

OURS = {"<!-- -->", "<code>", "</code>", "<br>", "<del>", "</del>", "<i>", "</i>"}
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
VISIBLE = st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=100)


def tokens(text: str) -> list[Token]:
    return PARSER.parse(text)


def cells(text: str) -> list[str]:
    found = tokens(text)
    return [found[index + 1].content for index, token in enumerate(found) if token.type == "td_open"]


def inline_html(text: str) -> set[str]:
    return {child.content for token in tokens(text) for child in token.children or () if child.type == "html_inline"}


def kinds(text: str) -> set[str]:
    found = tokens(text)
    return {token.type for token in found} | {child.type for token in found for child in token.children or ()}


def test_the_comment_of_an_earlier_run_is_found_by_the_first_line() -> None:
    assert plan_markdown(FULL).splitlines()[0] == "<!-- catalogsync:plan:shop -->"
    assert marker("a --> b") == "<!-- catalogsync:plan:a-----b -->"


def test_summary_credits_objections_and_notices_come_before_the_table() -> None:
    text = plan_markdown(FULL)
    said = [
        "\nPlan: 1 to import, 4 to add, 3 to change, 2 to destroy, 1 to forget.\n",
        "\nCredits: ",
        "> [!CAUTION]\n> This plan will not be applied.",
        "1 of 3 would be destroyed. To go on: --max-deletes=1.",
        "> [!WARNING]",
        "its AR failed",
        "> [!NOTE]",
        "<code>content.I</code>",
        "| Resource |",
    ]
    places = [text.index(words) for words in said]
    assert places == sorted(places)


def test_what_cannot_be_undone_is_read_first() -> None:
    signs = cells(plan_markdown(FULL))[::5]
    assert signs[:3] == ["`!`", "`-`", "`+/-`"]
    assert signs[-2:] == ["`+`", "`+`"]


def test_before_and_after_stand_side_by_side() -> None:
    text = plan_markdown(FULL)
    assert "name <code>Lamp</code> → <code>Arc lamp</code>" in text
    assert "gtin <i>empty</i> → <code>4006381333931</code>" in text
    assert "sku_id <del><code>B</code></del>" in text


def test_every_change_but_running_ones_has_a_row_of_five_cells() -> None:
    assert len(cells(plan_markdown(FULL))) == 5 * (len(FULL.plan.changes) - 1)


@given(VISIBLE)
@example(VILE)
@example("www.example.com/@a")
@example("```\n<!--")
@example("a\\|b|c\\")
@example("&#64;octocat")
def test_no_name_breaks_the_table_or_becomes_markup(name: str) -> None:
    text = plan_markdown(vile_review(name))
    assert len(cells(text)) == 10
    assert inline_html(text) <= OURS
    assert not kinds(text) & {"link_open", "image", "em_open", "fence", "code_block"}
    address = re.findall(r"<code>(.*?)</code>", cells(text)[6])
    assert [unescape(one.replace("<!-- -->", "")) for one in address] == [shortened(printable(f"product.{name}"), 120)]


@pytest.mark.parametrize("reference", ["@octocat", "#123", "GH-7", "!9", "~bug", ":bug:", "octo/cat#1"])
def test_prose_mentions_nobody_and_links_to_nothing(reference: str) -> None:
    plan = replace(plan_of([]), notices=(Notice("product.A", f"see {reference}"),))
    text = unescape(plan_markdown(Review(plan)))
    assert reference not in text
    assert reference in text.replace("\u200b", "")


def test_more_rows_than_one_reads_are_folded() -> None:
    text = plan_markdown(Review(many(OPEN_ROWS + 2)))
    assert "<details><summary>2 more changes</summary>\n\n| |" in text
    assert len(cells(text)) == 5 * (OPEN_ROWS + 2)


@pytest.mark.parametrize("number", [500, 5_000])
def test_a_comment_can_hold_it_and_says_what_is_missing(number: int) -> None:
    text = plan_markdown(Review(many(number), artifact_url="https://ci.example/run/1"))
    shown = len(cells(text)) // 5
    assert LIMIT - 3_000 < len(text.encode()) <= LIMIT
    assert f'{number - shown:,} changes more would not fit into a comment: <a href="https://ci.example/run/1">' in text


def test_a_comment_can_hold_the_worst_that_can_be_said() -> None:
    worst = "@@\U0001f4a1" * 200
    changes = [replace(delete(f"{index}{worst}"), reason=worst) for index in range(300)]
    plan = replace(plan_of(changes, edges=[]), notices=tuple(Notice(worst, worst) for _ in range(300)))
    text = plan_markdown(Review(plan, tuple(Objection(worst, worst, worst) for _ in range(300))))
    assert len(text.encode()) <= LIMIT
    assert len(text.encode("utf-16-le")) // 2 <= LIMIT
    assert "> - and " in text
    assert "catalogsync show" in text


def test_thumbnails_are_shown_from_the_web_only() -> None:
    review = Review(plan_of([create("A", thumbnail=True)]))
    assert "<img" not in plan_markdown(review)
    shown = replace(review, images_url="https://raw.example/shop/")
    assert '<br><img src="https://raw.example/shop//shop/lamp.png" width="64" alt="">' in plan_markdown(shown)
    assert "<img" not in plan_markdown(replace(review, images_url="file:///shop"))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://a.example/x?y=1&z=2", "https://a.example/x?y=1&amp;z=2"),
        ('https://a.example/"><script>|', "https://a.example/%22%3E%3Cscript%3E%7C"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("/relative", ""),
        ("https://[", ""),
    ],
)
def test_only_web_addresses_are_linked(url: str, address: str) -> None:
    assert web_address(url) == address


def test_nothing_to_do_is_said_in_the_words_of_the_text() -> None:
    assert "\nNo changes. Your catalog matches the manifest." in plan_markdown(Review(plan_of([])))


def test_every_type_of_change_has_details_or_none_by_intention() -> None:
    without = {type(change).__name__ for change in FULL.plan.changes if not details_of(change)}
    assert without == {"Forget"}
