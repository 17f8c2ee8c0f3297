"""GET /sandbox/static/...: our scripts and styles, and the vendored viewer with its decoders."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from catalogsync.sandbox.context import Sandbox

OWN = Path(__file__).parent / "static"
VENDOR = Path(__file__).parents[1] / "vendor"
TYPES = {".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm"}


async def static(_sandbox: Sandbox, request: Request) -> Response:
    """A script, style or decoder by its name; anything else is 404."""
    path = find(request.path_params["name"])
    if path is None:
        return PlainTextResponse("Not found", 404)
    return FileResponse(path, media_type=TYPES[path.suffix], headers={"Cache-Control": "no-cache"})


def find(name: str) -> Path | None:
    """The file of this name in one of the two folders, never one outside of them."""
    folder, inner = (VENDOR, name.removeprefix("vendor/")) if name.startswith("vendor/") else (OWN, name)
    path = (folder / inner).resolve()
    served = path.is_relative_to(folder.resolve()) and path.suffix in TYPES and path.is_file()
    return path if served else None


def has_viewer() -> bool:
    """Whether this installation was built with model-viewer."""
    return find("vendor/model-viewer.min.js") is not None
