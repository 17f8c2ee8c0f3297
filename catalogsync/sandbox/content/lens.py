"""What a lens does to a room behind the products: sharp where they stand, softer the further away. Pure."""

import numpy as np
from PIL import Image, ImageFilter

from catalogsync.sandbox.content.space import View, axes
from catalogsync.sandbox.content.studio import Pixels, smooth

LEVEL = 1e-4
FURTHEST = 60.0
STEPS = 4
BEFORE = 0.4  # what is before the products is blurred less than a lens would: it is most of the floor


def distances(view: View, size: int, far: float) -> Pixels:
    """How far the floor, or the wall `far` metres behind the middle, is in each pixel of a square picture, metres."""
    ahead, right, above = axes(view)
    half = np.tan(np.radians(view.angle / 2))
    line = ((np.arange(size, dtype=np.float32) + 0.5) / size * 2 - 1) * np.float32(half)
    down = ahead[1] - line[:, None] * above[1] + line[None, :] * right[1]
    back = ahead[2] - line[:, None] * above[2] + line[None, :] * right[2]
    floor = np.where(down < -LEVEL, -view.position[1] / np.minimum(down, -LEVEL), FURTHEST)
    wall = np.where(back < -LEVEL, -(view.position[2] + far) / np.minimum(back, -LEVEL), FURTHEST)
    return np.minimum(np.minimum(floor, wall), FURTHEST).astype(np.float32)


def focused(picture: Pixels, away: Pixels, view: View, blur: float) -> Pixels:
    """`picture` in focus at the view's target; `blur`: at twice its distance, a share of the picture's edge."""
    focus = float(np.linalg.norm(np.array(view.target) - np.array(view.position)))
    beyond = 1 - focus / away
    wanted = np.clip(np.where(beyond > 0, beyond * 2, -beyond * BEFORE) - 0.12, 0, 1) * blur * picture.shape[0]
    radii = [blur * picture.shape[0] * step / STEPS for step in range(1, STEPS + 1)]
    coded = Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))
    seen, before = picture, 0.0
    for radius in radii:
        softer = np.asarray(coded.filter(ImageFilter.GaussianBlur(radius)), np.float32) / 255
        share = smooth((wanted - before) / (radius - before))[..., None]
        seen = seen * (1 - share) + softer * share
        before = radius
    return seen
