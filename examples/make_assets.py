"""Make the example shop's models and thumbnails: `python examples/make_assets.py [--only NAME] [--out FOLDER]`.

Needs numpy and Pillow. The same bytes come out at each run.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from assets.gltf import png
from assets.products import PRODUCTS, Product
from assets.studio import photograph
from PIL import Image

HERE = Path(__file__).resolve().parent


def main(arguments: Sequence[str] | None = None) -> None:
    """Write `models/` and `thumbnails/` under the chosen folder, and say how large each file is."""
    parser = argparse.ArgumentParser(description="Make the example shop's models and thumbnails.")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write into (default: beside this script)")
    parser.add_argument("--only", action="append", choices=[product.name for product in PRODUCTS], help="repeatable")
    parser.add_argument("--no-thumbnails", action="store_true", help="models only: a second instead of minutes")
    options = parser.parse_args(arguments)
    for product in PRODUCTS:
        if not options.only or product.name in options.only:
            _make(product, options.out, thumbnail=not options.no_thumbnails)


def _make(product: Product, folder: Path, *, thumbnail: bool) -> None:
    surfaces = product.surfaces()
    _write(folder / "models" / product.filename, product.model(surfaces))
    if thumbnail:
        picture = photograph(surfaces, product.view)
        _write(folder / "thumbnails" / f"{product.name}.png", png(_fewer(picture) if product.few_colours else picture))


def _fewer(picture: Image.Image) -> Image.Image:
    return picture.quantize(256, method=Image.Quantize.MEDIANCUT, kmeans=6, dither=Image.Dither.NONE)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    print(f"{len(data):9,}  {path.name}")


if __name__ == "__main__":
    main()
