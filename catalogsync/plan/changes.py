"""The differences a plan is made of: one frozen type per case, each with all that applying it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from catalogsync.model.remote import RenderRequest
from catalogsync.model.state import KnownImage, Write
from catalogsync.plan.basis import MadeFrom


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file to upload: where it is, how the manifest writes it, and the content the plan was made from."""

    path: str
    written: str
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """One managed field whose remote value differs from the wanted one."""

    name: str
    before: str
    after: str


class Start(StrEnum):
    """Where a create begins: with nothing, with the uploads left of an earlier run, or by clearing away an orphan
    (a product of ours whose upload forms are lost, so that it can never be finished).
    """

    FRESH = "fresh"
    UPLOADS = "uploads"
    ORPHAN = "orphan"


@dataclass(frozen=True, slots=True)
class Create:
    address: str
    fields: Mapping[str, str]
    model: PlannedFile
    thumbnail: PlannedFile | None
    protect: bool
    reason: str
    start: Start = Start.FRESH
    unicode: str = ""  # of the unfinished product, unless start is FRESH


@dataclass(frozen=True, slots=True)
class Adopt:
    """Bind a product that is already there; `edits` are then patched. The file digests are assumed, not known."""

    address: str
    unicode: str
    fields: Mapping[str, str]
    edits: tuple[FieldEdit, ...]
    model_sha256: str
    thumbnail_sha256: str
    protect: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Update:
    """Patch the fields that differ. `moved_from`: the address that the state has it under, "" when the same."""

    address: str
    unicode: str
    edits: tuple[FieldEdit, ...]
    reason: str
    moved_from: str = ""


@dataclass(frozen=True, slots=True)
class Park:
    """Give a product a temporary identifier, so that others can exchange theirs."""

    address: str
    unicode: str
    edits: tuple[FieldEdit, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Replace:
    """Make a new product beside the old one, complete it, hand the identifiers over, delete the old one.

    Until the hand-over the old product is untouched. `create` makes the new product under a temporary sku_id (None
    when it is finalized already), `generate` submits what its content lacks, `awaiting` waits for all of it (both None
    when no output is wanted or nothing is left to do). `takes` are the fields of the hand-over.
    """

    address: str
    unicode: str  # of the old product
    fields: Mapping[str, str]  # of the old product, as seen
    takes: Mapping[str, str]
    create: Create | None
    generate: Generate | None
    awaiting: Await | None
    protected: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a product that is ours. `release` frees its identifiers first: another change takes them, or may later."""

    address: str
    unicode: str
    fields: Mapping[str, str]
    protected: bool
    reason: str
    release: bool = False


@dataclass(frozen=True, slots=True)
class Forget:
    """Stop managing an address: no call."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class Generate:
    """Ask for outputs of a product in one job. `archive` are patterns for silo images to hide when they are there."""

    address: str
    product_address: str
    outputs: tuple[str, ...]
    archive: tuple[str, ...]
    model_sha256: str
    reason: str


@dataclass(frozen=True, slots=True)
class Archive:
    """Hide and show silo images of a product."""

    address: str
    unicode: str
    hide: tuple[KnownImage, ...]
    show: tuple[KnownImage, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Render:
    """Render a scene with products of this catalog in it."""

    address: str
    request: RenderRequest
    product_addresses: tuple[str, ...]
    fingerprint: str
    reason: str


@dataclass(frozen=True, slots=True)
class Await:
    """A job submitted earlier that still runs. No change: applying picks it up and waits."""

    address: str
    outputs: tuple[str, ...]
    archive: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something the plan cannot do. Never applied: it says what is wrong and the ways out."""

    address: str
    reason: str
    ways: tuple[str, ...]


Change = Create | Adopt | Update | Park | Replace | Delete | Forget | Generate | Archive | Render | Await | Conflict


def action_of(change: Change) -> str:
    """The action's name for people and machines: create, adopt, update, ..."""
    return type(change).__name__.lower()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a reviewer should know that is no change: an output that failed, a fact that was trusted."""

    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Diff:
    """What differs. `learned` are facts read from the remote that only the state lacks: applying records them."""

    changes: tuple[Change, ...]
    notices: tuple[Notice, ...] = ()
    learned: tuple[Write, ...] = ()


@dataclass(frozen=True, slots=True)
class Price:
    """Credits: at least, expected, at most."""

    minimum: int = 0
    expected: int = 0
    maximum: int = 0

    def __add__(self, other: Price) -> Price:
        return Price(self.minimum + other.minimum, self.expected + other.expected, self.maximum + other.maximum)


@dataclass(frozen=True, slots=True)
class Partial:
    """How much a selection leaves out: resources that are not meant, and changes that are due but not in the plan."""

    resources: int
    changes: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes with their prices and order. `edges` are pairs of indexes into `changes`: the first comes first.

    `spent` credits went into reading, `available` is the balance after it (None when the remote did not say).
    """

    changes: tuple[Change, ...]
    prices: tuple[Price, ...]
    edges: tuple[tuple[int, int], ...]
    made_from: MadeFrom
    notices: tuple[Notice, ...] = ()
    learned: tuple[Write, ...] = ()
    spent: int = 0
    available: int | None = None
    managed: int = 0  # resources under management before the plan, for the guards' percentages
    partial: Partial | None = None  # what a selection leaves out, None when the plan is whole
    destroy: bool = False  # made to delete what is managed, whatever the manifest wants
    trusted: Mapping[str, str] | None = None  # with --refresh=none: when what was not read was last seen, by address
    confirmed: tuple[Write, ...] = ()  # what reading found as it is remembered: applying records when

    @property
    def price(self) -> Price:
        return sum(self.prices, Price())

    @property
    def real_changes(self) -> tuple[Change, ...]:
        """Everything but jobs that merely run on."""
        return tuple(change for change in self.changes if not isinstance(change, Await))

    @property
    def empty(self) -> bool:
        return not self.real_changes
