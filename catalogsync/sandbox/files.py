"""Where generated files are kept in the bucket: images as the vendor names them, the content of jobs by their ids."""

import re
import sqlite3
from collections.abc import Mapping
from typing import Any

FOLDERS = {
    "file": "renders_images",
    "filmic_file": "renders_images/filmic_images",
    "color_pass_file": "renders_images/color_pass",
    "thumbnail": "renders_images/thumbnail",
    "filmic_thumbnail": "renders_images/filmic_thumbnail",
}

POSTER, VIEWER_MODEL, AR_MODEL = "poster.webp", "viewer.glb", "model.usdz"
SPIN_FRAMES = tuple(f"spin/{index:03d}.webp" for index in range(36))


def content_keys(job: sqlite3.Row | Mapping[str, Any]) -> dict[str, str]:
    """The object key of each file a job may have made, by the file's name; what was not made is not in the bucket."""
    names = (POSTER, VIEWER_MODEL, AR_MODEL, *SPIN_FRAMES)
    return {name: f"media/private/content/{job['id']}/{name}" for name in names}


def image_keys(image: sqlite3.Row | Mapping[str, Any]) -> dict[str, str]:
    """The object key of each file of an image, by the API's field."""
    owner = image["render_id"] or image["product_id"]
    name = re.sub(r"[^\w -]", "_", image["name"])[:100].strip()
    suffix = ".png" if image["setup"].startswith("Transparent") else ".jpg"
    place = f"{owner}/{image['id']}/{name}"
    keys = {field: f"media/private/{folder}/{place}{suffix}" for field, folder in FOLDERS.items()}
    keys["color_pass_file"] = f"media/private/{FOLDERS['color_pass_file']}/{place}.png"
    return keys
