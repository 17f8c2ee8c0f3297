# noqa: INP001 - a script, not a package
"""Writes what the documentation takes from the program: docs/cli.md and two blocks of README.md. See `make docs`."""

from __future__ import annotations

import inspect
import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import click

from catalogsync.cli.main import main, outcome_of
from catalogsync.errors import ExitCode

ROOT = Path(__file__).parents[1]
CLI_PAGE = ROOT / "docs" / "cli.md"
README = ROOT / "README.md"

INTRODUCTION = """\
# The command line

<!-- Written by docs/generate.py from the program itself: change the program and run `make docs`. -->

```
catalogsync [--sandbox] [--chdir DIRECTORY] [--no-color] COMMAND [OPTIONS]
```

An option wins over its environment variable, that over `settings:` in the manifest, and that over the default. The
result goes to stdout, progress and messages go to stderr. `-h` and `--help` explain each command.

A flag's variable takes `1` or `0`. Where an option may be given several times, its variable takes several values:
separated by spaces, and in `CATALOGSYNC_FILE` by colons. A duration is `90`, `90s`, `15m` or `2h`.
"""

# Variables that belong to no option, or to an option that is not the whole story.
VARIABLES = {
    "CATALOGSYNC_SECRET_KEY": "the key that can write; reads use it too when there is no public key",
    "CATALOGSYNC_PUBLIC_KEY": "the key that can read; enough for `plan`",
    "CATALOGSYNC_ZAPIER_TOKEN": "the token of the Zapier endpoints, for `feed`",
    "CATALOGSYNC_ZAPIER_URL": "the host of the Zapier endpoints, `https://prod.imagine.io` by default",
    "CATALOGSYNC_SANDBOX_CONTENT": "how the sandbox makes content: `rendered`, `plain`, or `auto`",
    "CATALOGSYNC_SANDBOX_JOB_SECONDS": "seconds that a job of the sandbox takes: 2 with `--sandbox`, 5 with `serve`",
    "CATALOGSYNC_OTEL": "`1`: send traces and metrics, which needs the extra `otel`; `0`: do not, whatever `OTEL_` "
    "variables are set",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "where traces and metrics go; it and the other variables of OpenTelemetry work as "
    "usual, `TRACEPARENT` too",
    "CATALOGSYNC_GITLAB_TOKEN": "for `report` on GitLab: a project access token with the scope `api`",
    "GITHUB_TOKEN": "for `report` on GitHub: the token that posts; the rest comes from the runner's own variables",
    "NO_COLOR": "set to anything: no colours",
    "CI": "set to anything: progress in lines, no live bars",
    "HTTPS_PROXY": "and `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, `SSL_CERT_FILE`, `SSL_CERT_DIR`: honoured as usual",
}

EXIT_CODES = {
    ExitCode.OK: "done, or nothing to do",
    ExitCode.ERROR: "an error, a mistake in the command or the manifest, or an apply that was not approved",
    ExitCode.CHANGES_PRESENT: "`--detailed-exitcode` of `plan`, `drift` and `state sweep`: there are changes, drift "
    "or leftovers; `fmt --check`: files are not in the one form",
    ExitCode.SOME_CHANGES_FAILED: "some changes failed or could not start; the rest was applied",
    ExitCode.STILL_PROCESSING: "content or renders still run at the remote when waiting ended",
    ExitCode.CREDIT_LIMIT: "the credit limit is reached, or the account ran out of credits",
    ExitCode.GUARD_REFUSED: "a guard refused the plan",
    ExitCode.STATE_LOCKED: "another run holds the state",
    ExitCode.STALE_PLAN: "a saved plan is stale: what it was made from is no longer so",
    ExitCode.INTERRUPTED: "interrupted",
}

DEFAULT_IN_HELP = re.compile(r"\s*\[default: (.*)]")
PLAN = re.compile(r"(<!-- plan: .*? -->\n```\n).*?(```\n<!-- /plan -->)", re.DOTALL)
CODES = re.compile(r"(<!-- exit codes -->\n).*?(<!-- /exit codes -->)", re.DOTALL)
MANIFEST = re.compile(r"```yaml\n(version: 1\n.*?)```", re.DOTALL)


