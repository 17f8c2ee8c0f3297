"""/sandbox/...: what only a sandbox has. Free of credits, for this machine only."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from catalogsync.sandbox import variants
from catalogsync.sandbox.context import Sandbox
from catalogsync.sandbox.presets import PRESETS, unfolded
from catalogsync.sandbox.store import write_meta

LOCAL = {"127.0.0.1", "localhost", "::1"}
POLL_SECONDS = 0.01
Control = Callable[[Sandbox, Request], Awaitable[Response]]


def local(handler: Control) -> Control:
    """Refuse other machines, and pages of other sites that a browser here might show."""

    async def guarded(sandbox: Sandbox, request: Request) -> Response:
        client = request.client.host if request.client else ""
        if client not in LOCAL or request.url.hostname not in LOCAL:
            return JSONResponse({"error": "Only for this machine."}, 403)
        try:
            return await handler(sandbox, request)
        except (TypeError, ValueError, OverflowError) as error:
            return JSONResponse({"error": str(error)}, 400)

    return guarded


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object of a request. Raises ValueError or TypeError; the content type keeps cross-site forms out."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise ValueError("Content-Type must be application/json")
    body = json.loads(await request.body())
    if not isinstance(body, dict):
        raise TypeError("a JSON object is required")
    return body


@local
async def health(sandbox: Sandbox, _request: Request) -> Response:
    """`content`: "rendered", "plain", or "starting" for the first seconds; `why` says why, and the way to more."""
    worker = sandbox.worker
    about = {"content": worker.mode.content, "why": worker.mode.why}
    return JSONResponse({"data_id": sandbox.data_id, "pid": os.getpid(), "idle": worker.is_idle(), **about})


@local
async def show_log(sandbox: Sandbox, request: Request) -> Response:
    """Requests, from the id in `after` on when given, and what could not be made and why."""
    after = int(request.query_params.get("after", "0"))
    with sandbox.store.transaction() as db:
        requests = [dict(row) for row in db.execute("SELECT * FROM log WHERE id > ? ORDER BY id", (after,))]
        failures = [
            dict(row)
            for row in db.execute(
                "SELECT 'job' AS kind, id, outcome, reason FROM jobs WHERE reason IS NOT NULL UNION ALL"
                " SELECT 'image', id, outcome, reason FROM images WHERE reason IS NOT NULL ORDER BY id"
            )
        ]
    return JSONResponse({"requests": requests, "failures": failures})


@local
async def show_faults(sandbox: Sandbox, _request: Request) -> Response:
    """The rules in force, the variants that differ from the start, and every preset there is."""
    started = variants.shown(sandbox.started_with)
    other = {name: value for name, value in variants.shown(sandbox.settings).items() if value != started[name]}
    presets = [{"name": name, "does": preset.does} for name, preset in PRESETS.items()]
    return JSONResponse({"rules": sandbox.faults.as_json(), "variants": other, "presets": presets})


@local
async def add_faults(sandbox: Sandbox, request: Request) -> Response:
    """Take rules, written out or by the name of a preset: all of them or, when one is wrong, none."""
    rules, values, credits_left = unfolded((await read_object(request)).get("rules"))
    settings = variants.changed(sandbox.settings, values)
    sandbox.faults.add(rules)
    sandbox.settings = settings
    if credits_left is not None:
        with sandbox.store.transaction() as db:
            db.execute("UPDATE account SET credits = ?", (credits_left,))
    return JSONResponse({"rules": sandbox.faults.as_json()}, 201)


@local
async def clear_faults(sandbox: Sandbox, _request: Request) -> Response:
    """Forget all rules and play the variants of the start again; credits stay."""
    sandbox.faults.clear()
    sandbox.settings = sandbox.started_with
    return Response(status_code=204)


@local
async def show_variants(sandbox: Sandbox, _request: Request) -> Response:
    return JSONResponse(variants.shown(sandbox.settings))


@local
async def change_variants(sandbox: Sandbox, request: Request) -> Response:
    """`{"hold_deleted": true, ...}`: these hold from now on."""
    sandbox.settings = variants.changed(sandbox.settings, await read_object(request))
    return JSONResponse(variants.shown(sandbox.settings))


@local
async def move_clock(sandbox: Sandbox, request: Request) -> Response:
    """`{"advance": seconds}`: the sandbox's time jumps forward."""
    seconds = (await read_object(request)).get("advance")
    if not isinstance(seconds, int | float) or seconds < 0:
        raise ValueError("advance: a number of seconds, not negative, is required")
    sandbox.clock.advance(seconds)
    return JSONResponse({"now": sandbox.clock.now()})


@local
async def settle(sandbox: Sandbox, _request: Request) -> Response:
    """Answers when the files of everything accepted so far exist."""
    while not sandbox.worker.is_idle():  # noqa: ASYNC110 - a thread ends the wait, through the database
        await asyncio.sleep(POLL_SECONDS)
    return JSONResponse({"idle": True})


@local
async def change_account(sandbox: Sandbox, request: Request) -> Response:
    """`{"credits": n, "origin": "...", "scopes": {"secret": [...], "public": [...]}}`, each of them optional."""
    body = await read_object(request)
    with sandbox.store.transaction() as db:
        if "credits" in body:
            db.execute("UPDATE account SET credits = ?", (max(0, int(body["credits"])),))
        if "origin" in body:
            write_meta(db, "origin", str(body["origin"]))
        for kind, scopes in body.get("scopes", {}).items():
            db.execute("UPDATE keys SET scopes = ? WHERE kind = ?", (json.dumps(scopes), kind))
        keys = {row["kind"]: json.loads(row["scopes"]) for row in db.execute("SELECT kind, scopes FROM keys")}
        left = db.execute("SELECT credits FROM account").fetchone()["credits"]
    return JSONResponse({"credits": left, "scopes": keys})


@local
async def change_product(sandbox: Sandbox, request: Request) -> Response:
    """`{"sku_id": "A", "salsify_id": "S"}`: what an integration with Salsify would set; null takes it away."""
    body = await read_object(request)
    sku_id, salsify_id = body.get("sku_id"), body.get("salsify_id")
    if not isinstance(sku_id, str) or not isinstance(salsify_id, str | None):
        raise TypeError("sku_id: text, and salsify_id: text or null, are required")
    update = "UPDATE products SET salsify_id = ? WHERE sku_id = ? AND deleted_at IS NULL"
    with sandbox.store.transaction() as db:
        if not db.execute(update, (salsify_id, sku_id)).rowcount:
            raise ValueError(f"no product has the sku_id {sku_id!r}")
    return JSONResponse({"sku_id": sku_id, "salsify_id": salsify_id})
