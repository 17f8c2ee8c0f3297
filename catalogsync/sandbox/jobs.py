"""/v1/product/job/, /status/, /shared-content/ and /render-content/archive/: content of one product."""

import sqlite3
from typing import Any

from catalogsync.sandbox import states
from catalogsync.sandbox.calls import REQUIRED, Answer, Call, Refusal, choice_error, done, forced_outcome
from catalogsync.sandbox.files import image_keys
from catalogsync.sandbox.lookup import (
    FINALIZED,
    find_first,
    find_unicode,
    read_content_type,
    show_product,
)
from catalogsync.sandbox.scenes import SILO_SETUPS
from catalogsync.sandbox.store import insert, label_of

VIEWER, AR, SPIN, SILO = "3d_model_viewer", "ar", "360_degree_spin", "silo"
PRODUCT_IMAGE = "Product Image"
NOT_FINALIZED = "Product upload is not complete. Mark the upload as successful first."
SHARED_FIELDS = {
    "product_3d_status": "product_3d",
    "product_ar_status": "product_ar",
    "product_threesixty_status": "product_threesixty",
    "product_silo_images_status": "product_silo_images",
}
PAGES = {"product_3d": "3d-viewer", "product_ar": "ar-viewer", "product_threesixty": "360-viewer"}


def create_job(call: Call) -> Answer:
    outputs, errors = read_outputs(call.body.get("job_detail_list"))
    if "product" not in call.body:
        errors["product"] = [REQUIRED]
    if errors:
        raise Refusal(400, errors)
    product = find_unicode(call, call.body["product"], "product")
    if product["upload_status"] != FINALIZED:
        raise Refusal(400, NOT_FINALIZED)
    for output in outputs:
        accept_job(call, product, output)
    return done({"unicode": product["unicode"]}, "Product automated processing has been scheduled.", 202)


def read_outputs(details: object) -> tuple[list[str], dict[str, Any]]:
    """The outputs that a job_detail_list asks for, and what is wrong with it by field."""
    if not isinstance(details, list) or not details:
        return [], {"job_detail_list": [REQUIRED if details is None else "This list may not be empty."]}
    outputs = [read_output(detail) for detail in details]
    wrong = [choice_error(detail) for detail, output in zip(details, outputs, strict=True) if output is None]
    return [output for output in outputs if output], {"job_detail_list": wrong} if wrong else {}


def read_output(detail: object) -> str | None:
    if not isinstance(detail, dict):
        return None
    kind = detail.get("req_type")
    if kind == PRODUCT_IMAGE:
        return SILO if detail.get("image_type") == SILO else None
    return kind if kind in (VIEWER, AR, SPIN) else None


def accept_job(call: Call, product: sqlite3.Row, output: str) -> None:
    """Write a job, its silo images too, and hand them to the worker."""
    due = call.now + call.sandbox.settings.job_seconds
    times = {"accepted_at": call.now, "due_at": due}
    outcome = forced_outcome(call)
    job_id = insert(call.db, "jobs", product_id=product["id"], output=output, outcome=outcome, **times)
    if output == SILO and outcome != states.NEVER:
        insert_silo_images(call, product, job_id)
    call.sandbox.worker.wake()


def insert_silo_images(call: Call, product: sqlite3.Row, job_id: int) -> None:
    for position, setup in enumerate(SILO_SETUPS):
        insert(
            call.db,
            "images",
            job_id=job_id,
            product_id=product["id"],
            setup=setup.title,
            name=f"{label_of(product)} - {setup.title}",
            angle_name=setup.camera,
            accepted_at=call.now,
            due_at=states.image_due(call.now, call.sandbox.settings.job_seconds, position, len(SILO_SETUPS)),
            outcome=forced_outcome(call, image=True),
        )


def show_status(call: Call) -> Answer:
    wanted = read_content_type(call, tuple(SHARED_FIELDS))
    product = find_first(call)
    statuses = {
        "product_ar_status": viewer_status(call, product, AR),
        "product_3d_status": viewer_status(call, product, VIEWER),
        "product_silo_images_status": silo_status(call, product),
        "product_threesixty_status": spin_status(call, product),
    }
    shown = statuses if wanted is None else {wanted: statuses[wanted]}
    return Answer(200, show_product(product) | shown)


def jobs_of(call: Call, product: sqlite3.Row, output: str) -> list[sqlite3.Row]:
    """The product's jobs for one output, the newest last."""
    select = "SELECT * FROM jobs WHERE product_id = ? AND output = ? ORDER BY id"
    return call.db.execute(select, (product["id"], output)).fetchall()


