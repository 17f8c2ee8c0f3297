"""/v1/product/details/: create, mark uploaded, update, list and delete products."""

import re
import sqlite3
import uuid
from pathlib import PurePosixPath
from typing import Any

from catalogsync.sandbox.calls import REQUIRED, Answer, Call, Refusal, choice_error, done, read_uuid
from catalogsync.sandbox.clock import deletion_time
from catalogsync.sandbox.context import DAY
from catalogsync.sandbox.lookup import FINALIZED, find_unicode, show_product
from catalogsync.sandbox.paging import page_of
from catalogsync.sandbox.store import insert

PATH = "/v1/product/details/"
# fmt: off
MODEL_EXTENSIONS = [
    ".glb", ".gltf", ".obj", ".fbx", ".blend", ".usdz", ".stl", ".dae", ".ply", ".abc", ".bvh", ".x3d", ".wrl",
    ".3ds", ".max", ".off", ".step", ".stp", ".iges", ".igs", ".brep", ".ifc", ".3mf", ".fcstd", ".fcstd1", ".zip",
]
# fmt: on
THUMBNAIL_EXTENSIONS = [".png", ".jpg", ".jpeg"]
TEXT_FIELDS = ("name", "main_asset_name", "sku_id", "gtin")
UNIQUE_MESSAGES = {"sku_id": "Sku id already exists.", "gtin": "This gtin already exists."}
MAX_LENGTH = 255
CREATED = 1


def create(call: Call) -> Answer:
    model_name, thumbnail_name = read_file_names(call)
    values = read_texts(call)
    release_expired(call)
    check_unique(call, values, product_id=None)
    row = insert_product(call, values, model_name, thumbnail_name)
    data = {**show_product(row), "upload_status": str(CREATED)}
    data |= upload_form(call, row["model_key"], "prop_user_file") | upload_form(call, row["thumbnail_key"], "thumbnail")
    return done(data, "Product created successfully", 201)


def mark_uploaded(call: Call) -> Answer:
    row = find_unicode(call, call.path["unicode"], "unicode")
    action = call.body.get("action")
    if action != "mark_upload_success":
        raise Refusal(400, {"action": [REQUIRED if action is None else choice_error(action)]})
    missing = [key for key in (row["model_key"], row["thumbnail_key"]) if key and not is_stored(call, key)]
    if missing:
        raise Refusal(400, f"Not uploaded yet: {', '.join(PurePosixPath(key).name for key in missing)}.")
    call.db.execute("UPDATE products SET upload_status = ? WHERE id = ?", (FINALIZED, row["id"]))
    data = {"id": row["id"], **show_product(row), "upload_status": str(FINALIZED)}
    return done(data, "Product marked as upload successful")


def update(call: Call) -> Answer:
    row = find_unicode(call, call.path["unicode"], "unicode")
    values = read_texts(call)
    release_expired(call)
    check_unique(call, values, product_id=row["id"])
    for column, value in values.items():
        call.db.execute(f"UPDATE products SET {column} = ? WHERE id = ?", (value, row["id"]))  # noqa: S608 - TEXT_FIELDS
    changed = call.db.execute("SELECT * FROM products WHERE id = ?", (row["id"],)).fetchone()
    data = {**show_product(changed), "upload_status": str(changed["upload_status"])}
    return done(data, "Product updated successfully")


def list_products(call: Call) -> Answer:
    where: list[str] = ["deleted_at IS NULL"]
    values: list[Any] = []
    if call.sandbox.settings.list_deleted:
        where = ["(deleted_at IS NULL OR deleted_at >= ?)"]
        values = [call.now - call.sandbox.settings.grace_days * DAY]
    if not call.sandbox.settings.list_unfinished:
        where.append(f"upload_status = {FINALIZED}")
    for column in ("unicode", "gtin", "sku_id", "salsify_id"):
        if column in call.query:
            where.append(f"{column} = ?")
            values.append(read_uuid(call.query[column], column) if column == "unicode" else call.query[column])
    if "search" in call.query:
        where.append("(instr(lower(name), ?) OR instr(lower(main_asset_name), ?))")
        values += [call.query["search"].lower()] * 2
    return page_of(call, PATH, f"products WHERE {' AND '.join(where)}", values, show_product)


def delete(call: Call) -> Answer:
    row = find_unicode(call, call.path["unicode"], "unicode")
    call.db.execute("UPDATE products SET deleted_at = ? WHERE id = ?", (call.now, row["id"]))
    if not call.sandbox.settings.hold_deleted:
        call.db.execute("UPDATE products SET sku_id = NULL, gtin = NULL WHERE id = ?", (row["id"],))
    when = deletion_time(call.now + call.sandbox.settings.grace_days * DAY)
    return done({"unicode": row["unicode"]}, f"Successfully marked for deletion. Will be deleted on {when}")


