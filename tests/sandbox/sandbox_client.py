"""A small client for a running sandbox: what every test of this folder speaks through."""

import io
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import httpx2
from PIL import Image

from catalogsync.sandbox import Endpoints

MODEL = b"glTF\x02\x00\x00\x00" + bytes(120)
VIEWER, AR, SPIN = ({"req_type": name} for name in ("3d_model_viewer", "ar", "360_degree_spin"))
SILO = {"req_type": "Product Image", "image_type": "silo"}
JOB_SECONDS = 100.0
DETAILS = "/v1/product/details/"


def picture(colour: tuple[int, int, int] = (200, 80, 40)) -> bytes:
    """A small PNG."""
    file = io.BytesIO()
    Image.new("RGB", (96, 64), colour).save(file, "PNG")
    return file.getvalue()


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


class Api:
    """Speaks to a sandbox with the secret key (`call`), the public one, or none (`raw`)."""

    def __init__(self, endpoints: Endpoints, clients: ExitStack) -> None:
        self.endpoints = endpoints
        self.raw = clients.enter_context(httpx2.Client(base_url=endpoints.url, trust_env=False, verify=False))

    def call(self, method: str, path: str, *, key: str | None = None, **request: Any) -> httpx2.Response:
        headers = {
            "Authorization": f"Imagine-key {self.endpoints.secret_key if key is None else key}".strip(),
            "Origin": self.endpoints.origin,
        }
        return self.raw.request(method, path, headers=headers | request.pop("headers", {}), **request)

    def json(self, method: str, path: str, **request: Any) -> Any:
        answer = self.call(method, path, **request)
        assert answer.is_success, answer.text
        return answer.json()

    def create(self, **fields: str) -> dict[str, Any]:
        form = {"name": "Arc lamp", "prop_data_user_file_name": "arc.glb", "thumbnail_name": "arc.png"} | fields
        data: dict[str, Any] = self.json("POST", DETAILS, data=form)["data"]
        return data

    def send(self, form: dict[str, Any], content: bytes, **changed: str) -> httpx2.Response:
        return self.raw.post(form["url"], data=form["fields"] | changed, files={"file": ("any", content)})

    def upload(self, data: dict[str, Any], model: bytes = MODEL) -> None:
        assert self.send(data["presigned_url_prop_user_file"], model).status_code == 204
        if data["presigned_url_thumbnail"]:
            assert self.send(data["presigned_url_thumbnail"], picture()).status_code == 204

    def mark(self, data: dict[str, Any]) -> httpx2.Response:
        return self.call("PATCH", f"{DETAILS}{data['unicode']}/", json={"action": "mark_upload_success"})

    def finalized(self, *, model: bytes = MODEL, **fields: str) -> dict[str, Any]:
        data = self.create(**fields)
        self.upload(data, model)
        marked: dict[str, Any] = self.mark(data).json()["data"]
        return data | marked

    def generate(self, data: dict[str, Any], *outputs: dict[str, str]) -> dict[str, Any]:
        body = {"product": data["unicode"], "job_detail_list": list(outputs)}
        answer: dict[str, Any] = self.json("POST", "/v1/product/job/", json=body)
        return answer

    def render(self, *sku_ids: str, **changed: Any) -> httpx2.Response:
        products = [{"sku_id": sku_id, "position": [0, 0, 0], "rotation": [0, 0, 0]} for sku_id in sku_ids]
        body = {"scene_id": 7550, "cameras_to_render": [8152584, 8152586], "units": "inches", "products": products}
        return self.call("POST", "/v1/product/create-images/", json=body | changed)

    def status(self, data: dict[str, Any], **query: str) -> Any:
        return self.json("GET", "/v1/product/status/", params={"unicode": data["unicode"], **query})

    def shared(self, data: dict[str, Any], **query: str) -> Any:
        return self.json("GET", "/v1/product/shared-content/", params={"unicode": data["unicode"], **query})

    def finish(self) -> None:
        """Let everything accepted so far become Done."""
        self.raw.post("/sandbox/settle", timeout=60)
        self.advance(JOB_SECONDS)

    def advance(self, seconds: float) -> None:
        assert self.raw.post("/sandbox/clock", json={"advance": seconds}).is_success

    def account(self, **changed: Any) -> Any:
        return self.raw.patch("/sandbox/account", json=changed).json()

    def faults(self, *rules: dict[str, Any]) -> None:
        assert self.raw.post("/sandbox/faults", json={"rules": rules}).status_code == 201

    def log(self) -> Any:
        return self.raw.get("/sandbox/log").json()

    def settle(self) -> None:
        """Let everything accepted so far be rendered, and be due."""
        assert self.raw.post("/sandbox/settle", timeout=300).is_success
        self.advance(1000)

    def middle(self, url: str) -> Any:
        """The colour in the middle of a picture, which must be whole."""
        picture = Image.open(io.BytesIO(self.raw.get(url).content)).convert("RGB")
        return picture.getpixel((picture.width // 2, picture.height // 2))


Start = Callable[..., Api]
