"""The routes: which endpoint is answered by whom, and how an API call is let in, charged and answered."""

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from catalogsync.sandbox import auth, control, description, jobs, products, renders, scopes, zapier
from catalogsync.sandbox.bucket import upload
from catalogsync.sandbox.calls import Answer, Call, Refusal
from catalogsync.sandbox.context import Sandbox
from catalogsync.sandbox.gate import Gate, Trail
from catalogsync.sandbox.media import media
from catalogsync.sandbox.store import read_meta
from catalogsync.sandbox.web.home import home, summary
from catalogsync.sandbox.web.statics import static
from catalogsync.sandbox.web.viewers import viewer

FORM, JSON, NONE = "form", "json", "none"
DETAILS = "/v1/product/details/"
DETAIL = "/v1/product/details/{unicode}/"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One documented operation: its body's kind, the scopes of which one is needed, and its handler."""

    method: str
    path: str
    body: str
    scopes: tuple[str, ...]
    handler: Callable[[Call], Answer]


ENDPOINTS = (
    Endpoint("GET", DETAILS, NONE, (scopes.PRODUCT_READ,), products.list_products),
    Endpoint("POST", DETAILS, FORM, (scopes.PRODUCT_CREATE,), products.create),
    Endpoint("PATCH", DETAIL, JSON, (scopes.PRODUCT_CREATE, scopes.PRODUCT_UPDATE), products.mark_uploaded),
    Endpoint("PATCH", DETAIL, FORM, (scopes.PRODUCT_UPDATE,), products.update),
    Endpoint("DELETE", DETAIL, NONE, (scopes.PRODUCT_DELETE,), products.delete),
    Endpoint("POST", "/v1/product/job/", JSON, (scopes.PRODUCT_GENERATE,), jobs.create_job),
    Endpoint("GET", "/v1/product/status/", NONE, (scopes.CONTENT_READ,), jobs.show_status),
    Endpoint("GET", "/v1/product/shared-content/", NONE, (scopes.CONTENT_READ,), jobs.show_shared_content),
    Endpoint("PATCH", "/v1/product/render-content/archive/", JSON, (scopes.CONTENT_UPDATE,), jobs.archive),
    Endpoint("POST", "/v1/product/create-images/", JSON, (scopes.PRODUCT_GENERATE,), renders.create_images),
    Endpoint("GET", renders.PATH, NONE, (scopes.CONTENT_READ,), renders.list_images),
)
ZAPIER_TOKEN_PATH = "/users/api/v3/zapier/token/"  # noqa: S105 - a path, not a secret
ZAPIER = {
    ZAPIER_TOKEN_PATH: zapier.give_token,
    zapier.FEED_PATH: zapier.list_feed,
    "/users/api/v3/token/verify/": zapier.verify_token,
}
OTHERS: tuple[tuple[str, str, control.Control], ...] = (
    ("POST", "/bucket/", upload),
    ("GET", "/media/{key:path}", media),
    ("GET", "/", home),
    ("GET", "/product/public/{kind}/v2/{viewer_id}", viewer),
    ("GET", "/sandbox/summary", summary),
    ("GET", "/sandbox/static/{name:path}", static),
    ("GET", "/sandbox/health", control.health),
    ("GET", "/sandbox/log", control.show_log),
    ("GET", "/sandbox/faults", control.show_faults),
    ("POST", "/sandbox/faults", control.add_faults),
    ("DELETE", "/sandbox/faults", control.clear_faults),
    ("GET", "/sandbox/variants", control.show_variants),
    ("PATCH", "/sandbox/variants", control.change_variants),
    ("POST", "/sandbox/clock", control.move_clock),
    ("POST", "/sandbox/settle", control.settle),
    ("PATCH", "/sandbox/account", control.change_account),
    ("PATCH", "/sandbox/products", control.change_product),
    ("GET", "/sandbox/openapi.yaml", description.show_yaml),
    ("GET", "/sandbox/openapi.json", description.show_json),
)
Reply = Callable[[Request], Awaitable[Response]]


def make_app(sandbox: Sandbox) -> ASGIApp:
    """The whole sandbox as an ASGI application."""
    limit = auth.RateLimit()
    routes = [
        Route(path, api_reply(sandbox, limit, choices), methods=[choice.method for choice in choices])
        for path, choices in by_path(ENDPOINTS).items()
    ]
    routes += [Route(path, zapier_reply(sandbox, handler), methods=["GET"]) for path, handler in ZAPIER.items()]
    routes += [Route(path, bound(sandbox, handler), methods=[method]) for method, path, handler in OTHERS]
    app = Starlette(routes=routes, exception_handlers={HTTPException: unknown_route})
    app.router.redirect_slashes = False
    return Gate(app, sandbox, lambda trail, header: charge_refused(sandbox, trail, header))


def by_path(endpoints: Iterable[Endpoint]) -> dict[str, list[Endpoint]]:
    """Endpoints of one path: they differ in their method or in the kind of their body."""
    grouped: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        grouped.setdefault(endpoint.path, []).append(endpoint)
    return grouped


