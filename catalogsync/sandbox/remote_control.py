"""Steering a running sandbox from another process: /sandbox/... of the server that a data folder names.

Speaks to loopback only, and loads the standard library only.
"""

import contextlib
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from catalogsync.sandbox.errors import SandboxNotServedError, SandboxRefusedError

LOOPBACK = ("127.0.0.1", "localhost")
TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class RemoteControl:
    """A running sandbox at `url`. Every method raises SandboxNotServedError when it has ended meanwhile, and
    SandboxRefusedError with its words when it takes no such value.
    """

    url: str

    def log(self, after: int = 0) -> dict[str, Any]:
        """`{"requests": [...], "failures": [...]}`, the requests with an id above `after`."""
        return self._ask("GET", f"/sandbox/log?{urlencode({'after': after})}")

    def faults(self) -> dict[str, Any]:
        """`{"rules": [...], "variants": {...}, "presets": [{"name", "does"}]}`."""
        return self._ask("GET", "/sandbox/faults")

    def set_fault(self, name: str, scales: Mapping[str, object]) -> None:
        """Set a preset; `scales` are the fields of a rule that it takes, `times` for example."""
        self._ask("POST", "/sandbox/faults", {"rules": [{"name": name, **scales}]})

    def clear_faults(self) -> None:
        self._ask("DELETE", "/sandbox/faults")

    def health(self) -> dict[str, Any]:
        return self._ask("GET", "/sandbox/health")

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=TIMEOUT_SECONDS)
        content = None if body is None else json.dumps(body)
        try:
            with contextlib.closing(connection):
                connection.request(method, path, content, {"Content-Type": "application/json"})
                response = connection.getresponse()
                status, text = response.status, response.read()
            answer: dict[str, Any] = json.loads(text) if text else {}
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise SandboxNotServedError(f"The sandbox at {self.url} does not answer.") from error
        if status >= http.client.BAD_REQUEST:
            raise SandboxRefusedError(str(answer.get("error", f"The sandbox answered {status}.")))
        return answer


def find(data: Path) -> RemoteControl:
    """The running sandbox of a data folder. Raises SandboxNotServedError when there is none."""
    try:
        note = json.loads((data / "server.json").read_text("utf-8"))
        control, pid = RemoteControl(str(note["url"])), note["pid"]
        known = urlsplit(control.url).hostname in LOOPBACK
        # Another program may have got the port of a sandbox that was killed.
        if known and control.health().get("pid") == pid:
            return control
    except (OSError, ValueError, KeyError, TypeError, SandboxNotServedError, SandboxRefusedError):
        pass
    raise SandboxNotServedError(f"No sandbox serves {data}.")
