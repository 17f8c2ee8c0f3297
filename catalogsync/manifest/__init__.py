"""The manifest: YAML and CSV text to a Catalog, with every problem told at once, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from catalogsync.errors import Problem
from catalogsync.manifest.assetpaths import AssetPaths
from catalogsync.manifest.meaning import Renders, given_once, require_main_keys, settings_of
from catalogsync.manifest.moves import Moves
from catalogsync.manifest.products import Products
from catalogsync.manifest.report import Report
from catalogsync.manifest.schema import SCHEMAS, schema_text
from catalogsync.manifest.sources import Source, Sources
from catalogsync.model.addresses import product_address, render_address
from catalogsync.model.bulk import no_collections
from catalogsync.model.catalog import Catalog

__all__ = ["SCHEMAS", "Loaded", "load", "schema_text"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A catalog, and what is odd about its manifest without being wrong."""

    catalog: Catalog
    warnings: tuple[Problem, ...]


def load(paths: Sequence[Path], *, strict: bool = False, allow_outside: bool = False) -> Loaded:
    """Read manifest files or folders (a folder means its *.yaml and *.yml, sorted) and all they include.

    Asset files are not opened. `allow_outside` lets includes and assets leave the folder of the first file. Raises
    ManifestError with every problem there is, in reading order; `strict` makes warnings errors.
    """
    report = Report()
    sources = Sources(report, allow_outside=allow_outside)
    with no_collections():
        sources.read(paths)
        catalog = _catalog(
            sources.root, sources.found, AssetPaths(sources.root, report, allow_outside=allow_outside), report
        )
        sources.found.clear()
    return Loaded(catalog, report.outcome(strict=strict))


def _catalog(root: str, sources: list[Source], paths: AssetPaths, report: Report) -> Catalog:
    main = given_once(sources, report)
    require_main_keys(sources, report)
    defaults = main.get("defaults", {}).get("product", {})
    products = Products(paths, report)
    for source in sources:
        products.add(source, defaults)
    renders = Renders(products, report)
    for source in sources:
        renders.add(source)
    wanted = frozenset({*map(product_address, products.keys), *map(render_address, renders.names)})
    moves = Moves(wanted, report)
    for source in sources:
        moves.add(source)
    for source in sources:
        moves.check_removed_are_not_moved(source)
    return Catalog(
        name=main.get("catalog", ""),
        root=root,
        products=tuple(products.built),
        renders=tuple(renders.built),
        moved=moves.moved,
        removed=frozenset(moves.removed),
        settings=settings_of(main.get("settings", {})),
    )
