"""The light model: Lambert and GGX under three lights, a sky, and a painted studio for reflections."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.lights import LIGHTS, Light, Received
from assets.mesh import Floats

SKY = np.array([0.44, 0.45, 0.47])
FLOOR_BOUNCE = np.array([0.24, 0.232, 0.22])


@dataclass(frozen=True, eq=False)
class Pixels:
    """Material and geometry per pixel, all (n, 3) or (n, 1)."""

    colour: Floats
    metallic: Floats
    roughness: Floats
    emission: Floats
    normals: Floats
    to_eye: Floats


def shaded(pixels: Pixels, received: Received) -> Floats:
    """Linear colours from 0 to 1, highlights rolled off."""
    diffuse = pixels.colour * (1 - pixels.metallic)
    mirror = 0.04 * (1 - pixels.metallic) + pixels.colour * pixels.metallic
    facing = np.clip(np.sum(pixels.normals * pixels.to_eye, axis=1, keepdims=True), 1e-3, 1)
    bounce = FLOOR_BOUNCE * (0.5 - 0.5 * pixels.normals[:, 1:2]) * (0.35 + 0.65 * received.openness[:, None])
    total = pixels.emission + diffuse * (SKY * received.sky[:, None] + bounce)
    for light, seen in zip(LIGHTS, received.lights, strict=True):
        total += _lit(pixels, light, diffuse, mirror, facing) * seen[:, None]
    shine = mirror + np.maximum(1 - pixels.roughness - mirror, 0) * (1 - facing) ** 5
    total += shine * _studio(pixels, facing) * (0.25 + 0.75 * received.openness[:, None])
    return _rolled_off(total)


def _lit(pixels: Pixels, light: Light, diffuse: Floats, mirror: Floats, facing: Floats) -> Floats:
    """Light reflected from one lamp: Lambert plus GGX with Schlick's Fresnel."""
    direction = np.array(light.direction) / np.linalg.norm(light.direction)
    slope = np.clip(pixels.normals @ direction, 0, 1)[:, None]
    half = pixels.to_eye + direction
    half /= np.linalg.norm(half, axis=1, keepdims=True)
    along = np.clip(np.sum(half * pixels.normals, axis=1, keepdims=True), 0, 1)
    alpha = np.maximum(pixels.roughness, 0.22) ** 4
    spread = alpha / (np.pi * (along**2 * (alpha - 1) + 1) ** 2)
    rest = (pixels.roughness + 1) ** 2 / 8
    masking = 0.25 / ((slope * (1 - rest) + rest) * (facing * (1 - rest) + rest))
    fresnel = mirror + (1 - mirror) * (1 - np.clip(half @ direction, 0, 1)[:, None]) ** 5
    return np.asarray((diffuse + np.pi * spread * masking * fresnel) * slope * np.array(light.colour))


def _studio(pixels: Pixels, facing: Floats) -> Floats:
    """What a reflection sees: a bright ceiling, two softboxes, darker walls, a pale floor; blurred by roughness."""
    bounced = 2 * facing * pixels.normals - pixels.to_eye
    x, y, z = (bounced[:, axis : axis + 1] for axis in range(3))
    blur = 0.10 + 0.75 * pixels.roughness
    ceiling = _step(y - 0.45, blur)
    floor = _step(-y - 0.12, blur)
    left = _step(0.34 - np.abs(x + 0.78), blur) * _step(z + 0.1, blur)
    right = _step(0.20 - np.abs(x - 0.88), blur) * _step(z + 0.3, blur)
    level = 0.26 + 0.62 * ceiling + 0.30 * floor + 0.8 * left * (1 - ceiling) + 0.4 * right * (1 - ceiling)
    return np.asarray(level * np.array([1.0, 0.985, 0.96]))


def _step(distance: Floats, blur: Floats) -> Floats:
    return np.asarray(0.5 + 0.5 * np.tanh(distance / blur))


def _rolled_off(colour: Floats) -> Floats:
    """Linear up to a knee, then bent towards 1, so that white goods keep their shape."""
    knee = 0.62
    over = np.maximum(colour - knee, 0)
    return np.where(colour <= knee, colour, knee + (1 - knee) * (1 - np.exp(-over / (1 - knee))))
