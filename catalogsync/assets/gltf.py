"""Closer looks at glTF, whose files say how long they are and what else they need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_GLB_HEADER = 12
_GLB_VERSIONS = frozenset({1, 2})


def glb_fault(head: bytes, size: int) -> tuple[str, str, str] | None:
    """Rule, message and fix when a GLB's header does not fit its size or version; None when it does.

    Source: Khronos glTF 2.0, "Binary glTF Layout": magic, version and length, 32 bits each, little-endian.
    """
    if len(head) < _GLB_HEADER:
        return "asset-incomplete", "ends inside its header", "export or copy the file again"
    version, length = int.from_bytes(head[4:8], "little"), int.from_bytes(head[8:12], "little")
    if version not in _GLB_VERSIONS:
        return "asset-content", f"says it is glTF version {version}", "export it as glTF 2.0"
    if length != size:
        return "asset-incomplete", f"has {size:,} bytes and says it has {length:,}", "export or copy the file again"
    return None


def gltf_fault(path: str) -> tuple[str, str, str] | None:
    """Rule, message and fix when a .gltf is no glTF or needs other files; None when it stands alone.

    Raises OSError when it cannot be read.
    """
    try:
        document: Any = json.loads(Path(path).read_bytes())
    except ValueError:
        return "asset-content", "is not a glTF file: it is not JSON", "export it again, best as .glb"
    if not isinstance(document, dict) or "asset" not in document:
        return "asset-content", "is not a glTF file: it has no `asset`", "export it again, best as .glb"
    if outside := _external(document):
        named = ", ".join(outside[:3]) + (", ..." if len(outside) > 3 else "")  # noqa: PLR2004 - as many as fit a line
        return "asset-external-files", f"needs other files: {named}", "export it as .glb, or zip it with them"
    return None


def _external(document: dict[str, Any]) -> list[str]:
    entries = [entry for name in ("buffers", "images") for entry in document.get(name) or () if isinstance(entry, dict)]
    uris = [str(entry["uri"]) for entry in entries if entry.get("uri")]
    return [uri for uri in uris if not uri.startswith("data:")]
