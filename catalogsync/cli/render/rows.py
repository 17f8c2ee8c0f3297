"""One row of a plan as text: its headline, its reason, its price and what it changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import click

from catalogsync.cli.render.printable import printable
from catalogsync.model.outputs import OUTPUTS
from catalogsync.plan.changes import (
    Adopt,
    Archive,
    Await,
    Change,
    Conflict,
    Create,
    Delete,
    FieldEdit,
    Forget,
    Generate,
    Park,
    PlannedFile,
    Price,
    Render,
    Replace,
    Start,
    Update,
)

UNIQUE = ("sku_id", "gtin")
_COLOURS = {"+/-": "yellow", "+": "green", "~": "yellow", "-": "red", "!": "red", ".": None, "=": "cyan"}


def symbol_of(change: Change) -> str:  # noqa: PLR0911 - one case for each type of change
    match change:
        case Create() | Generate() | Render():
            return "+"
        case Update() | Archive() | Park():
            return "~"
        case Replace():
            return "+/-"
        case Adopt():
            return "="
        case Delete():
            return "-"
        case Forget() | Await():
            return "."
        case Conflict():
            return "!"


_HEADLINES: dict[type, str] = {
    Create: "will be created",
    Generate: "will be created",
    Render: "will be created",
    Update: "will be updated in-place",
    Park: "will be updated in-place",
    Replace: "must be replaced",
    Archive: "will be updated in-place",
    Adopt: "will be adopted",
    Delete: "will be destroyed",
    Forget: "will be forgotten",
    Conflict: "is in conflict",
    Await: "is still running",
}


def headline_of(change: Change) -> str:
    """What becomes of the resource, in Terraform's words."""
    return _HEADLINES[type(change)]


def row(change: Change, price: Price) -> Iterator[str]:
    symbol = symbol_of(change)
    headline = f"# {change.address} {headline_of(change)}"
    yield f"  {click.style(printable(headline), bold=True)}"
    if not isinstance(change, Await):
        yield f"  # (because {printable(change.reason)})"
    yield f"  {paint(symbol)} {printable(change.address)}{_price_note(price)}"
    for line in _details(change):
        yield f"      {line}"


def _price_note(price: Price) -> str:
    if not price.maximum:
        return ""
    return f"  ({credits_text(price)})"


def _details(change: Change) -> list[str]:  # noqa: C901, PLR0911 - one case for each type of change
    match change:
        case Create(fields=fields, model=model, thumbnail=thumbnail, start=start):
            lines = [*_fields("+", fields), _file("+", "model", model)]
            lines += [_file("+", "thumbnail", thumbnail)] if thumbnail else []
            return lines + ([f"unfinished = {change.unicode}"] if start is not Start.FRESH else [])
        case Adopt(unicode=unicode, edits=edits):
            return [f"= unicode = {unicode}", *_edits(edits)]
        case Update(edits=edits) | Park(edits=edits):
            return _edits(edits)
        case Replace():
            return _replacing(change)
        case Delete(fields=fields, unicode=unicode):
            return [*_fields("-", {k: v for k, v in fields.items() if v}), f"{paint('-')} unicode = {unicode}"]
        case Generate(outputs=outputs, archive=archive):
            lines = [f"{paint('+')} {OUTPUTS[name].label}" for name in outputs]
            return lines + [f"{paint('~')} archive images named {printable(pattern)}" for pattern in archive]
        case Archive(hide=hide, show=show):
            lines = [f"{paint('~')} archive   {printable(image.name) or image.id}" for image in hide]
            return lines + [f"{paint('~')} unarchive {printable(image.name) or image.id}" for image in show]
        case Render(request=request):
            cameras = ", ".join(str(camera) for camera in request.cameras_to_render)
            skus = ", ".join(product.sku_id for product in request.products)
            return [
                f"{paint('+')} scene    = {request.scene_id}",
                f"{paint('+')} cameras  = {cameras}",
                f"{paint('+')} products = {printable(skus)}",
            ]
        case Conflict(ways=ways):
            return [f"-> {printable(way)}" for way in ways]
        case Forget() | Await():
            return []


def _replacing(change: Replace) -> list[str]:
    lines = [f"{paint('-')} unicode = {change.unicode} (stays live until the new one is complete)"]
    if change.create is not None:
        lines += [_file("+", "model", change.create.model)]
        lines += [_file("+", "thumbnail", change.create.thumbnail)] if change.create.thumbnail else []
    outputs = change.generate.outputs if change.generate else ()
    lines += [f"{paint('+')} {OUTPUTS[name].label}" for name in outputs]
    taken = ", ".join(f"{name} {printable(value)}" for name, value in change.takes.items() if name in UNIQUE and value)
    return [*lines, f"{paint('~')} hand over {taken}"]


def _fields(symbol: str, fields: Mapping[str, str]) -> list[str]:
    width = max((len(name) for name in fields), default=0)
    return [f'{paint(symbol)} {name:<{width}} = "{printable(value)}"' for name, value in fields.items()]


def _edits(edits: Sequence[FieldEdit]) -> list[str]:
    return [f'{paint("~")} {edit.name} = "{printable(edit.before)}" -> "{printable(edit.after)}"' for edit in edits]


def _file(symbol: str, label: str, file: PlannedFile) -> str:
    return f'{paint(symbol)} {label} = "{printable(file.written)}" ({size_text(file.size)}, sha256 {file.sha256[:12]})'


def credits_text(price: Price) -> str:
    """`57 expected (49 to 71)`, or one number where there is nothing to expect."""
    if price.minimum == price.maximum:
        return f"{price.expected:,} expected"
    return f"{price.expected:,} expected ({price.minimum:,} to {price.maximum:,})"


def paint(symbol: str) -> str:
    colour = _COLOURS[symbol]
    return click.style(symbol, fg=colour) if colour else symbol


def size_text(size: int) -> str:
    """Bytes for people: 312 B, 1.2 kB, 3.4 MB."""
    amount = float(size)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:  # noqa: PLR2004 - decimal units
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"
