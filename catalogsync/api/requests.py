"""The JSON bodies of the writes that carry one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalogsync.model.outputs import OUTPUTS
from catalogsync.model.remote import PlacementRequest, RenderRequest


def job_body(unicode: str, outputs: Sequence[str]) -> dict[str, Any]:
    """A content job for outputs given by their manifest names."""
    kinds = [OUTPUTS[name] for name in outputs]
    details = [
        {"req_type": kind.req_type, **({"image_type": kind.image_type} if kind.image_type else {})} for kind in kinds
    ]
    return {"product": unicode, "job_detail_list": details}


def render_body(request: RenderRequest) -> dict[str, Any]:
    """A scene render. What is None is left to the vendor."""
    body: dict[str, Any] = {"scene_id": request.scene_id, "cameras_to_render": list(request.cameras_to_render)}
    if request.units is not None:
        body["units"] = request.units
    return {**body, "products": [_placement(one) for one in request.products]}


def _placement(one: PlacementRequest) -> dict[str, Any]:
    given: dict[str, Any] = {"sku_id": one.sku_id}
    if one.position is not None:
        given["position"] = list(one.position)
    if one.rotation is not None:
        given["rotation"] = list(one.rotation)
    if one.material_id is not None:
        given["material_id"] = one.material_id
    return given
