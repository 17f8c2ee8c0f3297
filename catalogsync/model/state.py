"""State: what is remembered between runs, and the writes that change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from catalogsync.model.outputs import Progress
from catalogsync.model.remote import ImageId, UploadForm
from catalogsync.model.spend import NoteCharges, Predict


class Origin(StrEnum):
    """How a product became ours. Both may be deleted by us; nothing else ever is."""

    CREATED = "created"
    ADOPTED = "adopted"


class Stage(StrEnum):
    """How far a product's creation is: files are still to be uploaded, or it is complete."""

    CREATED = "created"
    FINALIZED = "finalized"


@dataclass(frozen=True, slots=True)
class ProductBinding:
    """A product of ours on the remote. Digests are "" when unknown (an adopted product's model).

    The forms are kept only while an upload is open. `fields` are the managed fields as last written or seen.
    `seen_at`, here and below, is when the remote last said so (ISO 8601, UTC; "" when not known). It is no part of
    what is remembered: bindings that differ in it alone are equal.
    """

    address: str
    unicode: str
    origin: Origin
    stage: Stage
    fields: Mapping[str, str]
    model_sha256: str = ""
    thumbnail_sha256: str = ""
    model_form: UploadForm | None = None
    thumbnail_form: UploadForm | None = None
    model_uploaded: bool = False
    thumbnail_uploaded: bool = False
    product_id: str = ""
    protect: bool = False
    keeps_gtin: bool = False  # the remote refused to clear it, since another product's is empty: not tried again
    bound_at: str = ""  # ISO 8601, UTC; "" when not known
    seen_at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class OutputRecord:
    """An output we asked for (or found): from which model digest it was made and how far it was when last read."""

    model_sha256: str
    progress: Progress
    requested_at: str = ""  # ISO 8601, UTC; "" when found, not requested by us


@dataclass(frozen=True, slots=True)
class KnownImage:
    """A silo image of ours. An archived one is in no list any more: only we know that it is there."""

    id: ImageId
    name: str
    archived: bool = False


@dataclass(frozen=True, slots=True)
class ContentBinding:
    """The content of a product: what was requested and which silo images came of it."""

    address: str
    unicode: str
    outputs: Mapping[str, OutputRecord]
    images: tuple[KnownImage, ...] = ()
    seen_at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class RenderBinding:
    """A scene render. `render_id` is "" when the answer that would have named it was lost: `image_ids` stand in.

    `former_image_ids` are images of earlier submissions of this address, which stay on the remote.
    """

    address: str
    render_id: str
    fingerprint: str
    sku_ids: tuple[str, ...]
    progress: Progress
    requested_at: str
    image_ids: tuple[ImageId, ...] = ()
    former_image_ids: tuple[ImageId, ...] = ()
    seen_at: str = field(default="", compare=False)


Binding = ProductBinding | ContentBinding | RenderBinding


class Phase(StrEnum):
    """What is known of a journalled call. `intent` and `unknown` are open: the next run resolves them by reads."""

    INTENT = "intent"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Intent:
    """A call that is not idempotent, journalled before it is sent. `request` is what is needed to recognise it."""

    id: str
    run_id: str
    address: str
    step: str
    request: Mapping[str, str]
    at: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class State:
    """All that is remembered. `intents` are the open ones only; `buried` are unicodes of products we deleted."""

    lineage: str
    serial: int
    products: Mapping[str, ProductBinding] = field(default_factory=dict)
    contents: Mapping[str, ContentBinding] = field(default_factory=dict)
    renders: Mapping[str, RenderBinding] = field(default_factory=dict)
    intents: tuple[Intent, ...] = ()
    buried: frozenset[str] = frozenset()
    credits_available: int | None = None
    catalog: str = ""  # the catalog that was last applied with this state, "" when none was
    api_url: str = ""  # and the API it was applied to
    plan_id: str = ""  # the saved plan whose runs alone moved the state since that plan's base, "" when there is none
    durations: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # seconds by kind of job, oldest first


@dataclass(frozen=True, slots=True)
class Bind:
    """Remember this binding (insert or replace, by its address)."""

    binding: Binding


@dataclass(frozen=True, slots=True)
class Unbind:
    """Forget the binding of an address."""

    address: str


@dataclass(frozen=True, slots=True)
class Intend:
    """Journal a call before it is sent."""

    intent: Intent


@dataclass(frozen=True, slots=True)
class Settle:
    """Journal what became of an intent. DONE and FAILED close it."""

    intent_id: str
    phase: Phase
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Journal a step that needs no intent (an upload, a wait), for the history."""

    run_id: str
    address: str
    step: str
    phase: Phase
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Bury:
    """Remember that we deleted this product, so that a remote that still shows it does not confuse us."""

    unicode: str


@dataclass(frozen=True, slots=True)
class Restore:
    """Put this state in the place of the whole one, and count on from the higher of both serials.

    Calls whose outcome is not known yet stay open, of either: they are settled by reading, which does no harm.
    """

    state: State


@dataclass(frozen=True, slots=True)
class NoteCredits:
    """Remember the balance the remote last told."""

    available: int


@dataclass(frozen=True, slots=True)
class NoteDuration:
    """Remember how many seconds a job of this kind took (see model/durations.py)."""

    kind: str
    seconds: float


@dataclass(frozen=True, slots=True)
class NoteScope:
    """Remember which catalog this state is applied for, and to which API."""

    catalog: str
    api_url: str


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins. `plan_id` is the saved plan it applies; "" (any other run) clears the state's."""

    run_id: str
    command: str
    at: str
    plan_id: str = ""


@dataclass(frozen=True, slots=True)
class RunEnded:
    run_id: str
    outcome: str
    credits_spent: int
    at: str


Write = (
    Bind
    | Unbind
    | Intend
    | Settle
    | Note
    | Bury
    | Restore
    | NoteCredits
    | NoteDuration
    | NoteScope
    | NoteCharges
    | Predict
    | RunStarted
    | RunEnded
)
