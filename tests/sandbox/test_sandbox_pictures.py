"""The parts of pictures that are computed: where things are seen, shadows, the lens, and how pictures are taken."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("trimesh")

from catalogsync.sandbox.content import grab, lens, shadows, studio
from catalogsync.sandbox.content.space import (
    Box,
    Placing,
    View,
    corners_of,
    narrowed,
    nudged,
    projected,
    window_of,
)

VIEW = View((1.0, 1.5, 4.0), (0.2, 0.4, 0.0), 28.0)
SIZE = 200


def pixel(view: View, point: tuple[float, float, float]) -> tuple[float, float]:
    """Column and row at which a point is seen in a square picture."""
    seen = projected(view, np.array([point]))
    assert seen is not None
    return (seen[0, 0] + 1) / 2 * SIZE, (1 - seen[0, 1]) / 2 * SIZE


def test_the_target_is_seen_in_the_middle() -> None:
    assert pixel(VIEW, VIEW.target) == pytest.approx((SIZE / 2, SIZE / 2))


def test_what_is_behind_the_camera_is_not_seen() -> None:
    assert projected(VIEW, np.array([[2.0, 2.0, 9.0]])) is None


def test_a_narrowed_view_shows_the_same_points_in_its_middle() -> None:
    point = np.array([[0.3, 0.5, 0.1]])
    whole, part = projected(VIEW, point), projected(narrowed(VIEW, 0.5), point)
    assert whole is not None
    assert part == pytest.approx(whole * 2)


def test_a_nudge_moves_the_picture_by_its_part_of_a_pixel() -> None:
    column, row = pixel(nudged(VIEW, (0.5, 0.25), SIZE), VIEW.target)
    assert (SIZE / 2 - column, SIZE / 2 - row) == pytest.approx((0.5, 0.25), abs=1e-3)


def test_the_window_holds_a_turned_product_and_is_even_as_the_picture() -> None:
    box = Box(np.array([-0.2, 0.0, -0.1]), np.array([0.2, 0.3, 0.1]))
    wide, high = window_of(VIEW, (SIZE, SIZE), corners_of(box, Placing(rotation=(0.0, 40.0, 0.0))))
    assert 0 < wide < SIZE
    assert (wide % 2, high % 2) == (0, 0)


@pytest.mark.parametrize("turn", [0.0, 90.0, 200.0])
def test_a_shadow_is_seen_where_its_place_on_the_floor_is(turn: float) -> None:
    dark = np.zeros((100, 100), np.float32)
    dark[48:52, 73:77] = 1
    shade, place = shadows.Shade(dark, 0.6), (0.3, -0.2)
    seen = shade.seen(VIEW, SIZE, place, turn)
    rows, columns = np.nonzero(seen > 0.5)
    angle = np.radians(turn)
    spot = (place[0] + 0.3 * np.cos(angle), 0.0, place[1] - 0.3 * np.sin(angle))
    assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx(pixel(VIEW, spot), abs=1.5)


@pytest.mark.parametrize("light", [shadows.sky(), shadows.beams(shadows.Lamp(-50, 50), 30.0)], ids=["sky", "lamp"])
def test_a_light_is_whole_and_comes_from_above(light: shadows.Light) -> None:
    assert sum(share for _, share in light) == pytest.approx(1)
    assert all(source[1] > 0 and np.linalg.norm(source) == pytest.approx(1) for source, _ in light)


def test_the_lens_knows_how_far_the_floor_and_the_wall_are() -> None:
    away = lens.distances(View((0.0, 1.0, 4.0), (0.0, 1.0, 0.0), 40.0), SIZE, 2.0)
    assert away[SIZE // 2, SIZE // 2] == pytest.approx(6.0, rel=0.02)
    assert away[-1, SIZE // 2] == pytest.approx(1 / np.sin(np.radians(20)), rel=0.1)


def test_what_is_far_is_blurred_and_what_is_near_is_not() -> None:
    stripes = np.broadcast_to((np.arange(SIZE) % 8 < 4)[None, :, None], (SIZE, SIZE, 3)).astype(np.float32)
    away = np.full((SIZE, SIZE), 4.0, np.float32)
    away[: SIZE // 2] = 40.0
    view = View((0.0, 0.0, 4.0), (0.0, 0.0, 0.0))
    seen = lens.focused(stripes, away, view, 0.02)
    assert seen[: SIZE // 3].std() < 0.2 < seen[-SIZE // 3 :].std()


class Window:
    """The engine's window, as far as pictures are taken from it."""

    def __init__(self, picture: Any) -> None:
        self.picture, self.slow = picture, 0

    def render(self) -> None: ...

    def render_to_image(self, _bare: bool) -> Any:
        self.slow += 1
        return SimpleNamespace(content=self.picture[::-1].tobytes(), channel_count=4)


@pytest.mark.parametrize(
    ("reading", "slow"),
    [
        (lambda picture: lambda number, _w, _h: picture if number == 2 else picture * 0, 1),
        (lambda picture: lambda _number, _w, _h: picture // 2, 3),
        (lambda _picture: None, 3),
    ],
    ids=["equal", "other", "no OpenGL"],
)
def test_pictures_are_taken_quickly_only_where_that_gives_the_same(
    reading: Callable[[Any], Any], slow: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (6, 4, 4), np.uint8)
    monkeypatch.setattr(grab, "framebuffers", lambda: reading(picture))
    window = Window(picture)
    taken = grab.Grab(window)
    for _ in range(3):
        assert (taken.picture(4, 6) == picture).all()
    assert window.slow == slow


def test_film_keeps_the_size_and_the_range() -> None:
    film = studio.filmic(np.linspace(0, 1, 64 * 64 * 3, dtype=np.float32).reshape(64, 64, 3))
    assert film.shape == (64, 64, 3)
    assert 0 <= film.min() < film.max() <= 1
