"""The public pages of one product: the 3D viewer, the 360° spin, and the product in one's own room."""

import json
from html import escape

from starlette.requests import Request
from starlette.responses import Response

from catalogsync.sandbox.context import Sandbox
from catalogsync.sandbox.files import AR_MODEL, POSTER, VIEWER_MODEL
from catalogsync.sandbox.web.content import Shown, find_shown, picture, readable
from catalogsync.sandbox.web.document import document, not_found
from catalogsync.sandbox.web.qr import qr_code
from catalogsync.sandbox.web.statics import has_viewer

VIEWERS = {
    "3d-viewer": ("3d_model_viewer", "3D viewer"),
    "ar-viewer": ("ar", "AR"),
    "360-viewer": ("360_degree_spin", "360° spin"),
}
OUTPUT_PAGES = {output: (kind, title) for kind, (output, title) in VIEWERS.items()}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
FULL = '<button type="button" data-full hidden>Full screen</button>'


async def viewer(sandbox: Sandbox, request: Request) -> Response:
    """The public page of one output of one product, once it is Done."""
    kind = request.path_params["kind"]
    with sandbox.store.transaction() as db:
        shown = find_shown(sandbox, db, request.path_params["viewer_id"])
    if shown is None or kind not in VIEWERS or not shown.has(VIEWERS[kind][0]):
        return not_found()
    page = {"3d-viewer": show_model, "360-viewer": show_spin, "ar-viewer": show_room}[kind]
    return page(shown, request)


def show_model(shown: Shown, request: Request) -> Response:
    model = shown.find(VIEWER_MODEL)
    if model is None or not has_viewer():
        return show_spin(shown, request)
    dimensions = '<button type="button" data-dimensions hidden aria-pressed="false">Dimensions</button>'
    units = '<button type="button" data-unit hidden aria-label="Change the unit">cm</button>'
    return stage(shown, viewer_tag(shown, model), dimensions + units + FULL, "viewer.js")


def viewer_tag(shown: Shown, model: str, more: str = "") -> str:
    """model-viewer; its script gives it the model once its decoders are known to be here and not elsewhere."""
    poster = shown.find(POSTER) or shown.thumbnail
    poster_part = f' poster="{escape(poster)}"' if poster else ""
    return (
        f'<model-viewer data-model="{escape(model)}"{poster_part} alt="3D model of {shown.label}" camera-controls'
        ' touch-action="pan-y" environment-image="neutral" camera-orbit="30deg 78deg 105%" tone-mapping="neutral"'
        f' shadow-intensity="1" shadow-softness="0.9" exposure="1.05" interaction-prompt="auto" {more}>'
        '<div class="bar" slot="progress-bar"><i></i></div></model-viewer>'
        '<p class="note" data-problem hidden>This browser could not show the 3D model.</p>'
    )


def show_spin(shown: Shown, _request: Request) -> Response:
    frames = shown.frames()
    if not frames:
        return show_file(shown)
    scene = (
        f'<div class="spin" tabindex="0" role="slider" aria-label="Turn {shown.label}" aria-valuemin="0"'
        f' aria-valuemax="359" aria-valuenow="0" data-frames="{escape(json.dumps(frames))}"><canvas></canvas></div>'
        '<div class="bar"><i></i></div>'
        '<p class="hint">Drag to turn</p>'
    )
    play = '<button type="button" data-play hidden aria-pressed="false">Play</button>'
    return stage(shown, scene, play + FULL, "spin.js")


def show_room(shown: Shown, request: Request) -> Response:
    model, room_model = shown.find(VIEWER_MODEL), shown.find(AR_MODEL)
    if (model is None and room_model is None) or not has_viewer():
        return show_file(shown)
    image = picture(shown.find(POSTER) or shown.thumbnail, shown.label, "poster")
    preview = viewer_tag(shown, model, 'ar ar-modes="scene-viewer webxr"') if model else f"<div>{image}</div>"
    body = (
        f'<main class="room"><header><p class="quiet">View in your room</p><h1>{shown.label}</h1></header>'
        f'<div class="scene">{preview}</div><section class="panel">{room_link(room_model, image)}'
        f"{android_text(model)}{desktop_text(request)}</section></main>"
    )
    return document(f"{shown.label_text} in your room", body, scripts=["ar.js"], css="viewing")


def room_link(room_model: str | None, image: str) -> str:
    """What an iPhone or iPad opens in AR Quick Look, which wants a picture as the link's first child."""
    if room_model is None:
        return '<div data-device="ios" hidden><p>There is no AR model for iPhone and iPad of this product.</p></div>'
    return (
        f'<div data-device="ios" hidden><a class="act" rel="ar" href="{escape(room_model)}">{image}</a>'
        "<p>Tap the picture, then move your phone slowly until the floor is found.</p></div>"
    )


def android_text(model: str | None) -> str:
    if model is None:
        return '<div data-device="android" hidden><p>There is no AR model for Android of this product.</p></div>'
    return (
        '<div data-device="android" hidden><button class="act" type="button" data-place>Place it in your room</button>'
        "<p>Move your phone slowly until the floor is found. Android's viewer needs an address that begins with"
        " https and that the phone can reach.</p></div>"
    )


def desktop_text(request: Request) -> str:
    url = str(request.url)
    only_here = (
        "<p class=quiet>This address works on this machine only. For a phone, reach the sandbox under a name that the"
        " phone knows, over https.</p>"
        if request.url.hostname in LOOPBACK
        else ""
    )
    return (
        f'<div data-device="desktop">{qr_code(url)}<div><p><strong>Scan with your phone</strong> to see it at'
        " its real size where it is to stand: with an iPhone, an iPad, or an Android phone that has AR.</p>"
        f"{only_here}"
        "</div></div>"
    )


def show_file(shown: Shown) -> Response:
    """The uploaded file, where no better content was made of it."""
    name, key = escape(shown.product["model_name"]), shown.product["model_key"]
    size = (shown.sandbox.objects / key).stat().st_size
    image = picture(shown.thumbnail, shown.label, "poster")
    text = (
        f'<main class="narrow"><h1>{shown.label}</h1><figure>{image}</figure><p class="quiet">{name} · {readable(size)}'
        f' · <a href="{escape(shown.link(key))}" download>Download</a></p></main>'
    )
    return document(shown.label_text, text)


def stage(shown: Shown, scene: str, tools: str, script: str) -> Response:
    """A scene that fills the window, the product's name over it and its tools below."""
    sku_id = f'<span class="quiet">{escape(shown.product["sku_id"])}</span>' if shown.product["sku_id"] else ""
    body = (
        f'<main class="stage"><div class="scene">{scene}</div><header><h1>{shown.label}</h1>{sku_id}</header>'
        f'<nav class="tools">{tools}</nav></main>'
    )
    return document(shown.label_text, body, scripts=[script], css="viewing")
