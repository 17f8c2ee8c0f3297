"""Product photographs: key, fill and rim light, sky light with real occlusion, a pale cove and a soft shadow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from assets.floor import Floor, backdrop
from assets.mesh import Floats, Ints
from assets.occlusion import cloud, received
from assets.raster import Camera, Hits, fitted, rasterised
from assets.sampling import sampled
from assets.shading import Pixels, shaded
from assets.surface import Surface, to_linear, to_srgb

SHADOW_TINT = np.array([0.80, 0.84, 0.88])


@dataclass(frozen=True)
class View:
    """Where the camera stands (degrees), how much of the picture the product fills, and if it has a floor."""

    azimuth: float = 28.0
    elevation: float = 14.0
    fill: float = 0.78
    floor: bool = True


def photograph(surfaces: Sequence[Surface], view: View, size: int = 512) -> Image.Image:
    """A square picture of the surfaces, drawn at twice the size and averaged down."""
    fine = size * 2
    joined = _joined(surfaces)
    camera = fitted(joined.positions, view.azimuth, view.elevation, fine, view.fill)
    hits = rasterised(camera, joined.positions, joined.faces, fine)
    points, normals = hits.blended(joined.positions, joined.faces), hits.blended(joined.normals, joined.faces)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    samples = cloud(joined.positions, joined.faces)
    floor = Floor.under(samples)
    # Floor and product are lit together, so that each direction's depth map is drawn once.
    lit = received(samples, np.concatenate([points, floor.points]), np.concatenate([normals, floor.normals]))
    colour = shaded(_pixels(surfaces, joined, camera, hits, normals, camera.eye - points), lit.part(0, len(points)))
    picture = backdrop(fine)
    if view.floor:
        picture *= 1 - SHADOW_TINT * floor.shadow(lit.part(len(points), None), camera, fine)[..., None]
    picture.reshape(-1, 3)[hits.pixels] = to_srgb(colour) * 255
    small = to_srgb(to_linear(picture / 255).reshape(size, 2, size, 2, 3).mean(axis=(1, 3)))
    return Image.fromarray(np.round(small * 255).astype(np.uint8), "RGB")


@dataclass(frozen=True, eq=False)
class _Joined:
    """All surfaces in one set of arrays; `owner` is the surface of each face."""

    positions: Floats
    normals: Floats
    uvs: Floats
    faces: Ints
    owner: Ints


def _joined(surfaces: Sequence[Surface]) -> _Joined:
    starts = np.cumsum([0, *(len(surface.positions) for surface in surfaces)])
    return _Joined(
        np.concatenate([surface.positions for surface in surfaces]),
        np.concatenate([surface.normals for surface in surfaces]),
        np.concatenate([surface.uvs for surface in surfaces]),
        np.concatenate([surface.faces + start for surface, start in zip(surfaces, starts[:-1], strict=True)]),
        np.repeat(np.arange(len(surfaces)), [len(surface.faces) for surface in surfaces]),
    )


def _pixels(
    surfaces: Sequence[Surface], joined: _Joined, camera: Camera, hits: Hits, normals: Floats, to_eye: Floats
) -> Pixels:
    """The material of each hit, its texture looked up."""
    of = joined.owner[hits.faces]
    uvs, scale = hits.blended(joined.uvs, joined.faces), _uv_per_pixel(joined, camera)[hits.faces]
    colour = np.stack([surface.material.linear_colour() for surface in surfaces])[of]
    for index, surface in enumerate(surfaces):
        if surface.material.texture is not None:
            mine = of == index
            colour[mine] *= sampled(surface.material.texture, uvs[mine], scale[mine])
    return Pixels(
        colour=colour,
        metallic=np.array([[surface.material.metallic] for surface in surfaces])[of],
        roughness=np.array([[surface.material.roughness] for surface in surfaces])[of],
        emission=np.stack([surface.material.linear_emission() for surface in surfaces])[of],
        normals=normals,
        to_eye=to_eye / np.linalg.norm(to_eye, axis=1, keepdims=True),
    )


def _uv_per_pixel(joined: _Joined, camera: Camera) -> Floats:
    """How far texture coordinates move from one pixel to the next, per face."""
    corners, uvs = camera.project(joined.positions)[joined.faces][:, :, :2], joined.uvs[joined.faces]
    return np.asarray(np.sqrt(_doubled_area(uvs) / np.maximum(_doubled_area(corners), 1e-3)))


def _doubled_area(corners: Floats) -> Floats:
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.asarray(np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]))
