"""What stateful tests of whole runs are given: a manifest's entry, and the manner of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalogsync.plan.selection import EVERYTHING, Selection


@dataclass
class Row:
    """One entry of the manifest. `key` is "" where the sku_id is its key."""

    file: str
    sku_id: str
    gtin: str
    key: str = ""
    name: str = "Lamp"
    version: int = 1
    outputs: tuple[str, ...] = ("ar",)
    archive: tuple[str, ...] = ()
    protect: bool = False
    thumbnail: bool = False

    @property
    def address_key(self) -> str:
        return self.key or self.sku_id

    def written(self) -> dict[str, Any]:
        pictured = {"thumbnail": f"{self.file}.png"} if self.thumbnail else {}
        fields = {"sku_id": self.sku_id, "gtin": self.gtin, "name": self.name, "key": self.address_key}
        rest = {"outputs": self.outputs, "archive": self.archive, "protect": self.protect}
        return {**fields, **rest, **pictured, "model": f"{self.file}.glb"}


@dataclass
class Manner:
    """How a run goes: what is read, what is meant, whether jobs are waited for, and the commit at which it dies."""

    trusting: bool = False
    full: bool = False
    wait: bool = True
    retry_failed: bool = False
    destroy: bool = False
    unprotected: bool = False
    selection: Selection = EVERYTHING
    replace: frozenset[str] = frozenset()
    dies_at: int | None = None
    dies_after: bool = False
