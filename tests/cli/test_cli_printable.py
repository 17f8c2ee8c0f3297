"""What others wrote moves no cursor, adds no line and gives GitHub's runner no command, wherever it is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from render_cases import vile_review

from catalogsync.cli.complaints import tell
from catalogsync.cli.main import outcome_of
from catalogsync.cli.progress import line_of
from catalogsync.cli.render.drift import drift_text
from catalogsync.cli.render.looks import outputs_text, status_text
from catalogsync.cli.render.printable import harmless, printable, shortened
from catalogsync.cli.render.summary import result_text
from catalogsync.cli.render.text import plan_text
from catalogsync.errors import CatalogSyncError, ExitCode
from catalogsync.model.events import ChangeCompleted, ChangeFailed, ChangeSkipped
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import RemoteProduct, RenderImage, SharedContent, SharedImage
from catalogsync.plan.counts import Counts
from catalogsync.plan.drift import Drifted, Kind
from catalogsync.workflow.drifting import DriftLook
from catalogsync.workflow.looking import ContentLook, Looks, RenderLook
from catalogsync.workflow.running import RunResult

VILE = "v\n::error::x\x1b[2J\u202e"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Söhne & 沙发 🛋", "Söhne & 沙发 🛋"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\x1b[31mred\x9b", r"\x1b[31mred\x9b"),
        ("abc\u202edef\u2066", r"abc\u202edef\u2066"),
        ("\ud800", r"\ud800"),
        ("##[set-output name=x]y, #[1], ##", r"##\x5bset-output name=x]y, #[1], ##"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_whatever_is_printed_is_one_line_that_can_be_encoded(text: str) -> None:
    assert len(printable(text).splitlines()) <= 1
    assert printable(text).encode().decode() == printable(text)


def test_lines_of_ours_stay_and_none_is_a_command() -> None:
    assert harmless("stale:\n  row\n  ::error::x\n::a\x1b") == "stale:\n  row\n  :\\x3aerror::x\n:\\x3aa\\x1b"


def test_a_long_text_says_that_it_goes_on() -> None:
    assert shortened("abcdef", 4) == "abc…"
    assert shortened("abcd", 4) == "abcd"


def test_a_plan_as_text_has_the_lines_of_ours_only() -> None:
    vile, plain = (click.unstyle(plan_text(one.plan, one.objections)) for one in (vile_review(), vile_review("A")))
    assert len(vile.splitlines()) == len(plain.splitlines())
    assert "\x1b" not in vile


def test_a_problem_is_told_on_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = 'version: 1\ncatalog: shop\nproducts:\n  - sku_id: "A\\n::error::x\\e[31m"\n    "k\\n::add-mask::y": 1\n'
    (tmp_path / "catalog.yaml").write_text(wrong, encoding="utf-8")
    assert outcome_of(["validate", "-f", str(tmp_path / "catalog.yaml")]) == ExitCode.ERROR
    lines = capsys.readouterr().err.splitlines()
    assert not [line for line in lines if line.lstrip().startswith("::")]
    assert r"there is no key `k\n::add-mask::y`" in "\n".join(lines)


def test_an_error_gives_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    tell(CatalogSyncError("The remote says:\n::stop-commands::x", hint="::y"))
    assert not [line for line in capsys.readouterr().err.splitlines() if line.lstrip().startswith("::")]


def _looks(name: str) -> Looks:
    image = SharedImage(1, name, name, name)
    shared = SharedContent(RemoteProduct("u", name, name, name, name), name, {"ar": name}, (image,))
    content = ContentLook(f"content.{name}", name, "u", ("ar", "silo"), {}, shared=shared)
    picture = RenderImage(1, name, Progress.DONE, name, name, name, name, name, name)
    return Looks((content,), (RenderLook(f"render.{name}", name, Progress.DONE, images=(picture,)),))


def _drift(name: str) -> DriftLook:
    fields = Drifted(f"product.{name}", Kind.FIELD, "name", name, name)
    return DriftLook((fields, Drifted(f"product.{name}", Kind.VANISHED, "", name, name)), 1, 0, 1, None)


def _result(name: str) -> RunResult:
    told = (name, name)
    return RunResult(Counts(), ((name, CatalogSyncError(name)),), (told,), (name,), 0, None, collected=(name,))


@pytest.mark.parametrize(
    "text_of",
    [
        lambda name: status_text(_looks(name)),
        lambda name: outputs_text(_looks(name)),
        lambda name: drift_text(_drift(name)),
        lambda name: result_text(_result(name)),
        lambda name: line_of(ChangeCompleted(name, "create", 1.0, name)),
        lambda name: line_of(ChangeSkipped(name, "create", name)),
    ],
)
def test_what_the_remote_said_adds_no_line_and_no_command_to_any_text(text_of: Callable[[str], str]) -> None:
    vile, plain = (click.unstyle(text_of(name)) for name in (VILE, "A"))
    assert len(vile.splitlines()) == len(plain.splitlines())
    assert not {"\x1b", "\u202e"} & set(vile)


def test_a_failure_is_told_on_its_own_lines_and_gives_no_command() -> None:
    told = click.unstyle(line_of(ChangeFailed("A", "create", 1.0, f"refused:\n{VILE}", VILE)) or "")
    assert not [line for line in told.splitlines() if line.lstrip().startswith("::")]
    assert not {"\x1b", "\u202e"} & set(told)
