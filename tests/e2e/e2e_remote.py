"""A sandbox as the tests see it: its controls, its request log, and its own books in its data folder."""

from __future__ import annotations

import json
import sqlite3
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from e2e_waiting import until

from catalogsync.sandbox import Endpoints

CREATE = ("POST", "/v1/product/details/")
FINALIZE = ("PATCH", "/v1/product/details/*")
JOB = ("POST", "/v1/product/job/")
RENDER = ("POST", "/v1/product/create-images/")
BUCKET = ("POST", "/bucket/")
STATUS = ("GET", "/v1/product/status/")
LIST = ("GET", "/v1/product/details/")
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Remote:
    endpoints: Endpoints
    data: Path

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.endpoints.secret_key, self.endpoints.public_key, self.endpoints.zapier_token)

    @property
    def environment(self) -> dict[str, str]:
        """What points the command at this sandbox."""
        return {
            "CATALOGSYNC_API_URL": self.endpoints.url,
            "CATALOGSYNC_ZAPIER_URL": self.endpoints.zapier_url,
            "CATALOGSYNC_ORIGIN": self.endpoints.origin,
            "CATALOGSYNC_SECRET_KEY": self.endpoints.secret_key,
            "CATALOGSYNC_PUBLIC_KEY": self.endpoints.public_key,
            "CATALOGSYNC_ZAPIER_TOKEN": self.endpoints.zapier_token,
        }

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """A call of the sandbox's controls."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.endpoints.url + path, data, {"Content-Type": "application/json"}, method=method
        )
        with _OPENER.open(request, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def fault(self, call: tuple[str, str], do: str, **more: Any) -> None:
        method, path = call
        rule = {"match": {"method": method, "path": path}, "do": do, **more}
        self.ask("POST", "/sandbox/faults", {"rules": [rule]})

    def fault_used(self) -> bool:
        """Whether every rule has been suffered by a request (that may be under way still)."""
        return not self.ask("GET", "/sandbox/faults")["rules"]

    def advance(self, seconds: float) -> None:
        self.ask("POST", "/sandbox/clock", {"advance": seconds})

    def account(self, **changes: Any) -> None:
        self.ask("PATCH", "/sandbox/account", changes)

    def log(self, after: int = 0) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.ask("GET", f"/sandbox/log?after={after}")["requests"]
        return rows

    def last(self) -> int:
        """The id of the newest request in the log, to look at later ones only."""
        return max((row["id"] for row in self.log()), default=0)

    def calls(self, call: tuple[str, str], after: int = 0) -> list[dict[str, Any]]:
        return [row for row in self.log(after) if (row["method"], row["path"]) == call]

    def writes(self, after: int = 0) -> list[dict[str, Any]]:
        return [row for row in self.log(after) if row["method"] != "GET"]

    def wait_for_fault(self) -> None:
        until(self.fault_used, "a request that suffers the fault")

    def wait_for_call(self, call: tuple[str, str], times: int = 1, after: int = 0) -> None:
        until(lambda: len(self.calls(call, after)) >= times, f"{times} of {call}")

    def books(self, query: str) -> list[tuple[Any, ...]]:
        """What a query of the sandbox's own database says."""
        with closing(sqlite3.connect(self.data / "sandbox.db")) as connection:
            return connection.execute(query).fetchall()

    def finalized(self) -> list[str]:
        """The sku_ids of living products whose upload was marked as successful."""
        rows = self.books("SELECT sku_id FROM products WHERE deleted_at IS NULL AND upload_status = 2 ORDER BY sku_id")
        return [sku_id for (sku_id,) in rows]

    def object(self, key: str) -> bytes:
        return (self.data / "bucket" / key).read_bytes()
