"""The OpenAPI description of the API, with this sandbox's addresses in place of the vendor's."""

import json
from pathlib import Path

import yaml
from starlette.requests import Request
from starlette.responses import Response

from catalogsync.sandbox.context import Sandbox

NAME = "imagine.openapi.yaml"
ADDRESSES = {
    "https://api.imagine.io": "",
    "https://prod.imagine.io/": "/",
    "https://example-bucket.s3.amazonaws.com": "/bucket",
}


def description_text(url: str) -> str:
    """The YAML, its servers at `url`; read from the installed package, else from the source tree."""
    package = Path(__file__).parents[1]
    installed = package / "schemas" / NAME
    text = (installed if installed.exists() else package.parent / "schemas" / NAME).read_text("utf-8")
    for vendor, path in ADDRESSES.items():
        text = text.replace(vendor, url + path)
    return text


async def show_yaml(sandbox: Sandbox, _request: Request) -> Response:
    return Response(description_text(sandbox.url), media_type="application/yaml")


async def show_json(sandbox: Sandbox, _request: Request) -> Response:
    described = yaml.safe_load(description_text(sandbox.url))
    return Response(json.dumps(described), media_type="application/json")
