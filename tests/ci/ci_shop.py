"""A small shop in a folder, and a sandbox for it to be kept in."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from catalogsync.sandbox import Endpoints, SandboxSettings, running

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Account:
    """An account at a sandbox that is served while a test runs."""

    endpoints: Endpoints
    data: Path

    @property
    def base(self) -> dict[str, str]:
        """What a runner needs to reach it in a hurry; no key."""
        return {
            "CATALOGSYNC_API_URL": self.endpoints.url,
            "CATALOGSYNC_ZAPIER_URL": self.endpoints.zapier_url,
            "CATALOGSYNC_POLL_INITIAL": "0.3",
            "CATALOGSYNC_POLL_INTERVAL": "0.2",
            "CATALOGSYNC_SETTLE_TIME": "1s",
        }

    @property
    def keys(self) -> dict[str, str]:
        return {
            "CATALOGSYNC_PUBLIC_KEY": self.endpoints.public_key,
            "CATALOGSYNC_SECRET_KEY": self.endpoints.secret_key,
        }

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """A call of the sandbox's controls."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.endpoints.url + path, data, {"Content-Type": "application/json"}, method=method)
        with build_opener(ProxyHandler({})).open(request, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def calls(self) -> list[str]:
        """Every call of the API so far, as METHOD /path."""
        return [f"{row['method']} {row['path']}" for row in self.ask("GET", "/sandbox/log?after=0")["requests"]]

    def rename(self, sku: str, name: str) -> None:
        """Somebody edits a product by hand."""
        self._books("UPDATE products SET name = ? WHERE sku_id = ?", name, sku)

    def products(self) -> list[str]:
        """The sku_ids of every product on the account that is not deleted, finished or not."""
        return [sku for (sku,) in self._books("SELECT sku_id FROM products WHERE deleted_at IS NULL ORDER BY sku_id")]

    def jobs(self) -> int:
        return len([call for call in self.calls() if call == "POST /v1/product/job/"])

    def _books(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.data / "sandbox.db")) as connection, connection:
            return connection.execute(query, values).fetchall()


@contextmanager
def account(folder: Path, **settings: Any) -> Iterator[Account]:
    chosen: dict[str, Any] = {"port": 0, "job_seconds": 0.1, "image_size": 32, **settings}
    with running(SandboxSettings(folder, **chosen)) as endpoints:
        yield Account(endpoints, folder)


def write_shop(folder: Path, *skus: str, name: str = "Stool") -> None:
    """A manifest with these products; each has the stool's model under a name of its own."""
    (folder / "models").mkdir(parents=True, exist_ok=True)
    lines = ["version: 1", "catalog: shop", "products:"]
    for sku in skus:
        shutil.copy(ROOT / "examples/models/stool.glb", folder / "models" / f"{sku}.glb")
        lines += [f"  - sku_id: {sku}", f"    name: {name}", f"    model: models/{sku}.glb", "    outputs: [silo]"]
    (folder / "catalog.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
