"""Errors in words, on stderr: what is wrong, then the way out."""

from __future__ import annotations

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


def tell_problems(problems: tuple[Problem, ...]) -> None:
    for problem in problems[:SHOWN]:
        colour = "red" if problem.severity is Severity.ERROR else "yellow"
        label = click.style(f"{problem.severity}[{problem.rule}]", fg=colour)
        told = printable(f"{problem.message} ({problem.fix})")
        click.echo(f"{printable(str(problem.place))} {label} {told}", err=True)
    if len(problems) > SHOWN:
        click.echo(f"... and {len(problems) - SHOWN} more.", err=True)
