"""Which steps a change takes, in which order, and what each costs. One table row per kind of step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from catalogsync.model.addresses import key_of, replacement_content_address
from catalogsync.model.durations import RENDER
from catalogsync.plan.changes import (
    Adopt,
    Archive,
    Await,
    Change,
    Conflict,
    Create,
    Delete,
    Forget,
    Generate,
    Park,
    Price,
    Render,
    Replace,
    Start,
    Update,
)


class Pool(StrEnum):
    """What a step occupies while it runs. A wait occupies nothing between two checks."""

    API = "api"
    UPLOAD = "upload"
    STATE = "state"


class StepKind(StrEnum):
    """One indivisible act: one API call, one upload, one wait, or one write to the state."""

    RELEASE = "release"
    DELETE_ORPHAN = "delete-orphan"
    CREATE = "create"
    UPLOAD_MODEL = "upload-model"
    UPLOAD_THUMBNAIL = "upload-thumbnail"
    FINALIZE = "finalize"
    BIND = "bind"
    PATCH = "patch"
    DELETE = "delete"
    FORGET = "forget"
    SUBMIT_JOB = "submit-job"
    WAIT_CONTENT = "wait-content"
    HIDE = "hide"
    SHOW = "show"
    COLLECT = "collect"
    SUBMIT_RENDER = "submit-render"
    WAIT_RENDER = "wait-render"
    PARK = "park"
    RELEASE_OLD = "release-old"
    TAKE = "take"
    DELETE_OLD = "delete-old"


@dataclass(frozen=True, slots=True)
class Polls:
    """How many status reads one wait takes: at least, expected, at most."""

    minimum: int = 1
    expected: int = 2
    maximum: int = 25


_POOLS = {
    StepKind.UPLOAD_MODEL: Pool.UPLOAD,
    StepKind.UPLOAD_THUMBNAIL: Pool.UPLOAD,
    StepKind.BIND: Pool.STATE,
    StepKind.FORGET: Pool.STATE,
}
WAITS = frozenset({StepKind.WAIT_CONTENT, StepKind.WAIT_RENDER})

Stage = tuple[StepKind, ...]  # these may run side by side
Program = tuple[Stage, ...]  # these run one after the other

_UPLOADS: Stage = (StepKind.UPLOAD_MODEL, StepKind.UPLOAD_THUMBNAIL)
_CREATE: dict[Start, Program] = {
    Start.FRESH: ((StepKind.CREATE,), _UPLOADS, (StepKind.FINALIZE,)),
    Start.UPLOADS: (_UPLOADS, (StepKind.FINALIZE,)),
    Start.ORPHAN: (
        (StepKind.RELEASE,),
        (StepKind.DELETE_ORPHAN,),
        (StepKind.CREATE,),
        _UPLOADS,
        (StepKind.FINALIZE,),
    ),
}


def pool_of(kind: StepKind) -> Pool:
    return _POOLS.get(kind, Pool.API)


def program_of(change: Change) -> Program:  # noqa: C901, PLR0911, PLR0912 - one case for each type of change
    """The stages of a change, in order. A conflict has none: it is never applied."""
    match change:
        case Create(start=start, thumbnail=thumbnail):
            return _without_thumbnail(_CREATE[start]) if thumbnail is None else _CREATE[start]
        case Adopt(edits=edits):
            return ((StepKind.BIND,), (StepKind.PATCH,)) if edits else ((StepKind.BIND,),)
        case Update():
            return ((StepKind.PATCH,),)
        case Park():
            return ((StepKind.PARK,),)
        case Replace():
            return _replacing(change)
        case Delete(release=release):
            return ((StepKind.RELEASE,), (StepKind.DELETE,)) if release else ((StepKind.DELETE,),)
        case Forget():
            return ((StepKind.FORGET,),)
        case Generate(archive=archive):
            return ((StepKind.SUBMIT_JOB,), *_waiting(archive))
        case Archive(hide=hide, show=show):
            return tuple((kind,) for kind, images in ((StepKind.HIDE, hide), (StepKind.SHOW, show)) if images)
        case Render():
            return ((StepKind.SUBMIT_RENDER,), (StepKind.WAIT_RENDER,))
        case Await(outputs=outputs, archive=archive):
            if not outputs:
                return ((StepKind.WAIT_RENDER,),)
            return _waiting(archive)
        case Conflict():
            return ()


def _without_thumbnail(program: Program) -> Program:
    return tuple(tuple(kind for kind in stage if kind is not StepKind.UPLOAD_THUMBNAIL) for stage in program)


def _waiting(archive: tuple[str, ...]) -> Program:
    hiding: Program = ((StepKind.HIDE,),) if archive else ()
    return ((StepKind.WAIT_CONTENT,), *hiding, (StepKind.COLLECT,))


def _replacing(change: Replace) -> Program:
    """The new product and its content first; only then the two adjacent calls of the hand-over, and the delete."""
    parts: Program = ()
    if change.create is not None:
        parts += program_of(change.create)
    if change.generate is not None:
        parts += ((StepKind.SUBMIT_JOB,),)
    if change.awaiting is not None:
        parts += _waiting(change.awaiting.archive)
    return (*parts, (StepKind.RELEASE_OLD,), (StepKind.TAKE,), (StepKind.DELETE_OLD,))


_PART_OF_CREATE = frozenset({kind for program in _CREATE.values() for stage in program for kind in stage})
_PART_OF_AWAIT = frozenset({StepKind.WAIT_CONTENT, StepKind.HIDE, StepKind.COLLECT})


def part_of(change: Change, kind: StepKind) -> Change:
    """The change that a step belongs to: of a replacement, its create, its job or its wait; else the change itself."""
    if not isinstance(change, Replace):
        return change
    if kind in _PART_OF_CREATE and change.create is not None:
        return change.create
    if kind is StepKind.SUBMIT_JOB and change.generate is not None:
        return change.generate
    if kind in _PART_OF_AWAIT and change.awaiting is not None:
        return change.awaiting
    return change


def with_part(change: Change, part: Change) -> Change:
    """The change with a part of it begun anew. A replacement whose content is made anew has its product already."""
    if not isinstance(change, Replace):
        return part
    return replace(change, create=part if isinstance(part, Create) else None)


def jobs_of(change: Change) -> tuple[str, ...]:
    """The kinds of the jobs that a change waits for: outputs, or a render."""
    match change:
        case Generate(outputs=outputs) | Replace(awaiting=Await(outputs=outputs)):
            return outputs
        case Await(outputs=outputs):
            return outputs or (RENDER,)
        case Render():
            return (RENDER,)
        case _:
            return ()


def job_address(change: Change) -> str:
    """The address that remembers the jobs a change waits for."""
    replacing = isinstance(change, Replace)
    return replacement_content_address(key_of(change.address)) if replacing else change.address


def price_of_step(kind: StepKind, polls: Polls) -> Price:
    """Credits of one step. Source: the API charges one credit for each call; the bucket is free."""
    if kind in WAITS:
        return Price(polls.minimum, polls.expected, polls.maximum)
    calls = 1 if pool_of(kind) is Pool.API else 0
    return Price(calls, calls, calls)


def price_of(change: Change, polls: Polls) -> Price:
    """Credits of a change: the sum of its steps."""
    return _price_of_program(program_of(change), polls)


@cache  # large plans hold a handful of different programs
def _price_of_program(program: Program, polls: Polls) -> Price:
    return sum((price_of_step(kind, polls) for stage in program for kind in stage), Price())
