"""The frame of every page and what it may load: nothing from elsewhere, no script or style written into a page."""

from collections.abc import Iterable, Sequence
from html import escape

from starlette.responses import HTMLResponse, Response

STATIC = "/sandbox/static"
# WebAssembly and blobs are what the decoders of compressed models and textures need.
SOURCES = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self' blob:",
    "connect-src": "'self' blob: data:",
    "img-src": "'self' blob: data:",
    "style-src": "'self' 'unsafe-inline'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
ANYWHERE, HERE = "*", "'self'"
# The decoder of KTX2 makes functions of its own text (embind); its worker has the policy of its page.
DECODING = {"script-src": f"{SOURCES['script-src']} 'unsafe-eval'"}
DECODERS = {"viewer.js", "ar.js"}


def policy(ancestors: str, scripts: Iterable[str] = ()) -> str:
    sources = SOURCES | (DECODING if DECODERS & set(scripts) else {}) | {"frame-ancestors": ancestors}
    return "; ".join(f"{name} {value}" for name, value in sources.items())


def document(
    title: str, body: str, *, scripts: Sequence[str] = (), css: str = "", status: int = 200, ancestors: str = ANYWHERE
) -> Response:
    """A whole page. `body` is HTML; `scripts` are names of our static modules; `css` is the class of the body."""
    loads = "".join(f'<script type="module" src="{STATIC}/{script}"></script>' for script in scripts)
    parts = (
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover">',
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">',
        f'<title>{escape(title)}</title><link rel="stylesheet" href="{STATIC}/style.css">{loads}',
        f'<body class="{css}">{body}</body></html>',
    )
    headers = {"Content-Security-Policy": policy(ancestors, scripts), "Referrer-Policy": "no-referrer"}
    return HTMLResponse("".join(parts), status, headers=headers)


def not_found() -> Response:
    text = '<main class="narrow"><h1>Not found</h1><p class="quiet">This content does not exist or is not ready.</p>'
    return document("Not found", text + "</main>", status=404)
