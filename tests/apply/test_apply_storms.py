"""Whatever the manifest, the weather and other people do between runs, in any order: nothing is made twice, nothing of
another's is deleted, what was whole stays whole, and calm runs end with everything as wanted.
"""

from __future__ import annotations

import os
from typing import Any

from fake_remote import Held
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from storm_remote import AFTERWARDS, StormRemote
from storm_rows import Manner, Row
from storm_shop import StormShop

from catalogsync.errors import (
    AnswerLostError,
    InvalidRequestError,
    RateLimitedError,
    ServerFaultError,
    UploadRefusedError,
)
from catalogsync.model.outputs import Progress
from catalogsync.model.remote import RemoteProduct
from catalogsync.plan.selection import Selection

WRITES = [
    "create_product", "finalize_product", "update_product", "delete_product", "submit_content_job", "create_images",
    "archive_images",
]  # fmt: skip
READS = ["products_page", "find_products", "content_status", "shared_content", "render_images"]
OUTPUTS = ("3d_model_viewer", "ar", "silo")


def errors() -> st.SearchStrategy[Any]:
    return st.sampled_from(
        [
            AnswerLostError("reset"),
            ServerFaultError("Bad gateway", status=502),
            RateLimitedError("Slow down"),
        ]
    )


def faults() -> st.SearchStrategy[dict[str, list[Any]]]:
    expired = UploadRefusedError("Policy expired.", status=403, code="AccessDenied")
    before = st.dictionaries(
        st.sampled_from([*WRITES, *READS]), st.lists(st.sampled_from(["lose", "refuse"]) | errors(), max_size=3)
    )
    after = st.dictionaries(st.sampled_from([f"{one} {AFTERWARDS}" for one in WRITES]), st.lists(errors(), max_size=2))
    upload = st.fixed_dictionaries({}, optional={"upload": st.lists(st.sampled_from(["lose", expired]), max_size=3)})
    return st.tuples(before, after, upload).map(lambda parts: {**parts[0], **parts[1], **parts[2]})


