"""A shop in bad weather: a manifest that is edited, runs that are cut off, and what must hold of the remote then."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field, replace
from functools import partial

import diff_cases
from loop import Killed, MortalJournal, Shop
from storm_remote import StormRemote
from storm_rows import Manner, Row

from catalogsync.apply.choices import WaitTiming
from catalogsync.apply.schedule import Schedule
from catalogsync.errors import CatalogSyncError
from catalogsync.model.addresses import (
    PRODUCT,
    content_address,
    key_of,
    kind_of,
    product_address,
    replacement_address,
    retired_address,
)
from catalogsync.model.catalog import Catalog, FileFacts
from catalogsync.model.outputs import SILO, Progress
from catalogsync.observe import Observation, Refresh, observe
from catalogsync.plan.changes import Conflict, Plan
from catalogsync.plan.confirming import confirmed, timed
from catalogsync.plan.destroy import emptied
from catalogsync.plan.diff import DiffOptions
from catalogsync.plan.guards import GUARDS, GuardOptions, objections
from catalogsync.plan.planner import plan
from catalogsync.plan.rekeying import following, rekeyed
from catalogsync.plan.steps import Polls
from catalogsync.plan.sweep import candidates, concerned, leftovers, proven, sweep_plan, with_strays
from catalogsync.state import MemoryStore
from catalogsync.workflow import rebuilding
from catalogsync.workflow.planning import Planned
from catalogsync.workflow.trusting import read_what_changes

NOON = "2026-01-01T00:00:00Z"
PATIENCE = 1.0  # seconds on a clock that goes by a millisecond each time it is looked at


@dataclass
class StormShop:
    """The manifest's rows, the remote and the state. `lax` are unicodes that a lost state or the user left alone."""

    remote: StormRemote
    rows: list[Row] = field(default_factory=list)
    renders: dict[str, tuple[int, list[Row]]] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)  # new key to old key
    removed: set[str] = field(default_factory=set)  # keys
    store: MemoryStore = field(default_factory=MemoryStore)
    lax: set[str] = field(default_factory=set)
    guarded: dict[str, Row] = field(default_factory=dict)  # what is answered by a complete product, by sku_id
    plans: list[Plan] = field(default_factory=list)
    floor: float = 0.0  # seconds before a job is looked at

    def __post_init__(self) -> None:
        self.remote.ours = lambda: {binding.unicode for binding in self.store.load().products.values()}
        self.remote.after_call = self._watch

    def catalog(self) -> Catalog:
        keys = {row.address_key for row in self.rows}
        sources = {old for new, old in self.moved.items() if new in keys and old not in keys}
        moved = [{"to": f"product.{n}", "from": f"product.{o}"} for n, o in self.moved.items() if o in sources]
        removed = [product_address(key) for key in self.removed - keys - sources]
        rows = [row.written() for row in self.rows]
        renders = [
            {"name": name, "cameras": (camera,), "of": [row.sku_id for row in of if row in self.rows]}
            for name, (camera, of) in self.renders.items()
        ]
        wanted = {"products": rows, "renders": [one for one in renders if one["of"]], "moved": moved}
        return diff_cases.catalog_of({"wanted": {**wanted, "removed": removed}})

    def files(self, catalog: Catalog) -> dict[str, FileFacts]:
        digests = {f"{row.file}.glb": f"{row.file}-{row.version}" for row in self.rows}
        return diff_cases.files_of({"files": digests}, catalog)

    async def _planned(self, catalog: Catalog, files: dict[str, FileFacts], manner: Manner) -> Plan:
        known = rekeyed(catalog, self.store.load(), files)
        state = known.state
        options = DiffOptions(manner.retry_failed, manner.replace, destroy=manner.destroy)
        plan_of = partial(
            plan, catalog, state=state, files=files, api_url="fake", polls=Polls(), options=options,
            selection=manner.selection,
        )  # fmt: skip
        refresh = Refresh.FULL if manner.full else Refresh.AUTO
        how = Observation(refresh, workers=2, now=self.remote.now, floor=self.floor)
        read = emptied(catalog) if manner.destroy else catalog
        if manner.trusting:
            snapshot = await read_what_changes(self.remote, read, state, plan_of, how)
        else:
            snapshot = await observe(self.remote, read, state, how)
        made = following(plan_of(snapshot), known)
        learned = timed(made.learned, snapshot)
        return replace(made, learned=learned, confirmed=confirmed(state, snapshot, learned))

    def run(self, manner: Manner) -> Schedule | None:
        """Plan and apply. None when it was cut off, could not be planned, or a guard refused it."""
        catalog = self.catalog()
        files = self.files(catalog)
        self.remote.files = {path: facts.sha256 for path, facts in files.items()}
        try:
            made = asyncio.run(self._planned(catalog, files, manner))
        except CatalogSyncError:
            return None
        allowed = frozenset(GUARDS) - (frozenset() if manner.unprotected else {"protected"})
        if self._resolve_conflicts(made) or objections(made, catalog, GuardOptions(allowed=allowed)):
            return None
        return self._apply(made, catalog, files, manner)

    def _apply(self, made: Plan, catalog: Catalog, files: dict[str, FileFacts], manner: Manner) -> Schedule | None:
        self.plans.append(made)
        self.guarded = {} if manner.destroy else self._answered()
        timing = WaitTiming(0.0, 0.0, PATIENCE, manner.wait, frugal=False)
        ticks = itertools.count()
        inner = Shop(
            self.remote, catalog, files, self.store, timing=timing, clock=lambda: next(ticks) / 1000, floor=self.floor
        )
        inner._ids = iter(f"i{len(self.plans)}-{n}" for n in range(10_000))
        journal = MortalJournal(self.store, manner.dies_at, manner.dies_after)
        try:
            return asyncio.run(inner.apply(replace(made, learned=(*made.learned, *made.confirmed)), journal))
        except (Killed, CatalogSyncError):
            return None
        finally:
            self.guarded = {}

    def _resolve_conflicts(self, made: Plan) -> bool:
        """Take the entries out that can't be applied. True when there were some; each must name two products."""
        conflicts = {change.address for change in made.changes if isinstance(change, Conflict)}
        self.rows = [row for row in self.rows if product_address(row.address_key) not in conflicts]
        return bool(conflicts)

    def bound(self, key: str) -> set[str]:
        """Unicodes of all that stands, or is about to stand, for a key."""
        products = self.store.load().products
        addresses = (product_address(key), replacement_address(key), retired_address(key))
        return {products[address].unicode for address in addresses if address in products}

    def holds_nothing_wanted(self, row: Row) -> bool:
        """Whether what stands for a row may be left alone: no other row waits for its identifiers."""
        wanted = {value for other in self.rows for value in (other.sku_id, other.gtin)}
        held = [self.remote.held[unicode].product for unicode in self.bound(row.address_key)]
        busy = any(key_of(intent.address) == row.address_key for intent in self.store.load().intents)
        return not busy and not wanted & {value for one in held for value in (one.sku_id, one.gtin)}

    def _answered(self) -> dict[str, Row]:
        """Rows whose own product answers to their sku_id, whole."""
        products = self.store.load().products
        found = {}
        for row in self.rows:
            binding = products.get(product_address(row.address_key))
            held = self.remote.held.get(binding.unicode) if binding else None
            if held and held.product.sku_id == row.sku_id and self.remote.is_complete(held, row.outputs):
                found[row.sku_id] = row
        return found

    def _watch(self, operation: str) -> None:
        """After each call: what was whole is answered by a whole product, or one is being handed its identifiers."""
        for sku_id, row in self.guarded.items():
            live = self.remote.live(sku_id)
            if live and not self.remote.is_complete(live[0], row.outputs):
                self.remote.wrong.append(f"{sku_id} is answered by an incomplete product after {operation}")
            if not live and not any(
                self.remote.is_complete(self.remote.held[unicode], row.outputs)
                for unicode in self.bound(row.address_key)
            ):
                self.remote.wrong.append(f"nothing complete is left of {sku_id} after {operation}")

    def lose_state(self) -> None:
        """What is on the remote is not known to be ours any more, nor from which files it was made.

        What no list shows, somebody has to release for us.
        """
        self.remote.settle()
        for unicode, held in self.remote.held.items():
            if not held.finished and not self.remote.list_unfinished:
                self.remote.change(unicode, sku_id="", gtin="")
                held.deleted = True
        self.lax |= set(self.remote.held)
        self.remote.latest.clear()
        self.store = MemoryStore()

    def rebuild(self) -> None:
        """What `state rebuild` does with an empty state."""
        catalog = self.catalog()
        made = asyncio.run(self._planned(catalog, self.files(catalog), Manner()))
        self.store.commit_now(*rebuilding._writes(Planned(made, ())))

    def sweep(self, dies_at: int | None) -> None:
        """What `state sweep --unmanaged` does."""
        catalog, state = self.catalog(), self.store.load()
        files = self.files(catalog)
        strays = candidates(catalog, state, [held.product for held in self.remote.held.values() if not held.deleted])
        part, known = concerned(catalog, state, strays)
        snapshot = with_strays(asyncio.run(observe(self.remote, part, known, Observation(now=lambda: NOON))), strays)
        made = plan(part, snapshot, known, files, api_url="fake", polls=Polls(), options=DiffOptions())
        found = leftovers(made, snapshot, known, proven(strays, part, files), frozenset())
        self._apply(sweep_plan(made, found, len(state.products)), catalog, files, Manner(dies_at=dies_at))

    def settle(self) -> None:
        """Calm runs until nothing is left to do, then all is as wanted and a second plan is empty."""
        self.remote.calm()
        anew: frozenset[str] = frozenset()
        for _ in range(8):
            done = self.run(Manner(retry_failed=True, unprotected=True, replace=anew))
            if done is not None and not done.changes and not self._give_other_files():
                break
            anew = self._unfinished(done)
            self.remote.settle()
        else:
            raise AssertionError(self._why(done))
        self.hold()

    def _give_other_files(self) -> bool:
        """What the plan says to do about replacements that can't be completed. True when there were some."""
        hopeless = {n.address for n in self.plans[-1].notices if "replacement could not be completed" in n.text}
        stuck = [row for row in self.rows if product_address(row.address_key) in hopeless]
        for row in stuck:
            row.version += 1
        return bool(stuck)

    def _unfinished(self, done: Schedule | None) -> frozenset[str]:
        """What was adopted and turns out to be without its files: only the user can know, and has it made anew."""
        refused = [] if done is None else [i for i, e in done.errors.items() if "Not finished" in str(e)]
        addresses = {product_address(key_of(done.changes[i].address)) for i in refused} if done else set()
        known = self.store.load().products
        return frozenset(one for one in addresses if one in known and known[one].unicode in self.lax)

    def _why(self, done: Schedule | None) -> str:
        if done is None:
            return f"no run came to its end: {self.plans[-1].changes}"
        return f"not settled: {[(str(done.changes[i]), o, done.errors.get(i)) for i, o in done.outcomes.items()]}"

    def hold(self) -> None:
        """Everything is as the manifest wants it."""
        assert not self.remote.wrong, self.remote.wrong
        for row in self.rows:
            self._hold_row(row)
        skus = {row.sku_id for row in self.rows}
        left = [h.product for u, h in self.remote.held.items() if not h.deleted and u in self.remote.made - self.lax]
        orphans = [product for product in left if product.sku_id not in skus]
        assert not orphans, orphans
        # The images of a render that nobody wants any more are told from others' by its unanswered call.
        wanted = {render.address for render in self.catalog().renders}
        open_calls = [i for i in self.store.load().intents if i.step != "submit-render" or i.address in wanted]
        assert not open_calls, open_calls
        kinds = {kind_of(address) for address in self.store.load().products}
        assert kinds <= {PRODUCT}, kinds
        before, writes = self.remote.credits.spent, self.remote.writes
        again = self.run(Manner(unprotected=True))
        assert again is not None
        assert not again.changes, again.changes
        assert self.remote.writes == writes
        assert self.remote.credits.spent - before == self.plans[-1].spent

    def _hold_row(self, row: Row) -> None:
        (held,) = self.remote.live(row.sku_id)
        assert (held.product.gtin, held.product.name) == (row.gtin, row.name)
        binding = self.store.load().products[product_address(row.address_key)]
        assert binding.unicode == held.product.unicode
        for name in row.outputs:
            job = self.remote.jobs[binding.unicode, name]
            assert job.fate in {Progress.DONE, Progress.DISABLED}, (row, job)
        if binding.unicode in self.lax or binding.unicode not in self.remote.made:
            return
        assert held.finished
        assert held.objects["model"] == f"{row.file}-{row.version}"
        assert binding.protect == row.protect
        if SILO in row.outputs and self.remote.jobs[binding.unicode, SILO].fate is Progress.DONE:
            assert held.archived == ({0} if row.archive else set())
        content = self.store.load().contents.get(content_address(row.address_key))
        assert set(row.outputs) <= (set(content.outputs) if content else set())
