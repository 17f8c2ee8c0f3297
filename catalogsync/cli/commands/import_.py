"""`catalogsync import`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from catalogsync.cli import wiring
from catalogsync.cli.options import file_option, json_option, remote_options
from catalogsync.cli.render.printable import printable
from catalogsync.errors import ExitCode, UsageMistakeError
from catalogsync.manifest.writing import put_file
from catalogsync.model.counting import counted
from catalogsync.workflow.importing import Imported, Selection, read_remote
from catalogsync.workflow.manifest_files import BY_PREFIX, manifest_files
from catalogsync.workflow.thumbnails import Fetch


class SplitType(click.ParamType[int | str]):
    """A number of products for each file, or `by-prefix`."""

    name = f"N|{BY_PREFIX}"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        if value == BY_PREFIX or isinstance(value, int):
            return BY_PREFIX if value == BY_PREFIX else value
        if not (str(value).isascii() and str(value).isdigit() and int(value) > 0):
            self.fail(f"{value!r} is neither a number of products nor {BY_PREFIX}.", param, ctx)
        return int(value)


@click.command("import")
@click.argument("patterns", nargs=-1, metavar="[PATTERN]...")
@file_option
@remote_options
@click.option("--search", default="", help="Only products that the remote finds for this text.")
@click.option("--sku", "skus", multiple=True, metavar="GLOB", help="Only these sku_ids; may be repeated.")
@click.option("--gtin", "gtins", multiple=True, metavar="GLOB", help="Only these gtins; may be repeated.")
@click.option("--with-outputs", is_flag=True, help="Also write the outputs that there are: one credit a product.")
@click.option(
    "--download-thumbnails",
    is_flag=True,
    help="Also download thumbnails into a folder beside --out, and write them as `thumbnail:`: one credit a product.",
)
@click.option("--catalog", default="imported", show_default=True, help="The catalog's name.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.  [default: stdout]")
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@click.option("--split", type=SplitType(), help="Several files beside --out, with so many products, or by sku_id.")
@json_option
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> int:
    """Write a manifest of the products that are on the remote.

    PATTERNs are globs over sku_ids and names; without any, everything is written. Nothing is bound: the next apply
    adopts the products. Models cannot be downloaded, so products come without `model:`, and their models are not
    managed until you add it. A thumbnail that cannot be downloaded is told, and the exit code is 3.
    """
    out, split = options["out"], options["split"]
    if out is None and (split is not None or options["as_json"] or options["download_thumbnails"]):
        raise UsageMistakeError(
            "--split, --json and --download-thumbnails need --out.",
            hint="Name the manifest's file: --out catalog.yaml",
        )
    if out is not None:
        _refuse_existing([out], force=options["force"])
    chosen = Selection(options["search"], options["patterns"], options["skus"], options["gtins"])
    imported = _read(ctx, chosen, options)
    main = out.name if out is not None else "catalog.yaml"
    files = manifest_files(imported.entries, catalog=options["catalog"], main=main, split=split)
    if out is None:
        click.echo(files[main], nl=False)
    else:
        written = [out.parent / name for name in files]
        _refuse_existing(written, force=options["force"])
        for path, text in zip(reversed(written), reversed(files.values()), strict=True):
            put_file(path, text.encode())
        _tell(imported, written, as_json=options["as_json"])
    _warn(imported)
    return ExitCode.SOME_CHANGES_FAILED if imported.thumbnails.failed else ExitCode.OK


def _warn(imported: Imported) -> None:
    """What is not in the manifest, or not as the remote has it."""
    if not imported.entries:
        click.echo("Warning: no product on the remote matches; the manifest has none.", err=True)
    for lost in imported.left_out:
        click.echo(printable(f"Left out {lost.name!r} ({lost.unicode}): {lost.reason}."), err=True)
    for double in imported.doubles:
        click.echo(printable(f"Warning: {double}."), err=True)
    for sku_id, reason in imported.thumbnails.failed:
        click.echo(printable(f"No thumbnail of {sku_id}: {reason}"), err=True)


def _read(ctx: click.Context, chosen: Selection, options: dict[str, Any]) -> Imported:
    place = wiring.where(ctx, options["files"])
    with wiring.remote(place, options) as api:
        reading = read_remote(
            api,
            chosen,
            with_outputs=options["with_outputs"],
            fetch=Fetch(options["out"], options["force"]) if options["download_thumbnails"] else None,
            say=lambda text: click.echo(text, err=True),
        )
        return asyncio.run(reading)


def _refuse_existing(paths: list[Path], *, force: bool) -> None:
    there = next((path for path in paths if path.exists() and not force), None)
    if there is not None:
        raise UsageMistakeError(f"{there} exists already.", hint="Name another with --out, or pass --force.")


def _tell(imported: Imported, written: list[Path], *, as_json: bool) -> None:
    if as_json:
        document = {
            "files": [str(path) for path in written],
            "products": len(imported.entries),
            "left_out": [
                {"unicode": lost.unicode, "name": lost.name, "reason": lost.reason} for lost in imported.left_out
            ],
            "doubles": list(imported.doubles),
            "thumbnails": {
                "written": len(imported.thumbnails.paths),
                "there_before": imported.thumbnails.there_before,
                "failed": [{"sku_id": sku_id, "reason": reason} for sku_id, reason in imported.thumbnails.failed],
            },
            "credits": {"spent": imported.spent, "available": imported.available},
        }
        click.echo(json.dumps(document, indent=2))
    else:
        files = counted(len(written), "file")
        images = len(imported.thumbnails.paths)
        files += f", {counted(images, 'thumbnail')}" if images else ""
        products, credits_spent = counted(len(imported.entries), "product"), counted(imported.spent, "credit")
        click.echo(f"Wrote {products} to {written[0]} ({files}, {credits_spent}).")