class Storms(RuleBasedStateMachine):
    """Edits, runs and other people, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = StormShop(StormRemote())
        self.number = 0
        self.reuses = True

    def new(self, word: str) -> str:
        self.number += 1
        return f"{word}{self.number}"

    def row(self, at: int) -> Row:
        return self.shop.rows[at % len(self.shop.rows)]

    def some(self) -> bool:
        return bool(self.shop.rows)

    @initialize(
        unlisted=st.booleans(), lag=st.sampled_from([0, 0, 20]), hold=st.booleans(), unseen=st.integers(0, 2),
        running=st.integers(0, 2), floor=st.sampled_from([0.0, 8.0]),
        keyed=st.lists(st.booleans(), min_size=1, max_size=4),
    )  # fmt: skip
    def begin(
        self, unlisted: bool, lag: int, hold: bool, unseen: int, running: int, floor: float, keyed: list[bool]
    ) -> None:
        remote = StormRemote(
            list_unfinished=not unlisted, list_lag=lag, hold_deleted=hold, unseen=unseen, running=running
        )
        self.shop = StormShop(remote, floor=floor)
        self.reuses = not hold
        for one in keyed:
            self.add(one, silo=False, thumbnail=False)

    @rule(keyed=st.booleans(), silo=st.booleans(), thumbnail=st.booleans())
    def add(self, keyed: bool, silo: bool, thumbnail: bool) -> None:
        if len(self.shop.rows) < 5:
            row = Row(self.new("f"), self.new("S"), self.new("G"), self.new("k") if keyed else "", thumbnail=thumbnail)
            row.outputs = ("ar", "silo") if silo else ("ar",)
            self.shop.rows.append(row)

    @precondition(some)
    @rule(at=st.integers(0, 4), forget=st.booleans())
    def remove(self, at: int, forget: bool) -> None:
        row = self.row(at)
        self.shop.rows.remove(row)
        if forget and self.shop.holds_nothing_wanted(row):
            self.shop.removed.add(row.address_key)
            self.shop.lax |= self.shop.bound(row.address_key)
            # A sku_id that was passed on may stand for a product of another row that was never finished.
            self.shop.lax |= {unicode for unicode, held in self.shop.remote.held.items() if not held.finished}

    @precondition(some)
    @rule(at=st.integers(0, 4), sku=st.booleans(), gtin=st.booleans())
    def rename(self, at: int, sku: bool, gtin: bool) -> None:
        row = self.row(at)
        row.sku_id = self.new("S") if sku else row.sku_id
        row.gtin = self.new("G") if gtin else row.gtin

    @precondition(some)
    @rule(order=st.permutations(range(5)), gtins=st.booleans(), skus=st.booleans())
    def rotate(self, order: list[int], gtins: bool, skus: bool) -> None:
        rows = self.shop.rows
        among = [number for number in order if number < len(rows)]
        if skus:
            taken = [rows[number].sku_id for number in among]
            for row, value in zip(rows, taken, strict=True):
                row.sku_id = value
        if gtins:
            taken = [rows[number].gtin for number in reversed(among)]
            for row, value in zip(rows, taken, strict=True):
                row.gtin = value

    @precondition(some)
    @rule(at=st.integers(0, 4), moved=st.booleans())
    def rekey(self, at: int, moved: bool) -> None:
        row = self.row(at)
        old, row.key = row.address_key, self.new("k")
        if moved:
            self.shop.moved = {new: o for new, o in self.shop.moved.items() if old not in {new, o}} | {row.key: old}

    @precondition(some)
    @rule(at=st.integers(0, 4), model=st.booleans(), protect=st.booleans(), archive=st.booleans())
    def edit(self, at: int, model: bool, protect: bool, archive: bool) -> None:
        row = self.row(at)
        row.version += model
        row.protect = protect
        row.archive = ("*Black*",) if archive else ()

    @precondition(some)
    @rule(at=st.integers(0, 4), outputs=st.sets(st.sampled_from(OUTPUTS)))
    def want(self, at: int, outputs: set[str]) -> None:
        self.row(at).outputs = tuple(name for name in OUTPUTS if name in outputs)

    @precondition(some)
    @rule(name=st.sampled_from(["room", "hero"]), of=st.sets(st.integers(0, 4), min_size=1))
    def render(self, name: str, of: set[int]) -> None:
        rows = [row for number, row in enumerate(self.shop.rows) if number in of]
        self.shop.renders[name] = (self.shop.renders.get(name, ({"room": 100, "hero": 200}[name],))[0] + 1, rows)

    @rule(
        weather=faults(), trusting=st.booleans(), full=st.booleans(), wait=st.booleans(), retry=st.booleans(),
        dies_at=st.none() | st.integers(1, 40), after=st.booleans(), purse=st.none() | st.integers(0, 30),
        fates=st.dictionaries(st.sampled_from(OUTPUTS), st.sampled_from([Progress.FAILED, Progress.DISABLED])),
    )  # fmt: skip
    def apply(
        self, *, weather: dict[str, Any], trusting: bool, full: bool, wait: bool, retry: bool, dies_at: int | None,
        after: bool, purse: int | None, fates: dict[str, Progress],
    ) -> None:  # fmt: skip
        remote = self.shop.remote
        remote.faults = {name: list(found) for name, found in weather.items()}
        remote.purse, remote.fates = purse, fates
        self.shop.run(Manner(trusting, full, wait, retry, dies_at=dies_at, dies_after=after))
        remote.faults, remote.purse, remote.fates = {}, None, {}

    @rule(trusting=st.booleans())
    def apply_calmly(self, trusting: bool) -> None:
        self.shop.run(Manner(trusting))

    @precondition(some)
    @rule(at=st.integers(0, 4), content=st.booleans(), exclude=st.booleans(), dies_at=st.none() | st.integers(1, 20))
    def apply_some(self, at: int, content: bool, exclude: bool, dies_at: int | None) -> None:
        row = self.row(at)
        address = f"{'content' if content and row.outputs else 'product'}.{row.address_key}"
        selection = Selection(excludes=(address,)) if exclude else Selection(targets=(address,))
        self.shop.run(Manner(selection=selection, dies_at=dies_at))

    @precondition(lambda self: self.reuses)
    @rule(dies_at=st.none() | st.integers(1, 20))
    def destroy(self, dies_at: int | None) -> None:
        self.shop.run(Manner(destroy=True, dies_at=dies_at))
        self.shop.remote.latest.clear()

    @rule(rebuild=st.booleans())
    def lose_state(self, rebuild: bool) -> None:
        self.shop.lose_state()
        if rebuild:
            self.shop.rebuild()

    @rule(dies_at=st.none() | st.integers(1, 10))
    def sweep(self, dies_at: int | None) -> None:
        self.shop.sweep(dies_at)

    @rule()
    def wait(self) -> None:
        self.shop.remote.settle()

    # What is not finished is told by its fields alone: edited by another, it is not ours any more.
    @rule(at=st.integers(0, 9), field=st.sampled_from(["sku_id", "gtin", "name"]))
    def somebody_edits(self, at: int, field: str) -> None:
        live = [held for held in self.shop.remote.held.values() if held.finished and not held.deleted]
        if live:
            self.shop.remote.change(live[at % len(live)].product.unicode, **{field: self.new("X")})

    @rule(at=st.integers(0, 9))
    def somebody_deletes(self, at: int) -> None:
        live = [held for held in self.shop.remote.held.values() if not held.deleted]
        if live and self.reuses:
            live[at % len(live)].deleted = True

    @precondition(some)
    @rule(at=st.integers(0, 4), ours=st.booleans())
    def somebody_creates(self, at: int, ours: bool) -> None:
        remote, unicode = self.shop.remote, self.new("foreign")
        sku_id = self.row(at).sku_id if ours else self.new("F")
        try:
            remote._unique(unicode, {"sku_id": sku_id})
        except InvalidRequestError:
            return
        remote.held[unicode] = Held(RemoteProduct(unicode, sku_id, "", "Theirs", ""), finished=True)
        self.shop.lax.add(unicode)

    @rule()
    def settle(self) -> None:
        self.shop.settle()

    @invariant()
    def nothing_wrong(self) -> None:
        assert not self.shop.remote.wrong, self.shop.remote.wrong
        living: dict[str, int] = {}
        for held in self.shop.remote.held.values():
            if not held.deleted and held.product.sku_id:
                living[held.product.sku_id] = living.get(held.product.sku_id, 0) + 1
        assert [sku_id for sku_id, number in living.items() if number > 1] == []

    def teardown(self) -> None:
        if self.shop.remote.wrong == []:
            self.shop.settle()


# The suite tries the same storms each time. STORMS=1000 tries so many others, to look for what nobody has met yet.
Storms.TestCase.settings = settings(
    max_examples=int(os.environ.get("STORMS", "40")),
    derandomize="STORMS" not in os.environ,
    stateful_step_count=int(os.environ.get("STORM_STEPS", "12")),
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
TestStorms = Storms.TestCase
