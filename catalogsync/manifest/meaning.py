"""What a manifest says besides its products: renders, moves, removals, settings, and who may say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalogsync.errors import Place
from catalogsync.manifest.products import Products
from catalogsync.manifest.report import Report
from catalogsync.manifest.sources import Source
from catalogsync.manifest.tree import Block, Items
from catalogsync.model.catalog import Limit, Placement, Render, Settings, Vector
from catalogsync.model.spelling import closest

GIVEN_ONCE = ("catalog", "settings", "defaults")
MAIN_REQUIRED = ("version", "catalog")


def given_once(sources: Iterable[Source], report: Report) -> dict[str, Any]:
    """The values of the keys that the manifest gives once, from whichever given file has them.

    A file that breaks the schema around its items gives none.
    """
    found: dict[str, tuple[Any, Place]] = {}
    for source in sources:
        for key in GIVEN_ONCE:
            if key not in source.tree or (not source.given and key == "defaults"):
                continue
            place = source.place(source.tree.key_mark(key))
            if not source.given:
                message = f"`{key}` stands in an included file"
                report.add("main-file-only", place, message, "write it in the file that is given to catalogsync")
            elif key in found:
                message = f"`{key}` is already given at {found[key][1]}"
                report.add("given-twice", place, message, "keep one of the two")
            else:
                found[key] = (source.tree[key] if source.sound else None, place)
    return {key: value for key, (value, _) in found.items() if value is not None}


def require_main_keys(sources: list[Source], report: Report) -> None:
    """The given files together must say the version and the catalog's name."""
    given = [source for source in sources if source.given]
    for key in MAIN_REQUIRED:
        if given and not any(key in source.tree for source in given):
            examples = {"version": "add `version: 1`", "catalog": "add `catalog:` with a name such as `lighting`"}
            report.add("missing-key", Place(given[0].file, 1, 1), f"the manifest has no `{key}`", examples[key])


def settings_of(block: Mapping[str, Any]) -> Settings:
    """`settings:` that keep the schema, as a value."""
    guards, polling = block.get("guards", {}), block.get("polling", {})
    return Settings(
        max_deletes=_limit(guards.get("max_deletes")),
        max_replaces=_limit(guards.get("max_replaces")),
        max_credits=guards.get("max_credits"),
        poll_initial=polling.get("initial"),
        poll_interval=polling.get("interval"),
        wait_timeout=polling.get("timeout"),
        parallelism=block.get("parallelism"),
        upload_parallelism=block.get("upload_parallelism"),
    )


def _limit(value: int | str | None) -> Limit | None:
    if isinstance(value, str):
        return Limit(float(value.removesuffix("%")), percent=True)
    return None if value is None else Limit(value)


class Renders:
    """Builds renders; their names are unique and their products are of the catalog."""

    def __init__(self, products: Products, report: Report) -> None:
        self.built: list[Render] = []
        self.names: dict[str, Place] = {}
        self._products = products
        self._report = report

    def add(self, source: Source) -> None:
        """Build the renders of a file."""
        items = source.tree.get("renders")
        if not isinstance(items, Items):
            return
        wrong = source.wrong.get("renders", ())
        for index, (item, packed) in enumerate(zip(items, items.marks, strict=True)):
            if isinstance(item, Block):
                place = source.place(packed)
                self._claim(source, item, place)
                if index not in wrong:
                    self.built.append(self._render(source, item, place))

    def _claim(self, source: Source, item: Block, place: Place) -> None:
        name = item.get("name")
        if isinstance(name, str) and (first := self.names.setdefault(name, place)) is not place:
            message = f'the name "{name}" is already that of the render at {first}'
            at = source.place(item.value_mark("name"))
            self._report.add("duplicate-render", at, message, "give one of the two another name")

    def _render(self, source: Source, item: Block, place: Place) -> Render:
        return Render(
            name=item["name"],
            scene_id=item["scene_id"],
            cameras_to_render=tuple(item["cameras_to_render"]),
            units=item.get("units"),
            placements=tuple(self._placement(source, placement) for placement in item["products"]),
            place=place,
        )

    def _placement(self, source: Source, item: Block) -> Placement:
        sku_id = item["sku_id"]
        known = self._products.key_of_sku
        if sku_id not in known and not self._report.incomplete:
            close = closest(sku_id, known, most=1)
            fix = f"did you mean `{close[0]}`?" if close else "add the product, or place another"
            at = source.place(item.value_mark("sku_id"))
            self._report.add("unknown-product", at, f'no product has the sku_id "{sku_id}"', fix)
        return Placement(
            product_key=known.get(sku_id, sku_id),
            sku_id=sku_id,
            position=_vector(item.get("position")),
            rotation=_vector(item.get("rotation")),
            material_id=item.get("material_id"),
        )


def _vector(numbers: Items | None) -> Vector | None:
    if numbers is None:
        return None
    x, y, z = numbers
    return float(x), float(y), float(z)
