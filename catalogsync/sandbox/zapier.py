"""The endpoints of the Zapier host: token, image feed, token check. They cost nothing and need no Origin."""

import sqlite3
from typing import Any

from catalogsync.sandbox.calls import Answer, Call, done
from catalogsync.sandbox.clock import api_time
from catalogsync.sandbox.paging import page_of
from catalogsync.sandbox.renders import file_urls
from catalogsync.sandbox.store import read_meta

FEED_PATH = "/rendering-system/api/v3/images-render-detail-zapier/"
FEED = "images WHERE outcome = 'Done' AND due_at <= ? AND NOT archived"
FEED_FILES = ("file", "filmic_file", "color_pass_file")


def give_token(call: Call) -> Answer:
    return done({"api_key": read_meta(call.db)["zapier_token"]}, "API key fetched successfully.")


def verify_token(call: Call) -> Answer:
    row = call.db.execute("SELECT id, name FROM account").fetchone()
    return Answer(200, {"id": row["id"], "name": row["name"]})


def list_feed(call: Call) -> Answer:
    return page_of(call, FEED_PATH, FEED, (call.now,), lambda row: show_entry(call, row))


def show_entry(call: Call, image: sqlite3.Row) -> dict[str, Any]:
    urls = file_urls(call, image)
    return {
        "id": image["id"],
        "angle_name": image["angle_name"],
        "image_name": image["name"],
        **{name: urls[name] for name in FEED_FILES},
        "tags": [],
        "updated_at": api_time(image["due_at"]),
        "created_at": api_time(image["accepted_at"]),
    }