def cli_page() -> str:
    """docs/cli.md: every command with its options, variables and defaults, then variables and exit codes."""
    return "\n".join(_cli_lines())


def _cli_lines() -> Iterator[str]:
    yield INTRODUCTION
    yield from _options(main, "catalogsync")
    for words, command in commands():
        yield f"## {words}\n"
        yield from _command(command, words)
    yield "## Environment\n"
    yield "Beside the variables of the options above:\n"
    yield from _table(("Variable", "Is"), [(f"`{name}`", text) for name, text in VARIABLES.items()])
    yield "## Exit codes\n"
    yield from exit_code_table()


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command and subcommand with the words it is called by, in the order of the help."""
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        yield from _with_subcommands(name, command)


def _with_subcommands(words: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        for sub in command.commands.values():
            yield from _with_subcommands(f"{words} {sub.name}", sub)


def _command(command: click.Command, words: str) -> Iterator[str]:
    if not isinstance(command, click.Group):
        usage = command.collect_usage_pieces(click.Context(command))
        yield f"```\ncatalogsync {words} {' '.join(usage)}\n```\n"
    yield inspect.cleandoc(command.help or "") + "\n"
    yield from _options(command, words)


def _options(command: click.Command, words: str) -> Iterator[str]:
    context = click.Context(command, info_name=words)
    rows = [_row(option, context) for option in command.params if isinstance(option, click.Option)]
    if rows:
        yield from _table(("Option", "Variable", "Default", "Does"), rows)


def _row(option: click.Option, context: click.Context) -> tuple[str, ...]:
    names = ", ".join(f"`{name}`" for name in option.opts)
    value = "" if option.is_flag or option.count else f" `{option.make_metavar(context)}`"
    variable = f"`{option.envvar}`" if option.envvar else ""
    return names + value, variable, default_of(option), DEFAULT_IN_HELP.sub("", option.help or "")


def default_of(option: click.Option) -> str:
    """The default as the help tells it, else click's own; "" for flags and options without one."""
    told = DEFAULT_IN_HELP.search(option.help or "")
    if told:
        return told[1]
    own = option.default
    return str(own) if isinstance(own, (int, float, str)) and not isinstance(own, bool) else ""


def exit_code_table() -> Iterator[str]:
    yield from _table(("Code", "Means"), [(str(int(code)), text) for code, text in EXIT_CODES.items()])


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""


def readme_page() -> str:
    """README.md with the exit codes, and the plan that the program makes of the manifest shown there."""
    text = README.read_text(encoding="utf-8")
    manifest = MANIFEST.search(text)
    assert manifest, "README.md shows no manifest"
    plan, codes = plan_of(manifest[1]), "\n".join(exit_code_table())
    text = CODES.sub(lambda found: found[1] + codes + found[2], text)
    return PLAN.sub(lambda found: found[1] + plan + found[2], text)


def plan_of(manifest: str) -> str:
    """What `catalogsync --sandbox plan` prints for a manifest of the arc lamp and a fresh sandbox."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("models/arc_lamp.glb", "thumbnails/arc_lamp.png"):
            target = Path(folder, name)
            target.parent.mkdir()
            shutil.copy(ROOT / "examples" / name, target)
        file = Path(folder, "catalog.yaml")
        file.write_text(manifest, encoding="utf-8")
        printed = io.StringIO()
        with redirect_stdout(printed), redirect_stderr(io.StringIO()) as complaints:
            code = outcome_of(["--no-color", "--sandbox", "plan", "-f", str(file)])
        assert code == ExitCode.OK, complaints.getvalue()
    return printed.getvalue()


if __name__ == "__main__":
    for variable in [name for name in os.environ if name.startswith("CATALOGSYNC_")]:
        del os.environ[variable]
    CLI_PAGE.write_text(cli_page(), encoding="utf-8")
    README.write_text(readme_page(), encoding="utf-8")
    sys.stdout.write("Wrote docs/cli.md and two blocks of README.md.\n")