def read_file_names(call: Call) -> tuple[str, str | None]:
    """Names of the model and, when given, the thumbnail; 400 unless their extensions are supported."""
    model = call.body.get("prop_data_user_file_name", "").strip()
    if not model:
        raise Refusal(400, {"prop_data_user_file_name": [REQUIRED]})
    thumbnail = call.body.get("thumbnail_name", "").strip() or None
    check_extension(model, MODEL_EXTENSIONS, "File")
    if thumbnail:
        check_extension(thumbnail, THUMBNAIL_EXTENSIONS, "Thumbnail")
    return model, thumbnail


def check_extension(name: str, supported: list[str], subject: str) -> None:
    if PurePosixPath(name).suffix.lower() not in supported:
        formats = ", ".join(supported)
        raise Refusal(400, f"{subject} must have a valid extension. Supported formats: {formats}")


def read_texts(call: Call) -> dict[str, str | None]:
    """The metadata fields that were sent; an empty identifier is none, unless the settings say otherwise."""
    sent = {name: str(call.body[name]).strip() for name in TEXT_FIELDS if name in call.body}
    too_long = {
        name: [f"Ensure this field has no more than {MAX_LENGTH} characters."]
        for name, value in sent.items()
        if len(value) > MAX_LENGTH
    }
    if too_long:
        raise Refusal(400, too_long)
    optional = () if call.sandbox.settings.unique_empty else UNIQUE_MESSAGES
    return {name: value or (None if name in optional else "") for name, value in sent.items()}


def release_expired(call: Call) -> None:
    """Free the identifiers of products whose grace period is over."""
    before = call.now - call.sandbox.settings.grace_days * DAY
    call.db.execute("UPDATE products SET sku_id = NULL, gtin = NULL WHERE deleted_at < ?", (before,))


def check_unique(call: Call, values: dict[str, str | None], product_id: int | None) -> None:
    """Say which identifier is taken; the UNIQUE columns refuse it too, should two processes ever race."""
    for column, message in UNIQUE_MESSAGES.items():
        select = f"SELECT id FROM products WHERE {column} = ?"  # noqa: S608 - from UNIQUE_MESSAGES
        owner = call.db.execute(select, (values.get(column),)).fetchone()
        if owner is not None and owner["id"] != product_id:
            raise Refusal(400, message)


def insert_product(
    call: Call, values: dict[str, str | None], model_name: str, thumbnail_name: str | None
) -> sqlite3.Row:
    product_id = insert(
        call.db,
        "products",
        **{"name": "", "main_asset_name": "", **values},
        unicode=str(uuid.uuid4()),
        viewer_id=str(uuid.uuid4()),
        created_at=call.now,
        upload_status=CREATED,
        model_name=PurePosixPath(model_name).name,
        model_key="",
    )
    folder = "media/private/product"
    model_key = f"{folder}/prop_data_user_file/{product_id}/0/prop_data_{key_name(model_name)}"
    thumbnail_key = thumbnail_name and f"{folder}/thumbnail/{product_id}/0/thumbnail_{key_name(thumbnail_name)}"
    keys = (model_key, thumbnail_key, product_id)
    call.db.execute("UPDATE products SET model_key = ?, thumbnail_key = ? WHERE id = ?", keys)
    row: sqlite3.Row = call.db.execute("SELECT * FROM products WHERE id = ?", (product_id,)).fetchone()
    return row


def key_name(file_name: str) -> str:
    """A file name as the last part of an object key: no folders, nothing a path or URL could trip over."""
    name = PurePosixPath(file_name.replace("\\", "/"))
    return re.sub(r"[^\w.-]", "_", name.stem)[:100] + name.suffix


def upload_form(call: Call, key: str | None, what: str) -> dict[str, Any]:
    """The two presigned fields of one file, or nulls when there is nothing to upload."""
    if key is None:
        return {f"presigned_url_{what}": None, f"presigned_data_{what}": None}
    sandbox, settings = call.sandbox, call.sandbox.settings
    form = sandbox.signer.upload_form(
        f"{sandbox.url}/bucket/", key, now=call.now, lifetime=settings.form_seconds, max_bytes=settings.max_upload_bytes
    )
    link = sandbox.signer.object_link(key, host=sandbox.host, now=call.now, lifetime=settings.form_seconds)
    return {f"presigned_url_{what}": form, f"presigned_data_{what}": link}


def is_stored(call: Call, key: str) -> bool:
    return (call.sandbox.objects / key).is_file()
