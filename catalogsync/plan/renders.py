"""The diff of scene renders: a render is wanted again when its fingerprint differs from the one it was made with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from catalogsync.model import catalog as wanted
from catalogsync.model.addresses import product_address
from catalogsync.model.catalog import Catalog
from catalogsync.model.outputs import Progress, progress_of_images
from catalogsync.model.remote import PlacementRequest, RenderImage, RenderRequest
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import Bind, RenderBinding, State
from catalogsync.plan.changes import Await, Change, Diff, Forget, Notice, Render


def diff_renders(
    catalog: Catalog, snapshot: Snapshot, state: State, models: Mapping[str, str], *, retry_failed: bool
) -> Diff:
    """Renders to make, renders that run on, and renders that nothing wants any more (their images stay remote).

    `models` tells, by key, the digest of the model that each product has once the plan is applied.
    """
    parts = [_diff_render(render, models, snapshot, state, retry_failed=retry_failed) for render in catalog.renders]
    addresses = {render.address for render in catalog.renders}
    gone = tuple(
        Forget(address, "it is no longer in the manifest (its images stay on the remote)")
        for address in state.renders
        if address not in addresses
    )
    return Diff(
        changes=(*(change for part in parts for change in part.changes), *gone),
        notices=tuple(notice for part in parts for notice in part.notices),
        learned=tuple(write for part in parts for write in part.learned),
    )


def _diff_render(
    render: wanted.Render,
    models: Mapping[str, str],
    snapshot: Snapshot,
    state: State,
    *,
    retry_failed: bool,
) -> Diff:
    mark = fingerprint(render, models)
    binding = state.renders.get(render.address)
    if binding is None:
        return Diff((_render(render, mark, "it is new"),))
    if binding.fingerprint != mark:
        return Diff((_render(render, mark, "its scene, cameras, placements or a product's model changed"),))
    current = refreshed(binding, snapshot.renders.get(render.address))
    learned = (Bind(current),) if current != binding else ()
    if current.progress is Progress.RUNNING:
        return Diff((Await(render.address, ()),), learned=learned)
    if current.progress is Progress.DONE:
        return Diff((), learned=learned)
    if retry_failed and current.progress is Progress.FAILED:
        return Diff((_render(render, mark, "it failed and is tried again"),), learned=learned)
    text = f"it is {current.progress.value.capitalize()}: plan with --retry-failed to render it again"
    return Diff((), (Notice(render.address, text),), learned)


def refreshed(binding: RenderBinding, images: tuple[RenderImage, ...] | None) -> RenderBinding:
    """The binding with what was read of its images; None means "not read"."""
    if images is None:
        return binding
    return replace(
        binding,
        progress=progress_of_images([image.progress for image in images]),
        image_ids=tuple(sorted((image.id for image in images), key=str)) or binding.image_ids,
    )


def fingerprint(render: wanted.Render, models: Mapping[str, str]) -> str:
    """SHA-256 over all that the images depend on: scene, cameras, units, placements and the products' models.

    A product counts by its model's digest, so that a renamed sku_id makes nothing again; without a model file of
    ours, by its sku_id.
    """
    document = {
        "scene_id": render.scene_id,
        "cameras": sorted(render.cameras_to_render),
        "units": render.units,
        "products": [
            {
                "model": models.get(placement.product_key) or f"sku_id:{placement.sku_id}",
                "position": placement.position,
                "rotation": placement.rotation,
                "material_id": placement.material_id,
            }
            for placement in render.placements
        ],
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _render(render: wanted.Render, mark: str, reason: str) -> Change:
    placements = tuple(
        PlacementRequest(placement.sku_id, placement.position, placement.rotation, placement.material_id)
        for placement in render.placements
    )
    return Render(
        address=render.address,
        request=RenderRequest(render.scene_id, render.cameras_to_render, render.units, placements),
        product_addresses=tuple(dict.fromkeys(product_address(p.product_key) for p in render.placements)),
        fingerprint=mark,
        reason=reason,
    )
