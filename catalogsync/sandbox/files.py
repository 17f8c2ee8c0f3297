"""Where the files of a generated image are kept in the bucket, named as the vendor names them."""

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


def image_keys(image: sqlite3.Row | Mapping[str, Any]) -> dict[str, str]:
    """The object key of each file of an image, by the API's field."""
    owner = image["render_id"] or image["product_id"]
    name = re.sub(r"[^\w -]", "_", image["name"])[:100].strip()
    suffix = ".png" if image["setup"].startswith("Transparent") else ".jpg"
    place = f"{owner}/{image['id']}/{name}"
    keys = {field: f"media/private/{folder}/{place}{suffix}" for field, folder in FOLDERS.items()}
    keys["color_pass_file"] = f"media/private/{FOLDERS['color_pass_file']}/{place}.png"
    return keys
