"""`catalogsync init`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from catalogsync.cli.options import json_option
from catalogsync.cli.scaffold import PIPELINES, Fate, Settled, name_of, pipeline_of, scaffold
from catalogsync.errors import ExitCode

NEXT = "Next: add a product, then `catalogsync validate` and `catalogsync --sandbox plan`."
KEYS = "Then give the pipeline its keys: the first lines of its file say which."


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.option("--name", help="The catalog's name.  [default: the folder's]")
@click.option("--ci", "pipeline", type=click.Choice(list(PIPELINES)), help="Also write a pipeline.  [default: none]")
@click.option("--force", is_flag=True, help="Overwrite what is there already.")
@json_option
def command(folder: Path, name: str | None, pipeline: str | None, force: bool, as_json: bool) -> int:
    """Write a first catalog.yaml into FOLDER (here by default), its schema for editors, a .gitignore and a pipeline.

    On a terminal it asks for what is not given. A file that is there already is kept and said; a .gitignore gets the
    lines that it lacks.
    """
    asking = sys.stdin is not None and sys.stdin.isatty() and not as_json
    chosen_name = name or (_asked("Name of the catalog", name_of(folder)) if asking else name_of(folder))
    chosen_ci = pipeline or (_asked("Pipeline", pipeline_of(folder), tuple(PIPELINES)) if asking else "none")
    settled = scaffold(folder, name=chosen_name, pipeline=chosen_ci, force=force)
    if as_json:
        document = {"folder": str(folder), "name": chosen_name, "ci": chosen_ci}
        files = [{"path": one.path, "fate": one.fate} for one in settled]
        click.echo(json.dumps({**document, "files": files}, indent=2))
        return ExitCode.OK
    for one in settled:
        click.echo(_sentence(folder, one))
    click.echo(NEXT)
    if chosen_ci != "none":
        click.echo(KEYS)
    return ExitCode.OK


def _asked(question: str, default: str, choices: tuple[str, ...] = ()) -> str:
    answer: str = click.prompt(question, default=default, type=click.Choice(choices) if choices else str, err=True)
    return answer


def _sentence(folder: Path, one: Settled) -> str:
    path = folder / one.path
    match one.fate:
        case Fate.WRITTEN:
            return f"Wrote {path}."
        case Fate.EXTENDED:
            return f"Added what was missing to {path}."
        case Fate.KEPT:
            return f"Kept {path}: it is there already."