def viewer_status(call: Call, product: sqlite3.Row, output: str) -> str | None:
    jobs = jobs_of(call, product, output)
    return states.viewer_status(jobs[-1], call.now) if jobs else None


def spin_status(call: Call, product: sqlite3.Row) -> list[dict[str, Any]] | None:
    jobs = jobs_of(call, product, SPIN)
    if not jobs:
        return None
    listed = [job for job in jobs if states.is_listed(job, call.now)]
    return [{"id": job["id"], "status": states.image_status(job, call.now)} for job in listed]


def silo_status(call: Call, product: sqlite3.Row) -> list[dict[str, Any]] | None:
    if not jobs_of(call, product, SILO):
        return None
    listed = [image for image in silo_images(call, product) if states.is_listed(image, call.now)]
    return [
        {"id": image["id"], "name": image["name"], "status": states.image_status(image, call.now)} for image in listed
    ]


def silo_images(call: Call, product: sqlite3.Row) -> list[sqlite3.Row]:
    select = "SELECT * FROM images WHERE product_id = ? AND NOT archived ORDER BY id"
    return call.db.execute(select, (product["id"],)).fetchall()


def show_shared_content(call: Call) -> Answer:
    wanted = read_content_type(call, tuple(SHARED_FIELDS))
    product = find_first(call)
    thumbnail = product["thumbnail_key"]
    uploaded = bool(thumbnail) and (call.sandbox.objects / thumbnail).is_file()
    body = {name: product[name] for name in ("unicode", "gtin", "sku_id", "salsify_id", "name", "main_asset_name")}
    body["thumbnail_url"] = call.sandbox.media_url(thumbnail) if uploaded else None
    content = {field: page_url(call, product, field) for field in PAGES} | {
        "product_silo_images": shared(call, product)
    }
    shown = content if wanted is None else {SHARED_FIELDS[wanted]: content[SHARED_FIELDS[wanted]]}
    return Answer(200, body | shown)


def page_url(call: Call, product: sqlite3.Row, field: str) -> str | None:
    """The public page of a viewer, once one of its jobs is Done."""
    output = {"product_3d": VIEWER, "product_ar": AR, "product_threesixty": SPIN}[field]
    lag = call.sandbox.settings.url_lag_seconds
    if not any(states.has_urls(job, call.now, lag) for job in jobs_of(call, product, output)):
        return None
    return f"{call.sandbox.url}/product/public/{PAGES[field]}/v2/{product['viewer_id']}"


def shared(call: Call, product: sqlite3.Row) -> list[dict[str, Any]]:
    """The silo images that are Done, with fresh URLs."""
    lag = call.sandbox.settings.url_lag_seconds
    finished = [image for image in silo_images(call, product) if states.has_urls(image, call.now, lag)]
    url = call.sandbox.media_url
    return [
        {
            "id": image["id"],
            "name": image["name"],
            "image_url": url(image_keys(image)["file"]),
            "thumbnail_url": url(image_keys(image)["thumbnail"]),
        }
        for image in finished
    ]


def archive(call: Call) -> Answer:
    """Hide or show images; ids that are not the product's change nothing and are not counted."""
    ids, is_archive = read_archive(call)
    product = find_unicode(call, call.body["unicode"], "unicode")
    own = images_of(call, product)
    updated = [image_id for image_id in dict.fromkeys(ids) if image_id in own]
    for image_id in updated:
        call.db.execute("UPDATE images SET archived = ? WHERE id = ?", (is_archive, image_id))
    data = {"updated_count": len(updated), "ids": updated}
    return done(data, "Product render content archive status updated successfully")


def read_archive(call: Call) -> tuple[list[int], bool]:
    """The ids and the direction of an archive call; 400 by field when something is missing or of another type."""
    ids, is_archive = call.body.get("ids"), call.body.get("is_archive")
    errors: dict[str, list[str]] = {
        name: [REQUIRED] for name in ("ids", "is_archive", "unicode") if name not in call.body
    }
    if "ids" not in errors and not (isinstance(ids, list) and ids and all(type(item) is int for item in ids)):
        errors["ids"] = ["A list of integers is required."]
    if "is_archive" not in errors and not isinstance(is_archive, bool):
        errors["is_archive"] = ["Must be a valid boolean."]
    if errors or not isinstance(ids, list):
        raise Refusal(400, errors)
    return ids, bool(is_archive)


def images_of(call: Call, product: sqlite3.Row) -> set[int]:
    """Ids of the product's silo images and of the rendered images that show it."""
    select = (
        "SELECT id FROM images WHERE product_id = :id UNION"
        " SELECT images.id FROM images JOIN placements USING (render_id) WHERE placements.product_id = :id"
    )
    return {row["id"] for row in call.db.execute(select, {"id": product["id"]})}