def chosen(choices: Iterable[Endpoint], method: str, kind: str) -> Endpoint:
    """The endpoint for a method, the one for this kind of body if there is one."""
    own = [choice for choice in choices if choice.method == ("GET" if method == "HEAD" else method)]
    return next((choice for choice in own if choice.body == kind), own[0])


def bound(sandbox: Sandbox, handler: control.Control) -> Reply:
    async def reply(request: Request) -> Response:
        return await handler(sandbox, request)

    return reply


def api_reply(sandbox: Sandbox, limit: auth.RateLimit, choices: list[Endpoint]) -> Reply:
    """Let a call in, charge it, hand it to its handler; the credits left go into every answer but a 401."""

    async def reply(request: Request) -> Response:
        kind, body = await read_body(request)
        trail: Trail = request.scope["trail"]
        endpoint = chosen(choices, request.method, kind)
        with sandbox.store.transaction() as db:
            try:
                now = sandbox.clock.now()
                visitor = auth.identify(db, request.headers.get("authorization", ""))
                trail.key, trail.credits = visitor.kind, 0
                trail.credits = auth.charge(db, sandbox.settings.no_credits_status)
                limit.check(now, sandbox.settings.rate_limit)
                origin = request.headers.get("origin", "")
                auth.check_origin(read_meta(db)["origin"], origin, sandbox.settings.origin_status)
                auth.check_scope(visitor, endpoint.scopes, writes=request.method != "GET")
                content, fault = accepted(endpoint, kind, body), request.scope.get("fault")
                call = Call(sandbox, db, now, request.path_params, filled(request), content, fault)
                answer, headers = endpoint.handler(call), {}
            except Refusal as refusal:
                answer, headers = refusal.answer, refusal.headers
        return respond(answer, headers, trail.credits)

    return reply


def zapier_reply(sandbox: Sandbox, handler: Callable[[Call], Answer]) -> Reply:
    """The same for the Zapier host: another key, no Origin, no credits."""

    async def reply(request: Request) -> Response:
        with sandbox.store.transaction() as db:
            try:
                if handler is not zapier.give_token:
                    token = read_meta(db)["zapier_token"]
                    auth.identify_zapier(token, request.headers.get("authorization", ""))
                    request.scope["trail"].key = "zapier"
                answer = handler(Call(sandbox, db, sandbox.clock.now(), {}, filled(request), {}))
            except Refusal as refusal:
                answer = refusal.answer
        return respond(answer, {}, None)

    return reply


async def read_body(request: Request) -> tuple[str, Any]:
    """The kind of a body and its content; a `Refusal` as content when it cannot be read."""
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    raw = await request.body()
    if not raw:
        return NONE, {}
    if content_type == "application/json":
        return JSON, read_json(raw)
    if content_type in ("multipart/form-data", "application/x-www-form-urlencoded"):
        try:
            async with request.form() as form:
                return FORM, {name: value for name, value in form.items() if isinstance(value, str)}
        except HTTPException as error:
            return FORM, Refusal(400, f"Multipart form parse error - {error.detail}")
    return NONE, Refusal(415, f'Unsupported media type "{content_type}" in request.')


def read_json(raw: bytes) -> Any:
    """The object of a body; no JSON either are NaN, Infinity and half of a surrogate pair, which Python takes."""
    try:
        body = json.loads(raw)
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        return Refusal(400, f"JSON parse error - {error}")
    return body if isinstance(body, dict) else Refusal(400, "Invalid data. Expected a JSON object.")


def accepted(endpoint: Endpoint, kind: str, body: Any) -> dict[str, Any]:
    """The body for its handler; refused when it cannot be read or is of another kind than the endpoint's."""
    if endpoint.body == NONE:
        return {}
    if isinstance(body, Refusal):
        raise body
    if body and endpoint.body != kind:
        raise Refusal(415, f"Unsupported media type: this endpoint takes {endpoint.body}, not {kind}.")
    return dict(body)


def filled(request: Request) -> dict[str, str]:
    """The query without its empty parameters."""
    return {name: value for name, value in request.query_params.items() if value}


def charge_refused(sandbox: Sandbox, trail: Trail, authorization: str) -> None:
    """Take the credit of an API call that a scripted fault answers; an unknown key has no account."""
    with sandbox.store.transaction() as db:
        try:
            trail.key = auth.identify(db, authorization).kind
            trail.credits = auth.charge(db, sandbox.settings.no_credits_status)
        except Refusal:
            return


def respond(answer: Answer, headers: dict[str, str], credits_left: int | None) -> Response:
    body = answer.body
    if credits_left is not None and "error" not in body:
        body = {**body, "api_hits_available": credits_left}
    return Response(json.dumps(body), answer.status, headers, media_type="application/json")


async def unknown_route(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else "Internal server error"
    headers = error.headers if isinstance(error, HTTPException) else None
    return Response(json.dumps({"error": detail}), status, headers, media_type="application/json")
