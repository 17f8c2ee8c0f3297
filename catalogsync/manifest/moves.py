"""`moved:` and `removed:`: what they say must fit the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalogsync.errors import Place
from catalogsync.manifest.report import Report
from catalogsync.manifest.sources import Source
from catalogsync.manifest.tree import Block, Items
from catalogsync.model.addresses import PRODUCT, RENDER, kind_of


class Moves:
    """Collects moves (new address to old) and removals. `wanted` are the catalog's addresses."""

    def __init__(self, wanted: frozenset[str], report: Report) -> None:
        self.moved: dict[str, str] = {}
        self.removed: set[str] = set()
        self._wanted = wanted
        self._report = report

    def add(self, source: Source) -> None:
        """Take the moves and removals of a file."""
        for item, _ in _entries(source, "moved"):
            if isinstance(item, Block) and isinstance(item.get("from"), str) and isinstance(item.get("to"), str):
                self._move(source, item, item["from"], item["to"])
        for address, packed in _entries(source, "removed"):
            if isinstance(address, str):
                self._remove(address, source.place(packed))

    def _move(self, source: Source, item: Block, old: str, new: str) -> None:
        at_old, at_new = source.place(item.value_mark("from")), source.place(item.value_mark("to"))
        if not {kind_of(old), kind_of(new)} <= {PRODUCT, RENDER}:
            return  # no addresses: said by the schema
        if kind_of(old) != kind_of(new):
            self._bad_move(at_new, f"{old} cannot become {new}: their kinds differ", "move within one kind")
        elif old in self._wanted:
            self._bad_move(at_old, f"{old} is still in the catalog", "a move's old address must not be in use")
        elif new not in self._wanted and not self._report.incomplete:
            self._bad_move(at_new, f"{new} is not in the catalog", "write the address that the entry has now")
        elif new in self.moved or old in self.moved.values():
            self._bad_move(at_old, f"{old} or {new} is in another move too", "keep one move for each address")
        else:
            self.moved[new] = old

    def _bad_move(self, place: Place, message: str, fix: str) -> None:
        self._report.add("bad-move", place, message, fix)

    def _remove(self, address: str, place: Place) -> None:
        if address in self._wanted:
            fix = "remove the entry from the catalog, or this line"
            self._report.add("bad-removal", place, f"{address} is still in the catalog", fix)
        self.removed.add(address)

    def check_removed_are_not_moved(self, source: Source) -> None:
        """An address cannot be forgotten and live on under another."""
        for address, packed in _entries(source, "removed"):
            if address in self.moved.values():
                message = f"{address} is the old address of a move"
                self._report.add("bad-removal", source.place(packed), message, "keep the move or the removal")


def _entries(source: Source, key: str) -> Iterator[tuple[Any, int]]:
    items = source.tree.get(key)
    if isinstance(items, Items):
        yield from zip(items, items.marks, strict=True)
