"""Status and outputs as text and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from catalogsync.cli.render.closing import and_available
from catalogsync.cli.render.printable import printable
from catalogsync.model.counting import counted
from catalogsync.model.outputs import OUTPUTS, SILO, Progress, progress_of_images
from catalogsync.plan.recalling import to_the_second
from catalogsync.workflow.looking import ContentLook, Looks, RenderLook

_WORDS = {Progress.NONE: "not requested", Progress.RUNNING: "in progress"}


def status_text(looks: Looks) -> str:
    """A table; where something was not read, with the time when it was."""
    old = ("READ",) if _is_partly_remembered(looks) else ()
    rows = [("ADDRESS", "SKU", *(kind.label.upper() for kind in OUTPUTS.values()), *old)]
    rows += [
        (look.address, look.sku_id, *(_cell(look, name) for name in OUTPUTS), *(_read_at(look) for _ in old))
        for look in looks.contents
    ]
    renders = [(render.address, _render_cell(render)) for render in looks.renders]
    return "\n".join([*_table(rows), *_table(renders)]) + _spent(looks)


def _is_partly_remembered(looks: Looks) -> bool:
    return any(look.unicode and not look.read for look in looks.contents) or any(
        render.images is None for render in looks.renders
    )


def _render_cell(render: RenderLook) -> str:
    read = f", read {_time(render.seen_at)}" if render.images is None else ""
    return f"{_word(_render_progress(render))}{_images_note(render)}{read}"


def _cell(look: ContentLook, name: str) -> str:
    if name not in look.wanted:
        return "-"
    if not look.unicode:
        return "not created"
    if look.vanished:
        return "not there"
    images = look.seen[name].images if look.seen and name in look.seen else ()
    count = f" ({len(images)})" if name == SILO and images else ""
    return _word(look.progress(name)) + count


def _read_at(look: ContentLook) -> str:
    if look.read:
        return "now"
    return _time(look.seen_at) if look.unicode else "-"


def _time(at: str) -> str:
    return to_the_second(at) or "(not known when)"


def _word(progress: Progress) -> str:
    return _WORDS.get(progress, progress.value.capitalize())


def _render_progress(render: RenderLook) -> Progress:
    if render.images is None:
        return render.remembered
    return progress_of_images([image.progress for image in render.images])


def _images_note(render: RenderLook) -> str:
    if render.images is None:
        return ""
    return f" ({counted(len(render.images), 'image')})"


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    safe = [tuple(map(printable, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*safe, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in safe]


def status_document(looks: Looks) -> dict[str, object]:
    return {
        "products": [
            {
                "address": look.address,
                "sku_id": look.sku_id,
                "unicode": look.unicode,
                "outputs": {name: look.progress(name).value for name in look.wanted},
                "remembered_at": look.seen_at,
            }
            for look in looks.contents
        ],
        "renders": [
            {
                "address": look.address,
                "render_id": look.render_id,
                "progress": _render_progress(look).value,
                "remembered_at": look.seen_at,
            }
            for look in looks.renders
        ],
        "credits": {"spent": looks.spent, "available": looks.available},
    }


def outputs_text(looks: Looks) -> str:
    return "\n".join(_output_lines(looks)) + _spent(looks)


def _output_lines(looks: Looks) -> Iterator[str]:
    for look in looks.contents:
        yield printable(f"{look.address}  {look.sku_id}")
        yield from _pairs(list(_urls(look)))
    for render in looks.renders:
        yield printable(f"{render.address}  render {render.render_id or '(id not known)'}")
        yield from _pairs([(image.angle_name, image.file or _word(image.progress)) for image in render.images or ()])


def _pairs(pairs: list[tuple[str, str]]) -> list[str]:
    safe = [(printable(label), printable(text)) for label, text in pairs]
    width = max((len(label) for label, _ in safe), default=0)
    return [f"  {label:<{width}}  {text}" for label, text in safe]


def _urls(look: ContentLook) -> Iterator[tuple[str, str]]:
    if look.shared is None:
        yield "content", "nothing there yet" if look.unicode else "not created"
        return
    if look.shared.thumbnail_url:
        yield "thumbnail", look.shared.thumbnail_url
    own_name = f"{look.shared.product.name} - "
    for name in look.wanted:
        if name == SILO:
            yield from ((image.name.removeprefix(own_name), image.image_url) for image in look.shared.images)
        else:
            yield OUTPUTS[name].label, look.shared.urls.get(name) or _word(look.progress(name))


def outputs_document(looks: Looks) -> dict[str, object]:
    return {
        "products": [
            {
                "address": look.address,
                "sku_id": look.sku_id,
                "unicode": look.unicode,
                "thumbnail_url": look.shared.thumbnail_url if look.shared else None,
                "urls": {
                    name: (look.shared.urls.get(name) or None) if look.shared else None
                    for name in look.wanted
                    if name != SILO
                },
                "images": [asdict(image) for image in look.shared.images] if look.shared else [],
            }
            for look in looks.contents
        ],
        "renders": [
            {
                "address": render.address,
                "render_id": render.render_id,
                "images": [asdict(image) for image in render.images or ()],
            }
            for render in looks.renders
        ],
        "credits": {"spent": looks.spent, "available": looks.available},
    }


def _spent(looks: Looks) -> str:
    if not looks.spent:
        return ""
    return f"\nCredits: {looks.spent:,} spent reading{and_available(looks.available)}."
