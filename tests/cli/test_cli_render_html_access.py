"""The page of a plan serves those who print it, use no mouse, or see little contrast."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from page_driver import driven, in_browser
from plan_shapes import create, generate, plan_of
from render_cases import many

from catalogsync.cli.render import html
from catalogsync.cli.render.html import plan_html
from catalogsync.cli.render.review import Review


@in_browser
def test_paper_has_all_that_was_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = """
      window.dispatchEvent(new Event("beforeprint"));
      seen.printed = document.querySelectorAll(".row").length;
      seen.more = byId("more").textContent;
    """
    assert driven(Review(many(400)), steps, tmp_path, monkeypatch) == {"printed": 400, "more": ""}


@in_browser
def test_the_page_can_be_used_without_a_mouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = [one for number in range(60) for one in (create(f"S{number}"), generate(f"S{number}"))]
    steps = """
      const chip = document.querySelector("#actions .create");
      chip.focus(); chip.click();
      seen.chip = document.activeElement === chip && chip.getAttribute("aria-pressed");
      chip.click();
      byId("tab-changes").focus();
      press("ArrowRight", byId("tab-changes"));
      seen.tab = document.activeElement.id;
      seen.stops = [...document.querySelectorAll("[role=tab]")].map((one) => one.tabIndex);
      press(" ", document.querySelector(".box.create"));
      seen.box = document.activeElement.querySelector("title").textContent;
      press("ArrowLeft", byId("tab-graph"));
      press("ArrowLeft", byId("tab-changes"));
      seen.around = document.activeElement.id;
    """
    seen = driven(Review(plan_of(changes)), steps, tmp_path, monkeypatch)
    assert seen["chip"] == "true"
    assert (seen["tab"], seen["stops"], seen["around"]) == ("tab-graph", [-1, 0, -1], "tab-costs")
    assert seen["box"].startswith("product.S0: create")


@pytest.mark.parametrize(("available", "words"), [(1, "only 1 available"), (9_000, ">9,000 available")])
def test_a_balance_that_is_short_is_said_in_words(available: int, words: str) -> None:
    assert words in plan_html(Review(replace(many(3), available=available)))


def colours(style: str) -> list[dict[str, str]]:
    """The variables of the light page and of the dark one."""
    light, dark = (dict(re.findall(r"--(\w+): #(\w{6})", part)) for part in style.split("@media screen", 1))
    return [light, light | dark]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance and contrast ratio."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", ["card", "ground", "wash"])
@pytest.mark.parametrize("ink", ["ink", "soft", "faint", "add", "change", "destroy", "replace", "adopt", "forget"])
def test_every_text_can_be_read_in_light_and_dark(ink: str, ground: str) -> None:
    """4.5 to 1 is what WCAG 2.2 asks of small text (level AA)."""
    for palette in colours((html._ASSETS / "plan.css").read_text(encoding="utf-8").partition("* {")[0]):
        assert contrast(palette[ink], palette[ground]) >= 4.5
