"""Errors in words, on stderr: what is wrong, then the way out."""

from __future__ import annotations

from collections.abc import Sequence

import click

from catalogsync.cli.render.printable import harmless, printable
from catalogsync.errors import CatalogSyncError, ManifestError, Problem, Severity

SHOWN = 100  # problems; more help nobody


def tell(error: CatalogSyncError) -> None:
    """Print an error of ours. A manifest's problems come first, each on a line of its own."""
    if isinstance(error, ManifestError):
        tell_problems(error.problems)
    click.echo(f"{click.style('Error:', fg='red', bold=True)} {harmless(str(error))}", err=True)
    if error.hint:
        click.echo(f"  {harmless(error.hint)}", err=True)


def with_what_is_meant(mistake: click.ClickException, arguments: Sequence[str]) -> click.ClickException:
    """The mistake that names ours where an option is written as Terraform writes it, `-target` for `--target`, and
    the right place where it is an option of the program and stands behind the command.
    """
    if not isinstance(mistake, click.NoSuchOption) or mistake.ctx is None:
        return mistake
    program = {name for param in mistake.ctx.find_root().command.params for name in param.opts}
    if mistake.option_name in program:
        name, (_, _, command) = mistake.option_name, mistake.ctx.command_path.partition(" ")
        return click.UsageError(f"{name} goes before the command: catalogsync {name} {command}", mistake.ctx)
    known = {name for param in mistake.ctx.command.params for name in param.opts}
    for argument in arguments:
        written = argument.partition("=")[0]
        if written.startswith(mistake.option_name) and f"-{written}" in known:
            return click.NoSuchOption(written, possibilities=[f"-{written}"], ctx=mistake.ctx)
    return mistake


def tell_problems(problems: tuple[Problem, ...]) -> None:
    for problem in problems[:SHOWN]:
        colour = "red" if problem.severity is Severity.ERROR else "yellow"
        label = click.style(f"{problem.severity}[{problem.rule}]", fg=colour)
        told = printable(f"{problem.message} ({problem.fix})")
        click.echo(f"{printable(str(problem.place))} {label} {told}", err=True)
    if len(problems) > SHOWN:
        click.echo(f"... and {len(problems) - SHOWN} more.", err=True)
