"""`catalogsync init`."""

from __future__ import annotations

from pathlib import Path

import click

from catalogsync.errors import ExitCode, UsageMistakeError

STARTER = """\
# What this catalog wants on Imagine.io. Check it with `catalogsync validate`, then `catalogsync plan`.
# `catalogsync schema > catalog.schema.json` writes the schema that editors use for completion.
version: 1
catalog: my-catalog

defaults:
  product:
    outputs: [3d_model_viewer, ar, 360_degree_spin, silo]

products: []
#  - sku_id: LAMP-ARC-01
#    gtin: "4006381333931"
#    name: Arc lamp
#    main_asset_name: arc_lamp
#    model: models/arc_lamp.glb
#    thumbnail: thumbnails/arc_lamp.png
"""


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
def command(folder: Path) -> int:
    """Write a first catalog.yaml into FOLDER (here by default). An existing one is never overwritten."""
    path = folder / "catalog.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(STARTER)
    except FileExistsError:
        raise UsageMistakeError(f"{path} exists already.", hint="Edit it, or name another folder.") from None
    except OSError as error:
        raise UsageMistakeError(f"{path} cannot be written: {error.strerror}.", hint="Name another folder.") from error
    click.echo(f"Wrote {path}. Next: add a product, then `catalogsync validate` and `catalogsync --sandbox plan`.")
    return ExitCode.OK
