"""/v1/product/create-images/ and /render-images/: products placed into scenes."""

import json
import sqlite3
from typing import Any

from catalogsync.sandbox import states
from catalogsync.sandbox.calls import REQUIRED, Answer, Call, Refusal, choice_error, done, forced_outcome
from catalogsync.sandbox.files import FOLDERS, image_keys
from catalogsync.sandbox.lookup import FINALIZED
from catalogsync.sandbox.paging import page_of
from catalogsync.sandbox.scenes import MATERIALS, SCENES, UNITS, Scene
from catalogsync.sandbox.store import insert

PATH = "/v1/product/render-images/"
ORIGIN = [0, 0, 0]
MAX_DIGITS = 18  # what surely fits into the database's 64 bits
RENDERED = "images WHERE render_id IS NOT NULL AND NOT archived"
SHOWS = (
    " AND render_id IN (SELECT render_id FROM placements JOIN products ON products.id = product_id"
    " WHERE deleted_at IS NULL AND {match})"
)
MATCHES = {
    "product_id": SHOWS.format(match="products.id = ?"),
    "sku_id": SHOWS.format(match="sku_id = ?"),
    "product_name": SHOWS.format(match="instr(lower(name), lower(?))"),
}


def create_images(call: Call) -> Answer:
    scene, errors = read_scene(call.body)
    products, product_errors = read_products(call)
    errors |= product_errors
    if call.body.get("units", UNITS[0]) not in UNITS:
        errors["units"] = [choice_error(call.body["units"])]
    if errors or scene is None:
        raise Refusal(400, errors)
    render_id = insert_render(call, scene, products)
    insert_images(call, scene, render_id)
    call.sandbox.worker.wake()
    data = {"render_id": render_id, "sku_ids": [placed["sku_id"] for placed in products]}
    return done(data, "Render job has been created and processing has been scheduled.", 202)


def read_scene(body: Any) -> tuple[Scene | None, dict[str, Any]]:
    """The scene, and what is wrong with it and its cameras by field."""
    scene_id, cameras = body.get("scene_id"), body.get("cameras_to_render")
    errors: dict[str, Any] = {}
    scene = SCENES.get(scene_id) if type(scene_id) is int else None
    if scene is None:
        unknown = f"Room/Scene with id {scene_id} not found or not accessible."
        errors["scene_id"] = [REQUIRED if scene_id is None else unknown]
    if not isinstance(cameras, list) or not cameras:
        errors["cameras_to_render"] = [REQUIRED if cameras is None else "A non-empty list of integers is required."]
    elif scene is not None:
        own = [camera.id for camera in scene.cameras]
        foreign = [camera for camera in cameras if type(camera) is not int or camera not in own]
        if foreign:
            errors["cameras_to_render"] = [f"Invalid camera ID(s) for scene {scene_id}: {foreign}"]
    return scene, errors


def read_products(call: Call) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The placements, each with its `product_id`, and what is wrong with them by field."""
    placements = call.body.get("products")
    if placements is None:
        return [], {"products": [REQUIRED]}
    if not isinstance(placements, list) or not placements or not all(isinstance(item, dict) for item in placements):
        return [], {"products": ["A non-empty list of objects is required."]}
    placed = [{**item, "product_id": accessible(call, item.get("sku_id"))} for item in placements]
    errors: dict[str, str] = {}
    unknown = [item.get("sku_id") for item in placed if item["product_id"] is None]
    if unknown:
        errors["sku_id"] = f"Invalid or inaccessible sku_id(s): {unknown}"
    materials = [item["material_id"] for item in placed if item.get("material_id") not in (None, *MATERIALS)]
    if materials:
        errors["material_id"] = f"Invalid or inaccessible material_id(s): {materials}"
    for name in ("position", "rotation"):
        if not all(is_vector(item.get(name, ORIGIN)) for item in placed):
            errors[name] = "Must be a list of three numbers."
    return placed, {"products": errors} if errors else {}


def accessible(call: Call, sku_id: object) -> int | None:
    """The id of the finalized product with this SKU."""
    if not isinstance(sku_id, str):
        return None
    select = "SELECT id FROM products WHERE sku_id = ? AND deleted_at IS NULL AND upload_status = ?"
    row = call.db.execute(select, (sku_id, FINALIZED)).fetchone()
    return None if row is None else int(row["id"])


def is_vector(value: object) -> bool:
    return isinstance(value, list) and len(value) == len(ORIGIN) and all(type(part) in (int, float) for part in value)


def insert_render(call: Call, scene: Scene, products: list[dict[str, Any]]) -> int:
    units = call.body.get("units", UNITS[0])
    render_id = insert(call.db, "renders", scene_id=scene.id, units=units, accepted_at=call.now)
    for item in products:
        insert(
            call.db,
            "placements",
            render_id=render_id,
            product_id=item["product_id"],
            position=json.dumps(item.get("position", ORIGIN)),
            rotation=json.dumps(item.get("rotation", ORIGIN)),
            material_id=item.get("material_id"),
        )
    return render_id


def insert_images(call: Call, scene: Scene, render_id: int) -> None:
    names = {camera.id: camera.name for camera in scene.cameras}
    wanted = list(dict.fromkeys(call.body["cameras_to_render"]))
    for position, camera_id in enumerate(wanted):
        insert(
            call.db,
            "images",
            render_id=render_id,
            setup=str(camera_id),
            name=f"Render_{render_id}_{names[camera_id]}",
            angle_name=names[camera_id],
            accepted_at=call.now,
            due_at=states.image_due(call.now, call.sandbox.settings.job_seconds, position, len(wanted)),
            outcome=forced_outcome(call, image=True),
        )


def list_images(call: Call) -> Answer:
    source, values = RENDERED, []
    if "render_id" in call.query:
        values.append(read_id(call, "render_id"))
        if call.db.execute("SELECT 1 FROM renders WHERE id = ?", values).fetchone() is None:
            raise Refusal(404, "Render not found.")
        source += " AND render_id = ?"
    for name, match in MATCHES.items():
        if name in call.query:
            values.append(read_id(call, name) if name == "product_id" else call.query[name])
            source += match
    if not values:
        raise Refusal(400, "Provide at least one of render_id, product_id, sku_id or product_name.")
    return page_of(call, PATH, source, values, lambda row: show_image(call, row))


def read_id(call: Call, name: str) -> int | str:
    value = call.query[name]
    if not (value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS):
        raise Refusal(400, {name: ["A valid integer is required."]})
    return int(value)


def show_image(call: Call, image: sqlite3.Row) -> dict[str, Any]:
    """An image as render-images lists it: every file null until its URLs are given out."""
    ready = states.has_urls(image, call.now, call.sandbox.settings.url_lag_seconds)
    return {
        "id": image["id"],
        "angle_name": image["angle_name"],
        **(file_urls(call, image) if ready else dict.fromkeys(FOLDERS)),
        "status": states.image_status(image, call.now),
    }


def file_urls(call: Call, image: sqlite3.Row) -> dict[str, str | None]:
    return {name: call.sandbox.media_url(key) for name, key in image_keys(image).items()}
