"""Every operation of the remote, one row each. A new operation is a new row and a method of a client.

Source: the vendor's API document ("Endpoints at a Glance", "Scopes", "Operation Matrix").
"""

from __future__ import annotations

from dataclasses import dataclass

_DETAILS = "/v1/product/details/"
_ONE = "/v1/product/details/{unicode}/"


@dataclass(frozen=True, slots=True)
class Operation:
    """How one operation is called, what it needs and whether it may be repeated blindly.

    `name` completes "Could not ..."; `scope` is what the key needs, in the words of the settings page. Only an
    idempotent operation is repeated when its outcome is unknown.
    """

    name: str
    method: str
    path: str
    writes: bool
    scope: str
    idempotent: bool


CREATE_PRODUCT = Operation("create the product", "POST", _DETAILS, True, "Product: Create", False)
FINALIZE_PRODUCT = Operation(
    "mark the upload as successful", "PATCH", _ONE, True, "Product: Create or Product: Update", True
)
UPDATE_PRODUCT = Operation("update the product", "PATCH", _ONE, True, "Product: Update", True)
LIST_PRODUCTS = Operation("read the list of products", "GET", _DETAILS, False, "Product: Read", True)
DELETE_PRODUCT = Operation("delete the product", "DELETE", _ONE, True, "Product: Delete", True)
SUBMIT_JOB = Operation("submit the content job", "POST", "/v1/product/job/", True, "Product: Generate Content", False)
CONTENT_STATUS = Operation("read the content status", "GET", "/v1/product/status/", False, "Content: Read", True)
SHARED_CONTENT = Operation(
    "read the shared content", "GET", "/v1/product/shared-content/", False, "Content: Read", True
)
ARCHIVE_IMAGES = Operation(
    "archive or restore images", "PATCH", "/v1/product/render-content/archive/", True, "Content: Update", True
)
CREATE_IMAGES = Operation(
    "start the scene render", "POST", "/v1/product/create-images/", True, "Product: Generate Content", False
)
RENDER_IMAGES = Operation("read the render images", "GET", "/v1/product/render-images/", False, "Content: Read", True)

# Zapier's paths begin with a doubled slash in the vendor's document, and are sent so.
ZAPIER_TOKEN = Operation("fetch the Zapier token", "GET", "//users/api/v3/zapier/token/", False, "", True)
ZAPIER_VERIFY = Operation("verify the Zapier token", "GET", "//users/api/v3/token/verify/", False, "", True)
ZAPIER_IMAGES = Operation(
    "read the image feed", "GET", "//rendering-system/api/v3/images-render-detail-zapier/", False, "", True
)
