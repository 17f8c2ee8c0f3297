"""docs/cli.md and README.md say what the program says of itself."""

import re
from pathlib import Path
from types import ModuleType

import pytest

from catalogsync.cli.main import COMMANDS
from catalogsync.errors import ExitCode
from catalogsync.manifest import load

ROOT = Path(__file__).parents[2]
CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
RENEW = "run `make docs`"


def section(page: str, title: str) -> str:
    return page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_page_of_the_command_line_is_current(generate: ModuleType) -> None:
    assert generate.cli_page() == CLI, RENEW


@pytest.mark.usefixtures("nothing_set")
def test_the_readme_shows_the_plan_and_the_exit_codes_of_the_program(generate: ModuleType) -> None:
    assert generate.readme_page() == README, RENEW


def test_every_exit_code_has_its_meaning(generate: ModuleType) -> None:
    assert set(generate.EXIT_CODES) == set(ExitCode)
    for page in (section(CLI, "Exit codes"), section(README, "Exit codes")):
        assert [int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)] == list(ExitCode)


def test_every_variable_that_the_program_reads_is_on_the_page() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "catalogsync").rglob("*.py"))
    read = set(re.findall(r"\bCATALOGSYNC_[A-Z_]*[A-Z]\b", sources))
    assert {name for name in read if f"`{name}`" not in CLI} == set()


def test_the_readme_lists_the_commands_in_the_order_of_the_help() -> None:
    assert re.findall(r"^\| `([a-z]+)` \|", section(README, "Commands"), re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize(
    "page", ["README.md", *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md"))]
)
def test_a_page_names_only_commands_that_there_are(page: str, generate: ModuleType) -> None:
    known = {words for words, _ in generate.commands()}
    groups = {words.partition(" ")[0] for words in known if " " in words}
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"(?:`|^\$ )catalogsync(?: --[a-z-]+)* ([a-z]+)(?: ([a-z]+))?(?=[ `\n])", text, re.MULTILINE)
    called = {f"{first} {second}" if first in groups and second else first for first, second in named}
    assert called - known == set()


def test_the_readme_says_how_to_test() -> None:
    assert "make test" in README


def test_the_readme_shows_mistakes_as_the_program_shows_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from catalogsync.cli.main import outcome_of

    shown = re.search(r"\$ catalogsync validate\n(catalog\.yaml:.*?)```", README, re.DOTALL)
    manifest = re.search(r"```yaml\n(version: 1\n.*?)```", README, re.DOTALL)
    assert shown
    assert manifest
    wrong = manifest[1].replace("thumbnail:", "thumbnial:").replace("[3d_model_viewer", "[3d_viewer")
    (tmp_path / "catalog.yaml").write_text(wrong, encoding="utf-8")
    assert outcome_of(["validate", "-f", str(tmp_path / "catalog.yaml")]) == ExitCode.ERROR
    assert capsys.readouterr().err.replace(f"{tmp_path}/", "") == shown[1]


def test_the_manifest_in_the_readme_is_right(tmp_path: Path) -> None:
    manifest = re.search(r"```yaml\n(version: 1\n.*?)```", README, re.DOTALL)
    assert manifest
    (tmp_path / "catalog.yaml").write_text(manifest[1], encoding="utf-8")
    loaded = load([tmp_path / "catalog.yaml"])
    assert [render.name for render in loaded.catalog.renders] == ["hero"]
    assert loaded.warnings == ()
