"""What a change does, in parts: for the formats that lay rows out by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalogsync.cli.render.rows import UNIQUE, size_text
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
    Plan,
    PlannedFile,
    Render,
    Replace,
    Update,
)
from catalogsync.plan.recalling import age_note


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that a change does: `before` is what goes, `after` what comes; None where there is no such side."""

    name: str
    before: str | None = None
    after: str | None = None


def details_of(change: Change) -> list[Detail]:  # noqa: C901, PLR0911 - one case for each type of change
    match change:
        case Create(fields=fields):
            return [*_comes(fields), *_files(change)]
        case Adopt(unicode=unicode, edits=edits):
            return [Detail("unicode", unicode, unicode), *_edits(edits)]
        case Update(edits=edits) | Park(edits=edits):
            return _edits(edits)
        case Replace():
            return _replacing(change)
        case Delete(fields=fields, unicode=unicode):
            gone = {**{name: value for name, value in fields.items() if value}, "unicode": unicode}
            return [Detail(name, before=value) for name, value in gone.items()]
        case Generate(outputs=outputs, archive=archive):
            hidden = [Detail("archive images named", after=pattern) for pattern in archive]
            return [*_outputs(outputs), *hidden]
        case Archive(hide=hide, show=show):
            hidden = [Detail("archive", before=image.name or str(image.id)) for image in hide]
            return [*hidden, *(Detail("unarchive", after=image.name or str(image.id)) for image in show)]
        case Render(request=request):
            return [
                Detail("scene", after=str(request.scene_id)),
                Detail("cameras", after=", ".join(str(camera) for camera in request.cameras_to_render)),
                Detail("products", after=", ".join(product.sku_id for product in request.products)),
            ]
        case Conflict(ways=ways):
            return [Detail("way out", after=way) for way in ways]
        case Await(outputs=outputs):
            return [Detail("running", after=OUTPUTS[name].label) for name in outputs]
        case Forget():
            return []


def reason_of(plan: Plan, change: Change) -> str:
    """Why a change is made, and what that rests on where nothing was read; a job that runs on has no reason."""
    note = age_note(plan, change)
    reason = "" if isinstance(change, Await) else change.reason
    return f"{reason} ({note})" if reason and note else reason or note


def thumbnail_of(change: Change) -> PlannedFile | None:
    """The thumbnail that a change uploads."""
    match change:
        case Create(thumbnail=thumbnail) | Replace(create=Create(thumbnail=thumbnail)):
            return thumbnail
        case _:
            return None


def _comes(fields: Mapping[str, str]) -> list[Detail]:
    return [Detail(name, after=value) for name, value in fields.items()]


def _edits(edits: Sequence[FieldEdit]) -> list[Detail]:
    return [Detail(edit.name, edit.before, edit.after) for edit in edits]


def _outputs(outputs: Sequence[str]) -> list[Detail]:
    return [Detail("output", after=OUTPUTS[name].label) for name in outputs]


def _files(change: Create) -> list[Detail]:
    named = (("model", change.model), ("thumbnail", change.thumbnail))
    return [Detail(name, after=f"{file.written} ({size_text(file.size)})") for name, file in named if file]


def _replacing(change: Replace) -> list[Detail]:
    found = [Detail("unicode", before=change.unicode)]
    found += _files(change.create) if change.create else []
    found += _outputs(change.generate.outputs if change.generate else ())
    found += [
        Detail(name, change.fields.get(name, ""), value) for name, value in change.takes.items() if name in UNIQUE
    ]
    return found
