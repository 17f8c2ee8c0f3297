"""A small shop on disk: a manifest as data, valid models and thumbnails of a few hundred bytes."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


def tiny_glb(text: str) -> bytes:
    """The smallest valid binary glTF: a header and one JSON chunk. `text` makes its content its own."""
    document = json.dumps({"asset": {"version": "2.0", "copyright": text}}).encode()
    chunk = document + b" " * (-len(document) % 4)
    return struct.pack("<4sII", b"glTF", 2, 20 + len(chunk)) + struct.pack("<I4s", len(chunk), b"JSON") + chunk


def tiny_png(shade: int) -> bytes:
    """A grey square of 8 pixels."""
    rows = b"".join(b"\0" + bytes([shade] * 8) for _ in range(8))
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def product(sku_id: str, **more: Any) -> Entry:
    """An entry whose files are named after its sku_id; None takes a key out."""
    entry: Entry = {
        "sku_id": sku_id,
        "name": f"The {sku_id.lower()}",
        "main_asset_name": sku_id.lower(),
        "model": f"models/{sku_id.lower()}.glb",
        "outputs": ["3d_model_viewer"],
    }
    return {key: value for key, value in (entry | more).items() if value is not None}


@dataclass
class Shop:
    """Three products, one of them with everything there is, and one render. `write()` puts it on disk."""

    folder: Path
    products: list[Entry] = field(
        default_factory=lambda: [
            product(
                "LAMP",
                gtin="4006381333931",
                thumbnail="thumbnails/lamp.png",
                outputs={"3d_model_viewer": True, "silo": {"archive": ["* - Black bg - *"]}},
            ),
            product("CHAIR", gtin="5901234123457", thumbnail="thumbnails/chair.png"),
            product("TABLE", key="table"),
        ]
    )
    renders: list[Entry] = field(
        default_factory=lambda: [
            {
                "name": "hero",
                "scene_id": 7550,
                "cameras_to_render": [8152588],
                "units": "inches",
                "products": [{"sku_id": "LAMP", "position": [0, 0, 0], "rotation": [0, 0, 0]}],
            }
        ]
    )
    more: Entry = field(default_factory=dict)

    @property
    def manifest(self) -> Path:
        return self.folder / "catalog.yaml"

    @property
    def state(self) -> Path:
        return self.folder / ".catalogsync" / "state.db"

    def write(self) -> None:
        """The manifest (JSON is YAML), and those files that are not there yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        catalog = {"version": 1, "catalog": "shop", "products": self.products, "renders": self.renders} | self.more
        self.manifest.write_text(json.dumps(catalog, indent=1))
        for number, entry in enumerate(self.products):
            self._keep(entry["model"], tiny_glb(entry["sku_id"]))
            if "thumbnail" in entry:
                self._keep(entry["thumbnail"], tiny_png(40 + number))

    def _keep(self, written: str, content: bytes) -> None:
        path = self.folder / written
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            path.write_bytes(content)

    def file_of(self, sku_id: str, kind: str = "model") -> bytes | None:
        entry = next(entry for entry in self.products if entry["sku_id"] == sku_id)
        return (self.folder / entry[kind]).read_bytes() if kind in entry else None
