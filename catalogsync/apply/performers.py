"""Which function performs which kind of step. A new kind is a new row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from catalogsync.apply import contents, creation, handover, jobs, products, removal, renders, uploads
from catalogsync.apply.bench import Bench, Result
from catalogsync.plan.steps import StepKind

# The change's type follows from the kind of step (plan.steps.program_of), which a dict cannot express.
Performer = Callable[[Bench, Any], Awaitable[Result]]

PERFORMERS: dict[StepKind, Performer] = {
    StepKind.RELEASE: removal.release,
    StepKind.DELETE_ORPHAN: removal.delete_orphan,
    StepKind.CREATE: creation.create,
    StepKind.UPLOAD_MODEL: uploads.upload_model,
    StepKind.UPLOAD_THUMBNAIL: uploads.upload_thumbnail,
    StepKind.FINALIZE: uploads.finalize,
    StepKind.BIND: products.bind,
    StepKind.PATCH: products.patch,
    StepKind.DELETE: removal.delete,
    StepKind.FORGET: removal.forget,
    StepKind.SUBMIT_JOB: jobs.submit_job,
    StepKind.WAIT_CONTENT: contents.wait_content,
    StepKind.HIDE: contents.hide,
    StepKind.SHOW: contents.show,
    StepKind.COLLECT: contents.collect,
    StepKind.SUBMIT_RENDER: renders.submit_render,
    StepKind.WAIT_RENDER: renders.wait_render,
    StepKind.PARK: handover.park,
    StepKind.RELEASE_OLD: handover.release_old,
    StepKind.TAKE: handover.take,
    StepKind.DELETE_OLD: handover.delete_old,
}
