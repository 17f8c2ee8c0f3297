"""`catalogsync fmt`."""

from __future__ import annotations

import difflib
from pathlib import Path

import click

from catalogsync.cli import wiring
from catalogsync.cli.complaints import tell_problems
from catalogsync.cli.options import file_option, outside_option
from catalogsync.errors import ExitCode
from catalogsync.manifest.formatting import Formatted, format_files
from catalogsync.manifest.writing import put_file


@click.command("fmt")
@file_option
@outside_option
@click.option("--check", is_flag=True, help="Write nothing; exit with 2 when a file is not in that form.")
@click.option("--diff", is_flag=True, help="Show what changes.")
@click.option("--sort", "by_sku", is_flag=True, help="Also sort the products of each file by sku_id.")
@click.pass_context
def command(
    ctx: click.Context, /, files: tuple[Path, ...], allow_outside: bool, check: bool, diff: bool, by_sku: bool
) -> int:
    """Bring the manifest's YAML files, and those they include, into one form, and list those that changed.

    Keys come in the order of the schema, indentation is even. Comments, quotes, anchors and blank lines stay, and what
    a file means never changes. A file that cannot be read is reported, the others are formatted.
    """
    place = wiring.where(ctx, files)
    formatted, problems = format_files(place.files, by_sku=by_sku, allow_outside=allow_outside)
    changed = [one for one in formatted if one.changed]
    for one in changed:
        click.echo(_difference(one) if diff else str(one.path), nl=not diff)
        if not check:
            put_file(one.path, one.after)
    tell_problems(problems)
    if problems:
        return ExitCode.ERROR
    return ExitCode.CHANGES_PRESENT if check and changed else ExitCode.OK


def _difference(one: Formatted) -> str:
    before, after = (text.decode().splitlines(keepends=True) for text in (one.before, one.after))
    return "".join(difflib.unified_diff(before, after, str(one.path), str(one.path)))
