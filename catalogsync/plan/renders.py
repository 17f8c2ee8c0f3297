"""The diff of scene renders: a render is wanted again when its fingerprint differs from the one it was made with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from catalogsync.model import catalog as wanted
from catalogsync.model.addresses import product_address
from catalogsync.model.catalog import Catalog, FileFacts, Product
from catalogsync.model.outputs import Progress, progress_of_images
from catalogsync.model.remote import PlacementRequest, RenderImage, RenderRequest
from catalogsync.model.snapshot import Snapshot
from catalogsync.model.state import Bind, RenderBinding, State
from catalogsync.plan.changes import Await, Change, Diff, Forget, Notice, Render


def diff_renders(
    catalog: Catalog, snapshot: Snapshot, state: State, files: Mapping[str, FileFacts], *, retry_failed: bool
) -> Diff:
    """Renders to make, renders that run on, and renders that nothing wants any more (their images stay remote)."""
    products = {product.key: product for product in catalog.products}
    parts = [
        _diff_render(render, products, snapshot, state, files, retry_failed=retry_failed) for render in catalog.renders
    ]
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
    products: Mapping[str, Product],
    snapshot: Snapshot,
    state: State,
    files: Mapping[str, FileFacts],
    *,
    retry_failed: bool,
) -> Diff:
    mark = fingerprint(render, products, files)
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
    return RenderBinding(
        address=binding.address,
        render_id=binding.render_id,
        fingerprint=binding.fingerprint,
        sku_ids=binding.sku_ids,
        progress=progress_of_images([image.progress for image in images]),
        requested_at=binding.requested_at,
        image_ids=tuple(sorted((image.id for image in images), key=str)) or binding.image_ids,
    )


def fingerprint(render: wanted.Render, products: Mapping[str, Product], files: Mapping[str, FileFacts]) -> str:
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
                "model": _model_mark(products[placement.product_key], files),
                "position": placement.position,
                "rotation": placement.rotation,
                "material_id": placement.material_id,
            }
            for placement in render.placements
        ],
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _model_mark(product: Product, files: Mapping[str, FileFacts]) -> str:
    return files[product.model.path].sha256 if product.model else f"sku_id:{product.sku_id}"


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
