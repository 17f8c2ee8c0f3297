"""Products of the catalog from the products of the trees."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from catalogsync.errors import Place
from catalogsync.manifest.assetpaths import AssetPaths
from catalogsync.manifest.gtin import is_gtin, what_is_wrong
from catalogsync.manifest.report import Report
from catalogsync.manifest.sources import Source
from catalogsync.manifest.tree import Block, Items
from catalogsync.model.catalog import Asset, Product
from catalogsync.model.outputs import OUTPUTS, SILO

_SAME = {
    "sku_id": ("duplicate-sku-id", "give each product its own sku_id, or remove one of the two"),
    "gtin": ("duplicate-gtin", "a gtin belongs to one product: correct it or remove it from one of the two"),
    "salsify_id": ("duplicate-salsify-id", "a salsify_id belongs to one product: correct it or remove one of the two"),
    "key": ("duplicate-product-key", "give one of the two another `key:`"),
}


@lru_cache(maxsize=1024)
def _in_table_order(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in OUTPUTS if name in names)


def _outputs(value: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Wanted outputs and archive patterns, from a list or a mapping that the schema allows."""
    if isinstance(value, Block):
        wanted = tuple(name for name, setting in value.items() if setting is not False)
        silo = value.get(SILO)
        return _in_table_order(wanted), tuple(silo.get("archive", ())) if isinstance(silo, Block) else ()
    return _in_table_order(tuple(value)), ()


def _defaults(source: Source) -> Block | dict[str, Any]:
    """`defaults.product` of a file; nothing when the file around its items breaks the schema."""
    return source.tree.get("defaults", {}).get("product", {}) if source.sound else {}


class Products:
    """Builds products and sees to it that their identifiers are unique, those of misshapen products included.

    `key_of_sku` has every sku_id that is written anywhere; `keys` every key.
    """

    def __init__(self, paths: AssetPaths, report: Report) -> None:
        self.built: list[Product] = []
        self.key_of_sku: dict[str, str] = {}
        self._paths = paths
        self._report = report
        self._first: dict[str, dict[str, Place]] = {name: {} for name in _SAME}

    @property
    def keys(self) -> dict[str, Place]:
        """Each product's key, with the place of the product."""
        return self._first["key"]

    def add(self, source: Source, main_defaults: Block | dict[str, Any]) -> None:
        """Build the products of a file. Its own defaults win over those of the manifest, key by key."""
        items = source.tree.get("products")
        if not isinstance(items, Items):
            return
        defaults = {**main_defaults, **_defaults(source)}
        wrong = source.wrong.get("products", ())
        for index, (item, packed) in enumerate(zip(items, items.marks, strict=True)):
            if isinstance(item, Block):
                place = source.place(packed)
                self._claim_all(source, item, place)
                if index in wrong:
                    self._check_misshapen(source, item)
                else:
                    self.built.append(self._product(source, item, place, defaults))

    def _claim_all(self, source: Source, item: Block, place: Place) -> None:
        sku_id = item.get("sku_id")
        key = item.get("key", sku_id)
        first = self._first
        if isinstance(key, str) and first["key"].setdefault(key, place) is not place:
            same_sku = key == sku_id and key in first["sku_id"]
            if not same_sku:
                self._report_same(source, item, "key", key)
        if isinstance(sku_id, str):
            self.key_of_sku.setdefault(sku_id, key if isinstance(key, str) else sku_id)
            if first["sku_id"].setdefault(sku_id, place) is not place:
                self._report_same(source, item, "sku_id", sku_id)
        for field in ("gtin", "salsify_id"):
            value = item.get(field)
            if value and isinstance(value, str) and first[field].setdefault(value, place) is not place:
                self._report_same(source, item, field, value)

    def _report_same(self, source: Source, item: Block, field: str, value: str) -> None:
        rule, fix = _SAME[field]
        place = source.place(item.value_mark(field if field in item else "sku_id"))
        message = f'the {field} "{value}" is already that of the product at {self._first[field][value]}'
        self._report.add(rule, place, message, fix)

    def _product(self, source: Source, item: Block, place: Place, defaults: dict[str, Any]) -> Product:
        get = item.get
        sku_id, gtin = item["sku_id"], get("gtin")
        if "key" not in item and len(sku_id.split()) > 1:
            message = f'the sku_id "{sku_id}" has spaces, and would stand in the address'
            fix = "give the product a `key:` without spaces"
            self._report.add("ambiguous-address", source.place(item.value_mark("sku_id")), message, fix)
        if gtin and not is_gtin(gtin):
            self._report_gtin(source, item)
        self._report_spaces(source, item)
        outputs, archive = _outputs(get("outputs", defaults.get("outputs", ())))
        return Product(
            key=get("key", sku_id),
            sku_id=sku_id,
            gtin=gtin,
            name=get("name"),
            main_asset_name=get("main_asset_name"),
            model=self._asset(source, item, "model"),
            thumbnail=self._asset(source, item, "thumbnail"),
            outputs=outputs,
            archive=archive,
            protect=get("protect", defaults.get("protect", False)),
            place=place,
            salsify_id=get("salsify_id"),
        )

    def _check_misshapen(self, source: Source, item: Block) -> None:
        """Check the values of a product that breaks the schema elsewhere."""
        for kind in ("model", "thumbnail"):
            if item.get(kind) and isinstance(item[kind], str):
                self._asset(source, item, kind)
        gtin = item.get("gtin")
        if gtin and isinstance(gtin, str) and not is_gtin(gtin):
            self._report_gtin(source, item)

    def _report_spaces(self, source: Source, item: Block) -> None:
        for field in ("name", "main_asset_name"):
            text = item.get(field)
            if text and text != text.strip():
                message = (
                    f"`{field}` begins or ends with a space, which every plan wants back where the remote drops it"
                )
                self._report.add("outer-space", source.place(item.value_mark(field)), message, "write it without")

    def _report_gtin(self, source: Source, item: Block) -> None:
        wrong, fix = what_is_wrong(item["gtin"])
        place = source.place(item.value_mark("gtin"))
        self._report.add("gtin-check", place, f"the gtin {item['gtin']} {wrong}", fix)

    def _asset(self, source: Source, item: Block, kind: str) -> Asset | None:
        written = item.get(kind)
        if written is None:
            return None
        return self._paths.asset(kind, source.folder, written, source.place(item.value_mark(kind)))
