"""Plain content: the uploaded thumbnail, or a labelled card, on a backdrop. No model is opened.

`draw_silo` and `draw_scene` return the frames of one image; `write_frames` stores them. Another way of making
content is another module with these first two functions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont, ImageOps

from catalogsync.sandbox.scenes import INK, MATERIALS, WHITE, Camera, Colour, Scene, SiloSetup

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

SILO_SHARE = 0.72
FONT_SHARE = 0.032
CARD_FONT_SHARE = 0.06
THUMBNAIL_SHARE = 4
FLAT_COLOURS: tuple[Colour, ...] = ((230, 60, 60), (60, 160, 230), (80, 200, 90), (240, 190, 50), (170, 90, 210))
BROKEN_PICTURE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)
FILMIC = [round(255 * ((value / 255) ** 2 * (3 - 2 * value / 255) * 0.55 + value / 255 * 0.45)) for value in range(256)]


@dataclass(frozen=True, slots=True)
class Subject:
    """A product to show: its label, its stored files, and the material it is to wear, when one was asked for."""

    label: str
    model: Path
    thumbnail: Path | None
    material_id: int | None = None


@dataclass(frozen=True, slots=True)
class Frames:
    """One image as the API delivers it; the colour pass has one flat colour per product on black."""

    final: Image.Image
    filmic: Image.Image
    color_pass: Image.Image


def draw_silo(subject: Subject, setup: SiloSetup, size: int) -> Frames:
    """The subject alone on the setup's backdrop, `size` pixels square; transparent when the setup has no colour."""
    figure = figure_of(subject, round(size * SILO_SHARE))
    picture = backdrop(setup.colours, size)
    middle = (0.5, 0.47)
    return finish(picture, [(figure, middle)], f"{subject.label} - {setup.title}", setup.ink)


def draw_scene(subjects: Sequence[Subject], scene: Scene, camera: Camera, size: int) -> Frames:
    """The subjects side by side in the scene as the camera frames them, `size` pixels square."""
    picture = Image.new("RGBA", (size, size), scene.wall)
    picture.paste(scene.floor, (0, round(size * scene.horizon), size, size))
    edge = max(1, round(size * camera.size / len(subjects) ** 0.5))
    step = camera.size / len(subjects)
    left = camera.x - step * (len(subjects) - 1) / 2
    placed = [(figure_of(subject, edge), (left + step * index, camera.y)) for index, subject in enumerate(subjects)]
    worn = [f"{subject.label}{material_suffix(subject)}" for subject in subjects]
    return finish(picture, placed, f"{scene.name} - {camera.name}: {', '.join(worn)}", INK)


def material_suffix(subject: Subject) -> str:
    return f" ({MATERIALS[subject.material_id]})" if subject.material_id in MATERIALS else ""


def figure_of(subject: Subject, edge: int) -> Image.Image:
    """The thumbnail scaled to fit a square of `edge` pixels; a labelled card when there is none that opens."""
    if subject.thumbnail is not None:
        try:
            with Image.open(subject.thumbnail) as source:
                source.draft("RGB", (edge, edge))
                return ImageOps.contain(source.convert("RGBA"), (edge, edge))
        except BROKEN_PICTURE:
            return card(subject, edge)
    return card(subject, edge)


def card(subject: Subject, edge: int) -> Image.Image:
    """A stand-in for a missing picture: the label and the model's format on a rounded card."""
    picture = Image.new("RGBA", (edge, edge), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, edge // 6, edge - 1, edge - edge // 6), edge // 16, (238, 241, 246), (150, 158, 172))
    write_line(draw, subject.label, (edge // 2, edge // 2 - edge // 14), edge, INK, CARD_FONT_SHARE)
    write_line(
        draw, subject.model.suffix.lstrip(".").upper(), (edge // 2, edge // 2 + edge // 14), edge, INK, CARD_FONT_SHARE
    )
    return picture


def backdrop(colours: Sequence[Colour], size: int) -> Image.Image:
    """A square of one colour, of a gradient from top to bottom, or of nothing."""
    if not colours:
        return Image.new("RGBA", (size, size), (*WHITE, 0))
    shade = Image.linear_gradient("L").resize((size, size))
    top = Image.new("RGBA", (size, size), colours[0])
    return Image.composite(Image.new("RGBA", (size, size), colours[-1]), top, shade)


def finish(
    picture: Image.Image, placed: Sequence[tuple[Image.Image, tuple[float, float]]], label: str, ink: Colour
) -> Frames:
    """Set the figures with their middles at fractions of the picture, write the label, derive the other frames."""
    size = picture.width
    flat = Image.new("RGB", picture.size)
    for index, (figure, (x, y)) in enumerate(placed):
        corner = (round(size * x - figure.width / 2), round(size * y - figure.height / 2))
        picture.alpha_composite(*clipped(figure, corner))
        flat.paste(FLAT_COLOURS[index % len(FLAT_COLOURS)], corner, figure.getchannel("A"))
    write_line(ImageDraw.Draw(picture), label, (size // 2, round(size * 0.94)), size, ink)
    filmic = picture.point([*FILMIC * 3, *range(256)])
    return Frames(picture, filmic, flat)


def clipped(figure: Image.Image, corner: tuple[int, int]) -> tuple[Image.Image, tuple[int, int]]:
    """The part of a figure right of and below the picture's upper left corner, and where it begins."""
    left, top = (max(0, -value) for value in corner)
    return figure.crop((left, top, figure.width, figure.height)), (max(0, corner[0]), max(0, corner[1]))


def write_line(
    draw: ImageDraw.ImageDraw, text: str, middle: tuple[int, int], width: int, ink: Colour, share: float = FONT_SHARE
) -> None:
    """One centred line, its height a share of `width`, cut with an ellipsis where it would leave it."""
    font = font_of(max(8, round(width * share)))
    while len(text) > 1 and font.getlength(text) > width * 0.96:
        text = text[: max(1, len(text) * 9 // 10 - 1)] + "…"
    draw.text(middle, text, fill=(*ink, 255), font=font, anchor="mm")


def font_of(size: int) -> "FreeTypeFont":
    font = ImageFont.load_default(size)
    if isinstance(font, ImageFont.ImageFont):
        raise TypeError("This build of Pillow has no FreeType")
    return font


def write_frames(frames: Frames, paths: Mapping[str, Path]) -> None:
    """Write one file per name of the API (`file`, `filmic_file`, ...); JPEG or PNG by the path's suffix."""
    pictures = {
        "file": frames.final,
        "filmic_file": frames.filmic,
        "color_pass_file": frames.color_pass,
        "thumbnail": frames.final.reduce(THUMBNAIL_SHARE),
        "filmic_thumbnail": frames.filmic.reduce(THUMBNAIL_SHARE),
    }
    for name, path in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        save(pictures[name], path)


def save(picture: Image.Image, path: Path) -> None:
    if path.suffix == ".jpg":
        picture.convert("RGB").save(path, "JPEG", quality=88)
    else:
        picture.save(path, "PNG", compress_level=1)
