"""The API's description as tests read it: its operations, with what each of them takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parents[2] / "schemas" / "imagine.openapi.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
BUCKET = ("POST", "/")


@dataclass(frozen=True)
class Described:
    """One operation of the description."""

    method: str
    path: str
    body: dict[str, Any]
    parameters: frozenset[str]
    security: tuple[dict[str, list[str]], ...]

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(scope for way in self.security for scopes in way.values() for scope in scopes)


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """A part, or the one that its `$ref` names."""
    found: Any = DOCUMENT
    if "$ref" not in part:
        return part
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return dict(found)


def operations() -> Iterator[Described]:
    for path, item in DOCUMENT["paths"].items():
        for method in item.keys() & {"get", "post", "patch", "put", "delete"}:
            operation = item[method]
            yield Described(
                method.upper(),
                path,
                operation.get("requestBody", {}).get("content", {}),
                frozenset(resolved(part)["name"] for part in operation.get("parameters", [])),
                tuple(operation["security"]),
            )


OPERATIONS = {(one.method, one.path): one for one in operations()}


def properties(schema: dict[str, Any]) -> frozenset[str]:
    """Names of the fields that an object of this schema may have."""
    schema = resolved(schema)
    own = frozenset(schema.get("properties", {}))
    return own.union(*(properties(part) for part in schema.get("allOf", [])))
